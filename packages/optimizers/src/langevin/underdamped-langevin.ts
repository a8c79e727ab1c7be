import { type Infer, number, type Optimizer, options, parseOptions, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState } from '../first-order.ts';
import { drawnBy, noiseKernels, noiseOption } from './noise.ts';
import { ornsteinUhlenbeck } from './ornstein-uhlenbeck.ts';

const schema = options({
  step: number({ above: 0, default: 0.1, summary: 'The time step eta.' }),
  friction: number({ above: 0, default: 2, summary: 'gamma; 2 sqrt(m) is best where the least curvature is m.' }),
  temperature: number({ min: 0, default: 1, summary: '1 / beta; 0 is a damped oscillator.' }),
  noise: noiseOption,
});
type Settings = Infer<typeof schema>;
export type UnderdampedLangevinOptions = Partial<Settings>;

interface UnderdampedState extends FirstOrderState {
  velocity: Vec;
  /** Steps so far: the index of the stream of the next noise. */
  steps: number;
}

/**
 * Underdamped Langevin dynamics dv = -gamma v dt - grad f(x) dt + sqrt(2 gamma / beta) dW, dx = v dt, by the integrator that is exact but
 * for the gradient, which is that of the start of the step (Cheng, Chatterji, Bartlett and Jordan 2018, arXiv:1707.03663):
 *
 *     v+ = psi0 v - psi1 grad f(x) + xi,   x+ = x + psi1 v - psi2 grad f(x) + xi',
 *
 * (xi, xi') normal with the covariance of `ornsteinUhlenbeck`, or made of numbers by the lattice rule, v = 0 at the start. The law of x tends to the density exp(-beta f), up to
 * O(eta). On a quadratic with least curvature m the best friction, 2 sqrt(m), gives the rate sqrt(m), where overdamped dynamics has m.
 *
 * It samples: nothing but the stopping rules of the run ends it, and no gradient tolerance is among the default ones. Stream
 * (seed, `underdamped-langevin`, step). No reads.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function underdampedLangevin(given: UnderdampedLangevinOptions = {}): Optimizer<'valueAndGradient'> {
  const { step, friction, temperature, noise: rule } = parseOptions(schema, given, 'optimizer "underdamped-langevin"');
  const { psi0, psi1, psi2, c00, c01, c11 } = ornsteinUhlenbeck(friction, step);
  const spread = Math.sqrt(2 * friction * temperature);
  // the Cholesky factor of the covariance
  const ofVelocity = spread * Math.sqrt(c00);
  const common = (spread * c01) / Math.sqrt(c00);
  const own = spread * Math.sqrt(c11 - (c01 * c01) / c00);
  return {
    id: 'underdamped-langevin',
    requires: ['valueAndGradient'],
    options: { step, friction, temperature, noise: rule },
    claims: temperature > 0 ? ['escapesSaddles'] : ['deterministic'],
    ensemble: { method: 'underdamped-langevin', parameters: [psi0, psi1, psi2, ofVelocity, common, own], noise: rule },
    ...noiseKernels(rule),
    readsPerStep: 0,
    start(context) {
      const { device } = context;
      const { axpy, scal } = device.kernels;
      const draw = drawnBy(device, rule);
      const { state: slots, evaluate } = firstOrder(context);
      const { point, gradient } = slots;
      const n = point.length;
      const velocity = context.state();
      const state: UnderdampedState = Object.assign(slots, { velocity, steps: 0 });
      const noise = context.scratch(2 * n);
      const [first, second] = [device.view(noise, 0, n), device.view(noise, n, n)];

      return {
        state,
        init: evaluate,
        step() {
          draw(context.random('underdamped-langevin', state.steps++), noise);
          axpy(psi1, velocity, point);
          axpy(-psi2, gradient, point);
          axpy(common, first, point);
          axpy(own, second, point);
          scal(psi0, velocity);
          axpy(-psi1, gradient, velocity);
          axpy(ofVelocity, first, velocity);
          evaluate();
        },
      };
    },
  };
}

export const underdampedLangevinDefinition: OptimizerDefinition<Settings, 'valueAndGradient'> = {
  apiVersion: 1,
  id: 'underdamped-langevin',
  summary: 'A particle with inertia, friction and noise that samples exp(-beta f).',
  whenToUse: 'As Langevin dynamics, where inertia helps: weak friction on flat or ill-conditioned terrain.',
  formula: "v+ = psi0 v - psi1 grad f(x) + xi, x+ = x + psi1 v - psi2 grad f(x) + xi'",
  reference: 'Cheng, Chatterji, Bartlett and Jordan 2018, arXiv:1707.03663; Gao, Gürbüzbalaban and Zhu 2018, arXiv:1812.07725',
  requires: ['valueAndGradient'],
  options: schema,
  create: underdampedLangevin,
};
