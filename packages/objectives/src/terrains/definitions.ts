import { integer, number, options, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { ackley } from './ackley.ts';
import { doubleWell } from './double-well.ts';
import { monkeySaddle } from './monkey-saddle.ts';
import { octopus } from './octopus.ts';
import { rosenbrock } from './rosenbrock.ts';
import { schwefel } from './schwefel.ts';

const everywhere = ['value', 'gradient', 'valueAndGradient', 'ensemble', 'hessianVectorProduct', 'truth'] as const;
const symmetric = [...everywhere, 'symmetry'] as const;
const dimension = integer({ min: 1, default: 2, summary: 'number of variables' });

const octopusOptions = options({
  dimension: integer({ min: 1, default: 5, summary: 'number of variables, and of saddles on the way' }),
  L: number({ above: 0, default: 1, summary: 'half the curvature of the stable directions' }),
  gamma: number({ above: 0, default: 1, summary: 'half the negative curvature of the saddles' }),
  tau: number({ above: 0, default: Math.E, summary: 'length scale' }),
});
export const octopusDefinition = {
  apiVersion: 1,
  id: 'octopus',
  summary: 'Test terrain: a chain of strict saddles that holds gradient descent exponentially long.',
  whenToUse: 'To see what saddles cost a method: plain gradient descent needs time exponential in the dimension, methods that leave saddles do not.',
  formula: 'sum_{j<i} (L(|x_j| - 4 tau)^2 - nu) - gamma x_i^2 + L sum_{j>i} x_j^2 near the i-th saddle, splines between',
  reference: 'Du, Jin, Lee, Jordan, Singh, Poczos 2017, arXiv:1705.10412',
  data: 'none',
  provides: symmetric,
  options: octopusOptions,
  create: octopus,
} as const satisfies ObjectiveDefinition<Infer<typeof octopusOptions>, 'none'>;

const doubleWellOptions = options({ dimension, stiffness: number({ above: 0, default: 1, summary: 'curvature k across the valley' }) });
export const doubleWellDefinition = {
  apiVersion: 1,
  id: 'double-well',
  summary: 'Test terrain: two minima and the saddle between them.',
  whenToUse: 'To watch two minima and the saddle between them, and to time how long noise takes across: exit times are known.',
  formula: '(x^2 - 1)^2/4 + (k/2)|y|^2',
  data: 'none',
  provides: symmetric,
  options: doubleWellOptions,
  create: doubleWell,
} as const satisfies ObjectiveDefinition<Infer<typeof doubleWellOptions>, 'none'>;

const rosenbrockOptions = options({
  dimension: integer({ min: 2, default: 2, summary: 'number of variables' }),
  steepness: number({ above: 0, default: 100, summary: 'how steep the sides of the valley are' }),
});
export const rosenbrockDefinition = {
  apiVersion: 1,
  id: 'rosenbrock',
  summary: 'Test terrain: a bent and narrow valley.',
  whenToUse: 'To compare methods along an ill-conditioned, curved valley, and least-squares methods, since it has a residual.',
  formula: 'sum_i b(x_{i+1} - x_i^2)^2 + (1 - x_i)^2',
  reference: 'Rosenbrock 1960, doi:10.1093/comjnl/3.3.175',
  data: 'none',
  provides: [...everywhere, 'residual'],
  options: rosenbrockOptions,
  create: rosenbrock,
} as const satisfies ObjectiveDefinition<Infer<typeof rosenbrockOptions>, 'none'>;

const noOptions = options({});
export const monkeySaddleDefinition = {
  apiVersion: 1,
  id: 'monkey-saddle',
  summary: 'Test terrain: a saddle whose Hessian vanishes.',
  whenToUse: 'To see what becomes of methods at a degenerate saddle. The value has no lower bound, so runs end as diverged or stalled.',
  formula: 'x^3 - 3 x y^2',
  data: 'none',
  provides: symmetric,
  options: noOptions,
  create: monkeySaddle,
} as const satisfies ObjectiveDefinition<object, 'none'>;

const dimensionOptions = options({ dimension });
export const ackleyDefinition = {
  apiVersion: 1,
  id: 'ackley',
  summary: 'Test terrain: many shallow minima around one deep one.',
  whenToUse: 'To see local methods stop in shallow minima, and noise carry others on.',
  formula: '20(1 - exp(-r/5)) + e - exp(mean cos(2 pi x_i)), r^2 = mean x_i^2',
  reference: 'Ackley 1987, A connectionist machine for genetic hillclimbing',
  data: 'none',
  provides: symmetric,
  options: dimensionOptions,
  create: ackley,
} as const satisfies ObjectiveDefinition<Infer<typeof dimensionOptions>, 'none'>;

export const schwefelDefinition = {
  apiVersion: 1,
  id: 'schwefel',
  summary: 'Test terrain: minima whose second best lies far from the best.',
  whenToUse: 'To see that the second best minimum says nothing of where the best one lies; bounded, infinite outside.',
  formula: 'sum_i 418.98… - x_i sin sqrt|x_i|, |x_i| <= 500',
  reference: 'Schwefel 1981, Numerical optimization of computer models',
  data: 'none',
  provides: symmetric,
  options: dimensionOptions,
  create: schwefel,
} as const satisfies ObjectiveDefinition<Infer<typeof dimensionOptions>, 'none'>;

export const terrainDefinitions = [octopusDefinition, doubleWellDefinition, rosenbrockDefinition, monkeySaddleDefinition, ackleyDefinition, schwefelDefinition] as const;
