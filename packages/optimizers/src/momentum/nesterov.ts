import { boolean, type Capability, type Infer, number, type Optimizer, options, parseOptions, part } from '@lowland/core';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { euclidean, type Geometry, limitsOf } from '../gradient-descent/geometry.ts';
import { geometries } from '../gradient-descent/gradient-descent.ts';
import { nesterovStepper } from './nesterov-stepper.ts';

const numbers = {
  step: number({ above: 0, default: 0.1, summary: 'The step s; at most 1 / L.' }),
  momentum: number({ min: 0, below: 1, summary: 'beta; else (t - 1) / t+ with t+ = (1 + sqrt(1 + 4 t^2)) / 2 from t = 1.' }),
  restart: boolean({ default: true, summary: 'Forget the momentum where it leads uphill; one read a step.' }),
};
const numberSchema = options(numbers);
const schema = options({ ...numbers, geometry: part(geometries, { default: 'euclidean', summary: 'Which gradient is steepest.' }) });

export interface NesterovOptions<G extends Capability = never> extends Partial<Infer<typeof numberSchema>> {
  /** Default `euclidean`. */
  readonly geometry?: Geometry<G>;
}

/**
 * Accelerated gradient method (Nesterov 1983) with adaptive restart by the gradient scheme (O'Donoghue and Candès 2012,
 * arXiv:1204.3982):
 *
 *     x+ = y - s grad f(y),   y+ = x+ + beta (x+ - x),   beta = 0 once where <grad f(y), x+ - x> > 0.
 *
 * beta grows with the sequence of t, or is constant: (sqrt L - sqrt mu) / (sqrt L + sqrt mu) where curvatures lie in [mu, L] is best,
 * with a rate of 1 - sqrt(mu / L) for s = 1 / L. Restarts find about that rate without knowing mu.
 *
 * In a geometry: its gradient, steps along its retraction, displacements carried by its transport.
 *
 * The points of the run are the extrapolated ones, y, so that value and gradient of a step are those of its point. Values may rise
 * on the way. One read a step, none without restart. Starts of zero gradient are left alone, saddles included.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function nesterov<G extends Capability = never>({ geometry: chosen, ...given }: NesterovOptions<G> = {}): Optimizer<'valueAndGradient' | G> {
  const settings = parseOptions(numberSchema, given, 'optimizer "nesterov"');
  const { step, momentum, restart } = settings;
  const geometry = chosen ?? euclidean();
  return {
    id: 'nesterov',
    requires: ['valueAndGradient', ...geometry.requires],
    options: { ...settings, geometry: { id: geometry.id, options: geometry.options } },
    ...limitsOf(geometry),
    claims: ['deterministic'],
    readsPerStep: (restart ? 1 : 0) + geometry.readsPerStep,
    start: (context) => nesterovStepper(context, geometry.start(context), { step, momentum, restart }),
  };
}

export const nesterovDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'nesterov',
  summary: 'Accelerated gradient method with adaptive restart.',
  whenToUse: 'For ill-conditioned valleys with a step that is known, and on devices where each read costs.',
  formula: 'x+ = y - s grad f(y), y+ = x+ + beta (x+ - x)',
  reference: "Nesterov 1983; O'Donoghue and Candès 2012, arXiv:1204.3982",
  requires: ['valueAndGradient'],
  options: schema,
  create: ({ geometry, ...given }) => nesterov<Capability>({ ...given, geometry: createPart<Geometry<Capability>>(geometries, geometry) }),
};
