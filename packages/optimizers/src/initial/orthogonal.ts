import { blockOf, createPoint, type Infer, type Initializer, normals, number, options, parseOptions } from '@lowland/core';
import { matrix, thinQr, transpose } from '@lowland/linalg';

import { columnsOf, type InitializerDefinition } from './initializer.ts';

const schema = options({ scale: number({ above: 0, default: 1, summary: 'Length of every column.' }) });

/**
 * Every block scale Q with orthonormal columns (rows, where it has fewer of these), uniformly distributed: Q of the QR factorisation of a
 * Gaussian matrix with a positive diagonal of R. Where factors start equally conditioned in every direction, deep linear networks learn at a
 * rate that does not see their depth (Saxe, McClelland and Ganguli 2013, arXiv:1312.6120). Block k draws from the stream k of the start.
 *
 * @throws LOWLAND_E_OPTIONS unless the scale is positive; LOWLAND_E_COMPLEX for blocks of several complex columns
 */
export function orthogonal(given: Partial<Infer<typeof schema>> = {}): Initializer {
  const { scale } = parseOptions(schema, given, 'initializer "orthogonal"');
  return {
    id: 'orthogonal',
    requires: [],
    options: { scale },
    point({ problem: { layout } }, key) {
      const point = createPoint(layout);
      layout.blocks.forEach((block, k) => {
        const out = columnsOf(block, blockOf(point, block.name));
        const wide = out.cols > out.rows;
        const drawn = wide ? matrix(out.cols, out.rows) : matrix(out.rows, out.cols);
        normals({ ...key, index: key.index + k }, drawn.data);
        const { q } = thinQr(drawn);
        (wide ? transpose(q) : q).data.forEach((x, i) => (out.data[i] = scale * x));
      });
      return point;
    },
  };
}

export const orthogonalDefinition = {
  apiVersion: 1,
  id: 'orthogonal',
  summary: 'Blocks with orthonormal columns (or rows), uniformly distributed, times a scale.',
  whenToUse: 'For deep networks, and for orthogonality constraints, which it meets.',
  formula: 'U = scale Q, Q^T Q = I',
  reference: 'Saxe, McClelland and Ganguli 2013, arXiv:1312.6120',
  requires: [],
  options: schema,
  create: orthogonal,
} as const satisfies InitializerDefinition<Infer<typeof schema>>;
