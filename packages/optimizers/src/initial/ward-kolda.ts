import { type Context, createPoint, type Infer, type Initializer, number, options, parseOptions, type StreamKey, type Vec } from '@lowland/core';

import { unlessTwoFactors } from '../two-factors.ts';
import type { InitializerDefinition } from './initializer.ts';
import { createSketch, type Sketch } from './sketch.ts';

const sizes = {
  large: number({ above: 0, default: 4, summary: 'C of the large factor.' }),
  small: number({ above: 0, default: 1e-3, summary: 'D of the small factor.' }),
};
const schema = options({ step: number({ above: 0, summary: 'The step t that the method takes afterwards; default 1 / s_1(A).' }), ...sizes });
type Settings = Infer<typeof schema>;

/**
 * Makes the start of Ward and Kolda at `point` and gives the step, NaN where the data are zero and so is the start.
 *
 * @param range,right streams of the two sketches
 */
export async function largeAndSmall(context: Pick<Context<never>, 'device'>, sketch: Sketch, { step, large, small }: Settings, range: StreamKey, right: StreamKey, point: Vec): Promise<number> {
  const { normal, scal } = context.device.kernels;
  sketch.range(range, point);
  const norm = await sketch.norm(point);
  // no data, no start but zero
  if (!(norm > 0)) return NaN;
  const t = step ?? 1 / norm;
  const root = Math.sqrt(t);
  scal(1 / (root * large * norm), sketch.left(point));
  const v = sketch.right(point);
  normal(right, v);
  scal((root * small * norm) / Math.sqrt(v.rows), v);
  return t;
}

/**
 * The start of Ward and Kolda (2023, arXiv:2305.06927) for alternating gradient descent with step t: a large U that spans the range of A, and
 * a small V,
 *
 *     U = A Phi / (sqrt(t) C s_1(A)),   V = sqrt(t) D s_1(A) Psi,   Phi iid N(0, 1 / columns), Psi iid N(0, 1 / rows of V).
 *
 * A is what the gradient at U = 0 tells: of observed entries and other measurements what their adjoint makes of the data. s_1(A) is found from
 * the sketch, exactly where A has no more rank than U has columns. The constants are from memory. Streams: that of the start and the next.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS unless the variables are the two factors of one product U V^T
 */
export function wardKolda(given: Partial<Settings> = {}): Initializer<'gradient' | 'factors'> {
  const settings = parseOptions(schema, given, 'initializer "ward-kolda"');
  return {
    id: 'ward-kolda',
    requires: ['gradient', 'factors'],
    refuses: unlessTwoFactors('ward-kolda', 'initializer'),
    options: { ...settings },
    async point(context, key) {
      const { device, problem } = context;
      const point = context.scratch();
      await largeAndSmall(context, createSketch(context, (x, _block, out) => { problem.gradient(x, out); }), settings, key, { ...key, index: key.index + 1 }, point);
      return createPoint(problem.layout, await device.read(point));
    },
  };
}

export const wardKoldaDefinition = {
  apiVersion: 1,
  id: 'ward-kolda',
  summary: 'A large left factor that spans the range of the data, and a small right one: for alternating gradient descent.',
  whenToUse: 'For `alternating-gradient-descent` on whole matrices: linear convergence without a plateau.',
  formula: 'U = A Phi / (sqrt(t) C s_1(A)), V = sqrt(t) D s_1(A) Psi',
  reference: 'Ward and Kolda 2023, arXiv:2305.06927',
  requires: ['gradient', 'factors'],
  options: schema,
  create: wardKolda,
} as const satisfies InitializerDefinition<Settings, 'gradient' | 'factors'>;
