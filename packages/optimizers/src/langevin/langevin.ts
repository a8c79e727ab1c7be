import { type Capability, type Infer, number, type Optimizer, options, parseOptions, part } from '@lowland/core';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState } from '../first-order.ts';
import { type AntisymmetricDrift, noDrift, noDriftDefinition, rotationDefinition } from './drift.ts';
import { drawnBy, noiseKernels, noiseOption } from './noise.ts';

export const drifts = [noDriftDefinition, rotationDefinition] as const;

const numbers = {
  step: number({ above: 0, default: 0.01, summary: 'The time step eta; stable below 2 / (largest curvature).' }),
  temperature: number({ min: 0, default: 1, summary: '1 / beta; 0 is gradient descent.' }),
  noise: noiseOption,
};
const numberSchema = options(numbers);
const schema = options({ ...numbers, drift: part(drifts, { default: 'none', summary: 'The antisymmetric J.' }) });

export interface LangevinOptions<D extends Capability = never> extends Partial<Infer<typeof numberSchema>> {
  /** Default `noDrift()`. */
  readonly drift?: AntisymmetricDrift<D>;
}

interface LangevinState extends FirstOrderState {
  /** Steps so far: the index of the stream of the next noise. */
  steps: number;
}

/**
 * Overdamped Langevin dynamics, reversible (J = 0) or not (Gao, Gürbüzbalaban and Zhu 2018, arXiv:1812.07725), by the
 * Euler-Maruyama scheme:
 *
 *     x+ = x - eta (I + J) grad f(x) + sqrt(2 eta / beta) xi,   J^T = -J,   xi standard normal, or by the lattice rule.
 *
 * In continuous time the law tends to the density exp(-beta f), whatever J is; steps of eta put it off by O(eta). On a quadratic
 * with Hessian H it does so at the rate min Re eig((I + J) H), which antisymmetric drifts raise from the least eigenvalue to at most
 * tr H / n. A larger J needs a smaller eta.
 *
 * It samples: nothing but the stopping rules of the run ends it, and no gradient tolerance is among the default ones. Stream
 * (seed, `langevin`, step). No reads. The metric is Euclidean: in others the law would need a divergence term. `solveEnsemble` moves many
 * particles at once, with a drift that is none or a rotation.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function langevin<D extends Capability = never>({ drift: chosen, ...given }: LangevinOptions<D> = {}): Optimizer<'valueAndGradient' | D> {
  const { step, temperature, noise: rule } = parseOptions(numberSchema, given, 'optimizer "langevin"');
  const drift = chosen ?? noDrift();
  return {
    id: 'langevin',
    requires: ['valueAndGradient', ...drift.requires],
    options: { step, temperature, noise: rule, drift: { id: drift.id, options: drift.options } },
    claims: temperature > 0 ? ['escapesSaddles'] : ['deterministic'],
    ...(drift.strength !== undefined && { ensemble: { method: 'langevin', parameters: [step, drift.strength, Math.sqrt(2 * step * temperature)], noise: rule } }),
    ...noiseKernels(rule),
    readsPerStep: 0,
    start(context) {
      const { axpy } = context.device.kernels;
      const draw = drawnBy(context.device, rule);
      const { state: slots, evaluate } = firstOrder(context);
      const { point, gradient } = slots;
      const state: LangevinState = Object.assign(slots, { steps: 0 });
      const turn = drift.start(context, gradient, point);
      const noise = context.scratch();
      const spread = Math.sqrt(2 * step * temperature);
      return {
        state,
        init: evaluate,
        step() {
          draw(context.random('langevin', state.steps++), noise);
          axpy(-step, gradient, point);
          turn(-step);
          axpy(spread, noise, point);
          evaluate();
        },
      };
    },
  };
}

export const langevinDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'langevin',
  summary: 'Gradient descent with noise that samples exp(-beta f); nonreversible with an antisymmetric drift.',
  whenToUse: 'To sample a Boltzmann law or to time how long noise takes to leave a basin; not to find a minimum to many digits.',
  formula: 'x+ = x - eta (I + J) grad f(x) + sqrt(2 eta / beta) xi',
  reference: 'Gao, Gürbüzbalaban and Zhu 2018, arXiv:1812.07725',
  requires: ['valueAndGradient'],
  options: schema,
  create: ({ drift, ...given }) => langevin<Capability>({ ...given, drift: createPart<AntisymmetricDrift<Capability>>(drifts, drift) }),
};
