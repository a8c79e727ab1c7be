import { type Capability, type Definition, integer, options, type Tracker } from '@lowland/core';

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
