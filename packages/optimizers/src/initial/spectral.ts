import { blockOf, choice, createPoint, type Estimate, type Infer, type Initializer, type Layout, LowlandError, number, options, parseOptions, type Point, type StreamKey } from '@lowland/core';
import { lanczos, lanczosSvd, type Matrix } from '@lowland/linalg';

import { columnsOf, type InitializerDefinition } from './initializer.ts';

const schema = options({
  length: choice(['spectrum', 'data'], {
    default: 'spectrum',
    summary: 'How large: as the leading values say, or of a symmetric problem as the mean of its data says, where it does.',
  }),
  tolerance: number({ above: 0, default: 1e-8, summary: 'Residuals of the singular triples, relative to the largest value.' }),
});

/**
 * The spectral start: with the leading triples U S V^T of the estimate M that the data give at once,
 *
 *     U sqrt(S), V sqrt(S)            of U V^T, singular values
 *     X = Q sqrt(max(L, 0))           of X X^T, the largest eigenvalues
 *     x = q sqrt(l)                   of intensities, |x|^2 = l, or of their mean where `length` is `data`
 *
 * M is a*(b)/m for Gaussian sensing, P(M)/p for entries observed with probability p, and for phase retrieval 1/m sum of y a a^* over 3 (real
 * vectors) or 2 (complex ones), whose leading eigenvalue is |x|^2 on average and whose leading eigenvector is x. Triples are found by Lanczos
 * from the stream of the start, by products alone. For problems that are all zero the start is zero.
 *
 * Sources: Keshavan, Montanari and Oh 2010 (arXiv:0901.3150), completion; Jain, Netrapalli and Sanghavi 2013 (arXiv:1212.0467), sensing;
 * Netrapalli, Jain and Sanghavi 2013 (arXiv:1306.0160) and Candès, Li and Soltanolkotabi 2015 (arXiv:1407.1065), intensities.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds, or for `length` `data` of a problem whose data do not tell it
 */
export function spectral(given: Partial<Infer<typeof schema>> = {}): Initializer<'estimate'> {
  const settings = parseOptions(schema, given, 'initializer "spectral"');
  return {
    id: 'spectral',
    requires: ['estimate'],
    options: { ...settings },
    point: ({ problem: { layout, estimate } }, key) => (estimate.symmetric ? symmetricStart : rectangularStart)(layout, estimate, key, settings),
  };
}

type Settings = Infer<typeof schema>;

function rectangularStart(layout: Layout, estimate: Estimate, key: StreamKey, { length, tolerance }: Settings): Point {
  if (length === 'data') throw unknownLength();
  const point = createPoint(layout);
  const [left, right] = layout.blocks.map((block) => columnsOf(block, blockOf(point, block.name)));
  const { rows, cols, apply } = estimate;
  const operator = { rows, cols, apply: (x: Float64Array, out: Float64Array) => { apply(x, out, false); }, applyTransposed: (x: Float64Array, out: Float64Array) => { apply(x, out, true); } };
  const { u, s, v } = lanczosSvd(operator, { key, count: left!.cols, tolerance });
  const roots = s.map(Math.sqrt);
  setColumns(u, roots, left!);
  setColumns(v, roots, right!);
  return point;
}

function symmetricStart(layout: Layout, { rows, apply, squaredNorm }: Estimate, key: StreamKey, { length, tolerance }: Settings): Point {
  if (length === 'data' && squaredNorm === undefined) throw unknownLength();
  const point = createPoint(layout);
  const [block] = layout.blocks;
  const out = columnsOf(block!, point.data);
  const { values, vectors } = lanczos({ size: rows, apply: (x, to) => { apply(x, to, false); } }, { key, which: 'largest', count: out.cols, tolerance });
  const positive = values.map((value) => Math.max(value, 0));
  const total = positive.reduce((sum, value) => sum + value, 0);
  const factor = length === 'data' && total > 0 ? squaredNorm! / total : 1;
  setColumns(vectors, positive.map((value) => Math.sqrt(factor * value)), out);
  return point;
}

/** Column k of out = factors[k] times column k of q; columns beyond those of q are zero. */
function setColumns(q: Matrix, factors: Float64Array, out: Matrix): void {
  for (let i = 0; i < out.rows; i++) for (let k = 0; k < q.cols; k++) out.data[i * out.cols + k] = factors[k]! * q.data[i * q.cols + k]!;
}

function unknownLength(): LowlandError {
  return new LowlandError('LOWLAND_E_OPTIONS', 'The data of this objective do not tell how large its solution is; give length "spectrum".');
}

export const spectralDefinition = {
  apiVersion: 1,
  id: 'spectral',
  summary: 'Leading singular triples, or eigenvectors, of what the adjoint makes of the data.',
  whenToUse: 'The start in earnest for completion, sensing and phase retrieval: inside the basin of the solution where data are enough.',
  formula: 'U sqrt(S), V sqrt(S) with U S V^T = SVD_r(a*(b) / m), SVD_r(P(M) / p), or x the leading eigenvector of sum y a a^*',
  reference: 'Keshavan, Montanari and Oh 2010, arXiv:0901.3150; Netrapalli, Jain and Sanghavi 2013, arXiv:1306.0160',
  requires: ['estimate'],
  options: schema,
  create: spectral,
} as const satisfies InitializerDefinition<Settings, 'estimate'>;
