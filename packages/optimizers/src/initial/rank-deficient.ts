import { blockOf, createPoint, type Infer, type Initializer, integer, normals, number, options, parseOptions, type StreamKey } from '@lowland/core';
import { matrix, type Matrix, multiply, thinQr } from '@lowland/linalg';

import { columnsIn, columnsOf, type InitializerDefinition } from './initializer.ts';

const schema = options({
  rank: integer({ min: 1, default: 1, summary: 'Rank of every block, at most its columns.' }),
  scale: number({ above: 0, default: 1, summary: 'Standard deviation of the entries of the small factors.' }),
});

/** cols x rank with orthonormal columns; the identity where they are as many. */
function frame(cols: number, rank: number, key: StreamKey): Matrix {
  const drawn = matrix(cols, rank);
  normals(key, drawn.data);
  return thinQr(drawn).q;
}

/**
 * Blocks of a rank below their number of columns: U = W Q^T with a small factor W, rows x rank, of N(0, scale^2) entries, and a frame Q with
 * orthonormal columns, the same for all blocks of as many columns, so that W_U W_V^T is the product.
 *
 * Gradient flow and gradient descent keep the row space: U(t) = W(t) Q^T with W(t) the very path of the problem with `rank` columns. Columns
 * to spare then help nowhere on the way, and do at its end: a rank-deficient point that is second-order stationary is a global minimum of a
 * convex function of U U^T. Frames from the stream of the start on, one for each number of columns; small factors from the next.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds; by the plan, LOWLAND_E_RANK when a block has fewer columns than the rank
 */
export function rankDeficient(given: Partial<Infer<typeof schema>> = {}): Initializer {
  const { rank, scale } = parseOptions(schema, given, 'initializer "rank-deficient"');
  return {
    id: 'rank-deficient',
    requires: [],
    refuses({ id, layout }) {
      const narrow = layout.blocks.find((block) => columnsIn(block) < rank);
      if (narrow === undefined) return undefined;
      return { code: 'LOWLAND_E_RANK', message: `Initializer "rank-deficient" asks for the rank ${rank}, and block "${narrow.name}" of objective "${id}" has ${columnsIn(narrow)} columns. Give a smaller rank.`, reachable: columnsIn(narrow) };
    },
    options: { rank, scale },
    point({ problem: { layout } }, key) {
      const point = createPoint(layout);
      const frames = new Map<number, Matrix>();
      let drawn = 0;
      const next = (): StreamKey => ({ ...key, index: key.index + drawn++ });
      for (const block of layout.blocks) {
        const out = columnsOf(block, blockOf(point, block.name));
        const q = frames.get(out.cols) ?? frame(out.cols, rank, next());
        frames.set(out.cols, q);
        const small = matrix(out.rows, rank);
        normals(next(), small.data);
        multiply(small, q, { transposeB: true }).data.forEach((x, i) => (out.data[i] = scale * x));
      }
      return point;
    },
  };
}

export const rankDeficientDefinition = {
  apiVersion: 1,
  id: 'rank-deficient',
  summary: 'A small factor times an orthonormal frame: blocks of less rank than columns, which descent keeps.',
  whenToUse: 'To study what descent does at rank-deficient points, whose rank it keeps.',
  formula: 'U = W Q^T, V = Z Q^T, Q^T Q = I, W and Z of `rank` columns',
  requires: [],
  options: schema,
  create: rankDeficient,
} as const satisfies InitializerDefinition<Infer<typeof schema>>;
