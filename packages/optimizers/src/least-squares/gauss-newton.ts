import { type Infer, type Optimizer, parseOptions } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { lineSearchNewton } from '../newton/line-search-newton.ts';
import { lineSearchNewtonSchema } from '../newton/newton-cg.ts';
import { normalProduct } from './normal-product.ts';

type Settings = Infer<typeof lineSearchNewtonSchema>;
export type GaussNewtonOptions = Partial<Settings>;

/**
 * Gauss and Newton's method for f = 1/2 |r(x)|^2 with a line search: x+ = x + t s, J^T J s about -grad f(x) by conjugate gradients,
 * so s is about the least solution of min |J s + r|; t by a strong Wolfe search from 1 (Nocedal and Wright 2006, section 10.3).
 * Like Newton's method where residuals are small at the end; s always descends. J has no full rank on factored problems:
 * conjugate gradients keep s orthogonal to the orbit.
 *
 * The gradient is that of f itself, penalties outside of the residual included; H lacks their curvature then.
 *
 * Two reads, one `jvp` and one `vjp` an inner iteration; two reads a step, and one a trial. Ends `stalled` by `precision-floor` or
 * `line-search`. Starts of zero gradient are left alone, saddles included.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function gaussNewton(given: GaussNewtonOptions = {}): Optimizer<'valueAndGradient' | 'residual'> {
  const settings = parseOptions(lineSearchNewtonSchema, given, 'optimizer "gauss-newton"');
  return {
    id: 'gauss-newton',
    requires: ['valueAndGradient', 'residual'],
    options: { ...settings },
    claims: ['monotone', 'deterministic'],
    readsPerStep: 5,
    start: (context) => lineSearchNewton(context, normalProduct(context), settings),
  };
}

export const gaussNewtonDefinition: OptimizerDefinition<Settings, 'valueAndGradient' | 'residual'> = {
  apiVersion: 1,
  id: 'gauss-newton',
  summary: 'Least squares of the linearised residual, with a line search.',
  whenToUse: 'For residuals that are small at the solution, as in phase retrieval and networks: Newton-like steps without second derivatives.',
  formula: 'x+ = x + t s, s about argmin |J(x) s + r(x)|',
  reference: 'Gauss 1809; Nocedal and Wright 2006, section 10.3',
  requires: ['valueAndGradient', 'residual'],
  options: lineSearchNewtonSchema,
  create: gaussNewton,
};
