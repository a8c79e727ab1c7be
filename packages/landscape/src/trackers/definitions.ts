import { type Capability, type Definition, integer, options, type Tracker } from '@lowland/core';

import { conserved, driftLaw } from '../dynamics/conservation.ts';
import { factorRank, regionVisited } from '../dynamics/orbits.ts';
import { twoPhase } from '../dynamics/two-phase.ts';
import { alignment, balancedness, distance, effectiveRank, sharpness, singularValues } from './trackers.ts';

const none = options({});
const sharpnessOptions = options({ steps: integer({ min: 1, default: 20, summary: 'Hessian-vector products an observation, at most.' }) });

/* eslint-disable @typescript-eslint/no-explicit-any -- definitions of every option type and requirement */
type AnyTrackerDefinition = Definition<any, Tracker<any, unknown>>;

const define = (id: string, summary: string, formula: string, requires: readonly Capability[], whenToUse: string, create: () => Tracker<any, unknown>): AnyTrackerDefinition => ({
  apiVersion: 1,
  id,
  summary,
  formula,
  whenToUse,
  requires,
  options: none,
  create,
});
/* eslint-enable @typescript-eslint/no-explicit-any */

export const trackerDefinitions: readonly AnyTrackerDefinition[] = [
  define('singular-values', 'The singular values of the product of the factors.', 'sigma(U V^T)', ['factors'], 'To see components being learnt one after another.', singularValues),
  define('effective-rank', 'How many singular values count.', 'exp(-sum p_i log p_i), p = sigma / sum sigma', ['factors'], 'To see the rank that a run favours, whatever the number of columns.', effectiveRank),
  define('balancedness', 'How unequal the two factors are.', '|U^T U - V^T V|_F', ['factors'], 'To see the drift that finite steps cause.', balancedness),
  define('distance', 'Distance of the recovered matrix to the planted one.', '|X - X*|_F', ['truth'], 'On planted problems, to see recovery itself rather than the value.', distance),
  define('alignment', 'Angles of the column space to that of the target.', 'sin of the principal angles', ['factors', 'target'], 'To see when a run has found the right space, before it has the sizes.', alignment),
  define('drift-law', 'The exact law by which gradient steps change the balance, as a residual.', 'Delta+ = Delta + eta^2 (G_U^T G_U - G_V^T G_V), Delta = U^T U - V^T V', ['factors', 'gradient'], 'To check that a run is gradient descent on a function of U V^T alone, and where its imbalance comes from.', driftLaw),
  define('conserved', 'What gradient flow conserves: how unequal neighbouring layers are, and how that drifts.', 'W_{j+1}^T W_{j+1} - W_j W_j^T', [], 'On linear networks and two factors, to see how far finite steps are from the flow.', conserved),
  define('factor-rank', 'The rank of the factors and the angle of their row space to that at the start.', 'rank [U; V], sin angle(row(t), row(0))', ['factors'], 'From starts of lower rank: the run stays in their row space.', factorRank),
  define('region', 'The region R1, R2, R3 of the partition that a run is in.', 'the analysis regions along the run', ['value', 'factors', 'target'], 'To see a run leave the saddles, cross the slope and enter the bowl.', regionVisited),
  define('two-phase', 'The two phases from a small start: symmetrised blocks, their recursions as residuals, bounds as pass or fail.', 'A = (U + V)/2, B = (U - V)/2, P = S - A A^T + B B^T, Q = A B^T - B A^T', ['factors', 'target', 'gradient'], 'On asymmetric factorisations of exact rank without a balancing term, observed at each iteration.', twoPhase),
  {
    apiVersion: 1,
    id: 'sharpness',
    summary: 'The largest eigenvalue of the Hessian.',
    formula: 'lambda_max(Hess f(x)), against 2 / eta',
    whenToUse: 'To see whether steps are near their limit of stability.',
    requires: ['hessianVectorProduct'],
    options: sharpnessOptions,
    create: sharpness,
  } satisfies Definition<{ readonly steps: number }, Tracker<'hessianVectorProduct', number>>,
];
