import { type Context, type Infer, integer, LowlandError, number, type Optimizer, options, parseOptions, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { unlessTwoFactors } from '../two-factors.ts';
import { newtonStep, newtonWork } from '../newton/conjugate-gradient.ts';

const schema = options({
  inner: integer({ min: 1, default: 5, summary: 'Most conjugate gradient iterations for a factor.' }),
  tolerance: number({ min: 0, below: 1, default: 0.01, summary: 'They stop where the gradient in the factor has shrunk by this factor.' }),
});
type Settings = Infer<typeof schema>;
export type AlternatingConjugateGradientsOptions = Partial<Settings>;

/**
 * Alternating least squares with inexact blocks: for one factor after the other, with the rest fixed, some conjugate gradient
 * iterations on min |r| over that factor, warm-started at the present one (Takács, Pilászy and Tikk 2011,
 * doi:10.1145/2043932.2043987, who do so row by row). One step is all factors.
 *
 * For problems whose block systems are too large to be solved at once, such as sensing. Each half lowers |r| where the residual is
 * affine in each factor: no balancing term, two different factors.
 *
 * Two reads, one `jvp` and one `vjp` an inner iteration, one read, one residual and one `vjp` a factor. Starts of zero gradient are left
 * alone, saddles included.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS at the start of a run when a factor multiplies itself
 */
export function alternatingConjugateGradients(given: AlternatingConjugateGradientsOptions = {}): Optimizer<'residual' | 'factors'> {
  const settings = parseOptions(schema, given, 'optimizer "alternating-conjugate-gradients"');
  return {
    id: 'alternating-conjugate-gradients',
    requires: ['residual', 'factors'],
    refuses: unlessTwoFactors('alternating-conjugate-gradients'),
    options: { ...settings },
    claims: ['deterministic'],
    readsPerStep: 2 * (2 * settings.inner + 1),
    start: (context) => start(context, settings),
  };
}

export const alternatingConjugateGradientsDefinition: OptimizerDefinition<Settings, 'residual' | 'factors'> = {
  apiVersion: 1,
  id: 'alternating-conjugate-gradients',
  summary: 'Alternating least squares whose blocks are solved by a few conjugate gradient iterations.',
  whenToUse: 'As alternating least squares, where the small systems are dear (large rank) or the objective has no block solutions.',
  formula: 'U+ about argmin_U |r(U, V)|, V+ about argmin_V |r(U+, V)|',
  reference: 'Takács, Pilászy and Tikk 2011, doi:10.1145/2043932.2043987',
  requires: ['residual', 'factors'],
  options: schema,
  create: alternatingConjugateGradients,
};

function start(context: Context<'residual' | 'factors'>, { inner, tolerance }: Settings) {
  const { device, problem } = context;
  const { layout, residual, factors } = problem;
  const { axpy, copy, fill } = device.kernels;
  const names = [...new Set(factors.pairs.flat())];
  if (factors.pairs.some(([left, right]) => left === right)) {
    throw new LowlandError('LOWLAND_E_FACTORS', `The residual is linear in one factor at a time only where two different ones are multiplied; this problem has ${JSON.stringify(factors.pairs)}.`);
  }
  const point = context.state();
  const image = context.scratch(residual.length);
  const whole = context.scratch();
  const pulled = context.scratch();
  const halves = names.map((name) => {
    const block = (x: Vec): Vec => device.blocks(x, layout)[name]!;
    const [own, along, back] = [block(point), block(whole), block(pulled)];
    const gradient = context.scratch(own.length);
    // `whole` is zero but in the block that is being solved for
    const curvature = (v: Vec, out: Vec) => {
      copy(v, along);
      residual.jvp(point, whole, image);
      residual.vjp(point, image, pulled);
      copy(back, out);
    };
    return { own, back, system: { device, gradient, curvature }, work: newtonWork(context, own.length) };
  });
  const accuracy = { maxIterations: inner, forcing: () => tolerance };
  return {
    state: { point },
    async step() {
      let moved = false;
      for (const { own, back, system, work } of halves) {
        residual.evaluate(point, image);
        residual.vjp(point, image, pulled);
        copy(back, system.gradient);
        fill(whole, 0);
        const { square } = await newtonStep(system, work, accuracy);
        axpy(1, work.step, own);
        moved ||= square !== 0;
      }
      return moved ? undefined : ({ stop: 'converged', rule: 'zero-gradient' } as const);
    },
  };
}
