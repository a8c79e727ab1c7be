/**
 * How steps shrink: parts that give the step of an iteration. Powers are products, so that every engine has the same bits.
 *
 * With a constant step stochastic descent comes to within O(step) of the least value and stays there; to converge the steps must go to zero,
 * their sum not (Robbins and Monro 1951).
 */
import { type Definition, type Infer, integer, number, options, parseOptions, type Part } from '@lowland/core';

export interface Schedule extends Part<never> {
  readonly options: Readonly<Record<string, unknown>>;
  /** The step of iteration t = 0, 1, … in the given epoch, the number of full passes over the samples before it. */
  at(t: number, epoch: number): number;
}

const step = number({ above: 0, default: 0.1, summary: 'The first step.' });

/** base^exponent for an integer exponent from 0 on, by squaring. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let [square, rest] = [base, exponent]; rest > 0; rest = Math.floor(rest / 2), square *= square) if (rest % 2 === 1) result *= square;
  return result;
}

const constantSchema = options({ step });

/** eta_t = step */
export function constant(given: Partial<Infer<typeof constantSchema>> = {}): Schedule {
  const settings = parseOptions(constantSchema, given, 'schedule "constant"');
  return { id: 'constant', requires: [], options: { ...settings }, at: () => settings.step };
}

const inverseTimeSchema = options({ step, delay: number({ above: 0, default: 100, summary: 'Iterations after which the step is half the first.' }) });

/** eta_t = step / (1 + t / delay): the 1/t rule, which reaches error O(1/t) on strongly convex functions for step delay > 1 / (least curvature). */
export function inverseTime(given: Partial<Infer<typeof inverseTimeSchema>> = {}): Schedule {
  const settings = parseOptions(inverseTimeSchema, given, 'schedule "inverse-time"');
  return { id: 'inverse-time', requires: [], options: { ...settings }, at: (t) => settings.step / (1 + t / settings.delay) };
}

const geometricSchema = options({ step, ratio: number({ above: 0, max: 1, default: 0.999, summary: 'From one iteration to the next.' }) });

/** eta_t = step ratio^t: the steps have a finite sum, so the start must be near. */
export function geometric(given: Partial<Infer<typeof geometricSchema>> = {}): Schedule {
  const settings = parseOptions(geometricSchema, given, 'schedule "geometric"');
  return { id: 'geometric', requires: [], options: { ...settings }, at: (t) => settings.step * power(settings.ratio, t) };
}

const epochWiseSchema = options({
  step,
  factor: number({ above: 0, max: 1, default: 0.5, summary: 'At the end of so many epochs.' }),
  every: integer({ min: 1, default: 10, summary: 'Epochs with one step.' }),
});

/** eta_t = step factor^floor(epoch / every): constant for some passes over the samples, then smaller. */
export function epochWise(given: Partial<Infer<typeof epochWiseSchema>> = {}): Schedule {
  const settings = parseOptions(epochWiseSchema, given, 'schedule "epoch-wise"');
  const { factor, every } = settings;
  return { id: 'epoch-wise', requires: [], options: { ...settings }, at: (_t, epoch) => settings.step * power(factor, Math.floor(epoch / every)) };
}

const shared = { apiVersion: 1, requires: [] } as const;

export const constantDefinition = {
  ...shared,
  id: 'constant',
  summary: 'The same step always.',
  whenToUse: 'To come near fast, and to study the noise: it stays at a distance of the order of the step.',
  formula: 'eta_t = step',
  options: constantSchema,
  create: constant,
} as const satisfies Definition<Infer<typeof constantSchema>, Schedule>;

export const inverseTimeDefinition = {
  ...shared,
  id: 'inverse-time',
  summary: 'Steps that fall as 1 / t.',
  whenToUse: 'To converge under noise that does not vanish at the solution.',
  formula: 'eta_t = step / (1 + t / delay)',
  reference: 'Robbins and Monro 1951',
  options: inverseTimeSchema,
  create: inverseTime,
} as const satisfies Definition<Infer<typeof inverseTimeSchema>, Schedule>;

export const geometricDefinition = {
  ...shared,
  id: 'geometric',
  summary: 'Steps that fall by the same ratio each iteration.',
  whenToUse: 'From a start that is near, to end in so many iterations.',
  formula: 'eta_t = step ratio^t',
  options: geometricSchema,
  create: geometric,
} as const satisfies Definition<Infer<typeof geometricSchema>, Schedule>;

export const epochWiseDefinition = {
  ...shared,
  id: 'epoch-wise',
  summary: 'A constant step that is made smaller after some passes over the samples.',
  whenToUse: 'When the number of passes is known: large steps first, small ones to settle.',
  formula: 'eta_t = step factor^floor(epoch / every)',
  options: epochWiseSchema,
  create: epochWise,
} as const satisfies Definition<Infer<typeof epochWiseSchema>, Schedule>;
