import type { Capability, Optimizer } from '@lowland/core';

import { armijo } from './armijo.ts';
import { euclidean, type Geometry } from './geometry.ts';
import type { StepRule } from './step-rule.ts';

export interface GradientDescentOptions<S extends Capability = never, G extends Capability = never> {
  /** How far to walk: `fixed`, `armijo` (default) or `barzilaiBorwein`. */
  readonly step?: StepRule<S>;
  /** Which gradient: `euclidean` (default), `scaled` or `ownGeometry`. */
  readonly geometry?: Geometry<G>;
}

/**
 * Gradient descent: x+ = retract(x, -t grad f(x)), gradient and retraction those of the geometry, t from the step rule.
 *
 * On a strongly convex valley with curvatures in [mu, L] the best fixed step is 2 / (L + mu), its rate (L - mu) / (L + mu);
 * steps above 2 / L diverge.
 */
export function gradientDescent<S extends Capability = never, G extends Capability = never>(
  options: GradientDescentOptions<S, G> = {},
): Optimizer<'valueAndGradient' | S | G> {
  const step = (options.step ?? armijo());
  const geometry = (options.geometry ?? euclidean());
  return {
    id: 'gradient-descent',
    requires: ['valueAndGradient', ...step.requires, ...geometry.requires],
    options: {
      step: { id: step.id, options: step.options },
      geometry: { id: geometry.id, options: geometry.options },
    },
    ...(geometry.kernels && { kernels: geometry.kernels }),
    claims: step.claims,
    readsPerStep: step.readsPerStep + geometry.readsPerStep,
    start: (context) => step.start(context, geometry.start(context)),
  };
}
