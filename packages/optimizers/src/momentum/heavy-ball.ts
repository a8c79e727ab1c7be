import { type Capability, type Infer, number, type Optimizer, options, parseOptions, part, type Vec } from '@lowland/core';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState } from '../first-order.ts';
import { euclidean, type Geometry, limitsOf } from '../gradient-descent/geometry.ts';
import { geometries } from '../gradient-descent/gradient-descent.ts';
import { createMove } from './move.ts';

const numbers = {
  step: number({ above: 0, default: 0.1, summary: 'The step t.' }),
  momentum: number({ min: 0, below: 1, default: 0.9, summary: 'beta, the part of the last displacement that is kept.' }),
};
const numberSchema = options(numbers);
const schema = options({ ...numbers, geometry: part(geometries, { default: 'euclidean', summary: 'Which gradient is steepest.' }) });

export interface HeavyBallOptions<G extends Capability = never> extends Partial<Infer<typeof numberSchema>> {
  /** Default `euclidean`. */
  readonly geometry?: Geometry<G>;
}

interface HeavyBallState extends FirstOrderState {
  /** The last displacement, at the point. */
  velocity: Vec;
}

/**
 * Heavy ball (Polyak 1964, doi:10.1016/0041-5553(64)90137-5):
 *
 *     v+ = beta v - t grad f(x),   x+ = x + v+,   v = 0 at the start,
 *
 * in a geometry with its gradient, along its retraction, v carried by its transport. With beta = 0 it is gradient descent. Steps
 * below 2 (1 + beta) / L are stable in a valley with curvatures in [mu, L]; t = 4 / (sqrt L + sqrt mu)^2 and
 * beta = ((sqrt L - sqrt mu) / (sqrt L + sqrt mu))^2 are best there, with a rate of sqrt beta. Values may rise on the way.
 *
 * No reads, so it keeps any device busy. Starts of zero gradient are left alone, saddles included.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function heavyBall<G extends Capability = never>({ geometry: chosen, ...given }: HeavyBallOptions<G> = {}): Optimizer<'valueAndGradient' | G> {
  const { step, momentum } = parseOptions(numberSchema, given, 'optimizer "heavy-ball"');
  const geometry = chosen ?? euclidean();
  return {
    id: 'heavy-ball',
    requires: ['valueAndGradient', ...geometry.requires],
    options: { step, momentum, geometry: { id: geometry.id, options: geometry.options } },
    ...limitsOf(geometry),
    claims: ['deterministic'],
    readsPerStep: geometry.readsPerStep,
    start(context) {
      const { axpy, scal } = context.device.kernels;
      const bound = geometry.start(context);
      const { state: slots, evaluate } = firstOrder(context);
      const { point, gradient, value } = slots;
      const velocity = context.state();
      const state: HeavyBallState = Object.assign(slots, { velocity });
      const move = createMove(context, bound, point);

      const { refresh } = bound;

      const swing = () => {
        scal(momentum, velocity);
        axpy(-step, bound.gradient(point, gradient), velocity);
        move(velocity, velocity);
        evaluate();
      };
      const swingAfterRefresh = async () => {
        await refresh?.(value);
        swing();
      };
      return { state, init: evaluate, step: refresh === undefined ? swing : swingAfterRefresh };
    },
  };
}

export const heavyBallDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'heavy-ball',
  summary: 'Gradient descent that keeps a part of its last displacement.',
  whenToUse: 'To study momentum, and on quadratics with known curvatures; without reads.',
  formula: 'v+ = beta v - t grad f(x), x+ = x + v+',
  reference: 'Polyak 1964, doi:10.1016/0041-5553(64)90137-5',
  requires: ['valueAndGradient'],
  options: schema,
  create: ({ geometry, ...given }) => heavyBall<Capability>({ ...given, geometry: createPart<Geometry<Capability>>(geometries, geometry) }),
};
