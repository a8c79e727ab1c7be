import { type Capability, choice, type Infer, integer, LowlandError, type Optimizer, options, parseOptions, part, type State } from '@lowland/core';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { geometries } from '../gradient-descent/gradient-descent.ts';
import { euclidean, type Geometry, limitsOf } from '../gradient-descent/geometry.ts';
import { epochBatches, independentBatches } from './batches.ts';
import { constant, constantDefinition, epochWiseDefinition, geometricDefinition, inverseTimeDefinition, type Schedule } from './schedules.ts';

export const schedules = [constantDefinition, inverseTimeDefinition, geometricDefinition, epochWiseDefinition] as const;

const numbers = {
  batch: integer({ min: 1, default: 32, summary: 'Samples an iteration; at most all there are.' }),
  sampling: choice(['independent', 'epochs'], { default: 'independent', summary: 'independent: uniform with repetition; epochs: every sample once in each pass, in random order.' }),
};
const numberSchema = options(numbers);
const schema = options({
  ...numbers,
  schedule: part(schedules, { default: 'constant', summary: 'How the steps shrink.' }),
  geometry: part(geometries, { default: 'euclidean', summary: 'Which gradient is steepest.' }),
});

export interface StochasticGradientDescentOptions<G extends Capability = never> extends Partial<Infer<typeof numberSchema>> {
  /** `constant` (default, 0.1), `inverseTime`, `geometric` or `epochWise`. */
  readonly schedule?: Schedule;
  /** `euclidean` (default), `scaled` of fixed damping or `ownGeometry`. */
  readonly geometry?: Geometry<G>;
}

interface StochasticState extends State {
  /** Steps so far: the index of the streams of the next batch. */
  steps: number;
}

/**
 * Minibatch stochastic gradient descent (Robbins and Monro 1951):
 *
 *     x+ = retract(x, -eta_t g_B(x)),   g_B = 1/|B| sum over k in B of grad f_k(x),   f = 1/m sum of f_k,
 *
 * B a batch of entries or measurements, drawn from streams of the run: (seed, `batch`, t), or (seed, `epoch`, number). With independent batches
 * E g_B = grad f. A step costs |B| / m of a gradient where the host reaches the numbers of the device, else a whole one, and the plan shows
 * which. With a constant step the value ends O(step) above the least, unless all samples fit exactly there: then it converges as a gradient
 * method does.
 *
 * It knows neither value nor gradient of f: what observes it evaluates both, so look every so many iterations (`every`, and a rule without
 * tolerances). No reads.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds, or for a geometry that needs values
 */
export function stochasticGradientDescent<G extends Capability = never>(
  { schedule = constant(), geometry: chosen, ...given }: StochasticGradientDescentOptions<G> = {},
): Optimizer<'stochasticGradient' | G> {
  const { batch, sampling } = parseOptions(numberSchema, given, 'optimizer "sgd"');
  const geometry = chosen ?? euclidean();
  if (geometry.readsPerStep > 0) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The geometry "${geometry.id}" with these options is damped by the value of f, which stochastic gradients do not give. Give a fixed damping (adaptive 0).`);
  }
  return {
    id: 'sgd',
    requires: ['stochasticGradient', ...geometry.requires],
    options: { batch, sampling, schedule: { id: schedule.id, options: schedule.options }, geometry: { id: geometry.id, options: geometry.options } },
    ...limitsOf(geometry),
    claims: [],
    readsPerStep: 0,
    start(context) {
      const { samples, gradient } = context.problem.stochasticGradient;
      const size = Math.min(batch, samples);
      const batches = (sampling === 'epochs' ? epochBatches : independentBatches)(context.random, samples, size);
      const perEpoch = Math.ceil(samples / size);
      const { gradient: steepest, retract } = geometry.start(context);
      const state: StochasticState = { point: context.state(), steps: 0 };
      const sampled = context.scratch();
      return {
        state,
        step() {
          const t = state.steps++;
          gradient(state.point, batches(t), sampled);
          retract(state.point, -schedule.at(t, Math.floor(t / perEpoch)), steepest(state.point, sampled), state.point);
        },
      };
    },
  };
}

export const stochasticGradientDescentDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'sgd',
  summary: 'Gradient descent by batches of entries or measurements, with a schedule of steps.',
  whenToUse: 'When one pass over the data costs much, or to study gradient noise. Else a whole gradient with a line search is faster to any accuracy.',
  formula: 'x+ = x - eta_t / |B| sum over B of grad f_k(x)',
  reference: 'Robbins and Monro 1951',
  requires: ['stochasticGradient'],
  options: schema,
  create: ({ schedule, geometry, ...given }) =>
    stochasticGradientDescent<Capability>({ ...given, schedule: createPart<Schedule>(schedules, schedule), geometry: createPart<Geometry<Capability>>(geometries, geometry) }),
};
