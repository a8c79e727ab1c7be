import { type Capability, type Infer, type Optimizer, options, part } from '@lowland/core';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { quotientDefinition } from '../scaled/quotient-geometry.ts';
import { scaledDefinition } from '../scaled/scaled-geometry.ts';
import { armijo, armijoDefinition } from './armijo.ts';
import { barzilaiBorweinDefinition } from './barzilai-borwein.ts';
import { fixedDefinition } from './fixed.ts';
import { euclidean, euclideanDefinition, type Geometry, limitsOf, ownGeometryDefinition } from './geometry.ts';
import { linearisedDefinition } from './linearised.ts';
import { polyakDefinition } from './polyak.ts';
import type { StepRule } from './step-rule.ts';

export interface GradientDescentOptions<S extends Capability = never, G extends Capability = never> {
  /** How far to walk: `fixed`, `armijo` (default), `barzilaiBorwein`, `polyak` or `linearised`. */
  readonly step?: StepRule<S>;
  /** Which gradient: `euclidean` (default), `scaled`, `quotient` or `ownGeometry`. */
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
    ...limitsOf(geometry),
    needs: [...(step.needs ?? []), ...(geometry.needs ?? [])],
    claims: step.claims,
    ...(step.constant !== undefined && geometry.id === 'euclidean' && { ensemble: { method: 'gradient-descent', parameters: [step.constant] } }),
    readsPerStep: step.readsPerStep + geometry.readsPerStep,
    start: (context) => step.start(context, geometry.start(context)),
  };
}

export const stepRules = [armijoDefinition, fixedDefinition, barzilaiBorweinDefinition, polyakDefinition, linearisedDefinition] as const;
export const geometries = [euclideanDefinition, scaledDefinition, ownGeometryDefinition, quotientDefinition] as const;

const schema = options({
  step: part(stepRules, { default: 'armijo', summary: 'How far to walk.' }),
  geometry: part(geometries, { default: 'euclidean', summary: 'Which gradient is steepest.' }),
});

export const gradientDescentDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'gradient-descent',
  summary: 'Gradient descent in any geometry, by fixed, Armijo, Barzilai-Borwein, Polyak or linearised steps.',
  whenToUse: 'As the baseline, to study the landscape, and with `barzilai-borwein` steps as a cheap method in earnest.',
  formula: 'x+ = x - t grad f(x)',
  reference: 'Cauchy 1847',
  requires: ['valueAndGradient'],
  options: schema,
  create: ({ step, geometry }) =>
    gradientDescent<Capability, Capability>({ step: createPart<StepRule<Capability>>(stepRules, step), geometry: createPart<Geometry<Capability>>(geometries, geometry) }),
};
