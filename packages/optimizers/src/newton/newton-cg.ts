import { type Infer, integer, number, type Optimizer, options, parseOptions } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { lineSearchNewton } from './line-search-newton.ts';

/** The options of methods that search along an inexact Newton direction. */
export const lineSearchNewtonSchema = options({
  kappa: number({ above: 0, below: 1, default: 0.5, summary: 'Inner iterations stop at |H s + g| <= |g| min(kappa, sqrt(|g| / |g|_max)).' }),
  maxInner: integer({ min: 1, summary: 'Most inner iterations; else the number of variables.' }),
  decrease: number({ above: 0, below: 0.5, default: 1e-4, summary: 'c1 of the strong Wolfe conditions.' }),
  curvature: number({ above: 0, below: 1, default: 0.9, summary: 'c2 of the strong Wolfe conditions.' }),
});
type Settings = Infer<typeof lineSearchNewtonSchema>;
export type NewtonCgOptions = Partial<Settings>;

/**
 * Inexact Newton method with a line search (Dembo, Eisenstat and Steihaug 1982, doi:10.1137/0719025; Nocedal and Wright 2006,
 * algorithm 7.1): x+ = x + t s, Hess f(x) s about -grad f(x) by conjugate gradients that stop where the curvature is not positive,
 * t by a strong Wolfe search from 1. Superlinear where the Hessian is definite off the symmetry orbit. No step depends on the
 * unit of the data.
 *
 * Two reads and a Hessian-vector product an inner iteration; two reads a step, and one a trial. Ends `stalled` by `precision-floor`
 * or `line-search`. Starts of zero gradient are left alone, saddles included.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function newtonCg(given: NewtonCgOptions = {}): Optimizer<'valueAndGradient' | 'hessianVectorProduct'> {
  const settings = parseOptions(lineSearchNewtonSchema, given, 'optimizer "newton-cg"');
  return {
    id: 'newton-cg',
    requires: ['valueAndGradient', 'hessianVectorProduct'],
    options: { ...settings },
    claims: ['monotone', 'deterministic'],
    readsPerStep: 5,
    start: (context) => lineSearchNewton(context, context.problem.hessianVectorProduct, settings),
  };
}

export const newtonCgDefinition: OptimizerDefinition<Settings, 'valueAndGradient' | 'hessianVectorProduct'> = {
  apiVersion: 1,
  id: 'newton-cg',
  summary: 'Newton steps by conjugate gradients with a line search.',
  whenToUse: 'For smooth problems near a minimum, when trust regions seem too careful.',
  formula: 'x+ = x + t s, Hess f(x) s about -grad f(x)',
  reference: 'Dembo, Eisenstat and Steihaug 1982, doi:10.1137/0719025; Nocedal and Wright 2006, algorithm 7.1',
  requires: ['valueAndGradient', 'hessianVectorProduct'],
  options: lineSearchNewtonSchema,
  create: newtonCg,
};
