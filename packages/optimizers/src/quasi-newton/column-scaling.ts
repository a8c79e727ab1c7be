/** Variables in which the columns of factors weigh alike. */
import { type Context, type MaybePromise, type Vec } from '@lowland/core';

import { partners } from '../scaled/gram.ts';

/** Columns that are shorter than this part of the mean square count as so long: those that grow from nearly nothing. */
const least = 1e-2;

/** x = D z with a diagonal D, found at the start and kept. */
export interface ColumnScaling {
  /** D, part of the state. */
  readonly scaling: Vec;
  /** D at the point. Reads it. */
  measure(point: Vec): MaybePromise<void>;
  /** out = D x: a gradient in z from one in x, a direction in x from one in z. `out` may be `x`. */
  times(x: Vec, out: Vec): void;
}

/**
 * D = 1 / (|v_k|^2 + mean / 100)^(1/2) on column k of U, v_k being that of V, mean the mean of all |v_k|^2; of X X^T with |x_k| itself. What is in no
 * product stays. The curvature of a fit in column k of U is that in X times |v_k|^2, so where the columns are those of a balanced singular value
 * decomposition z has the conditioning of the problem in X, as in the diagonal of the metric of ScaledGD (Tong, Ma and Chi 2021, arXiv:2005.08898).
 * Where columns are mixed, as at random starts, they are of like length, and D does next to nothing.
 *
 * @throws LOWLAND_E_FACTORS when a factor is in several products
 */
export function columnScaling(context: Context<'factors'>): ColumnScaling {
  const { device, problem } = context;
  const { blocks } = problem.layout;
  const pairs = partners(problem.factors.pairs);
  const scaling = context.state();
  let offset = 0;
  const places = new Map(blocks.map(({ name, shape, complex }) => {
    const [rows, cols = 1] = shape as readonly [number, number?];
    const place = { offset, rows, cols };
    offset += rows * cols * (complex === true ? 2 : 1);
    return [name, place];
  }));

  const diagonal = (x: Float64Array): Float64Array => {
    const squares = new Map(pairs.map(([name]) => [name, columnSquares(x, places.get(name)!)]));
    const all = [...squares.values()].flatMap((each) => [...each]);
    const mean = all.reduce((sum, square) => sum + square, 0) / all.length;
    const out = new Float64Array(x.length).fill(1);
    if (!(mean > 0 && mean < Infinity)) return out;
    for (const [name, partner] of pairs) {
      const { offset: first, rows, cols } = places.get(name)!;
      const lengths = squares.get(partner)!;
      for (let i = 0; i < rows; i++) for (let k = 0; k < cols; k++) out[first + i * cols + k] = 1 / Math.sqrt(lengths[k]! + least * mean);
    }
    return out;
  };

  return {
    scaling,
    measure(point) {
      const put = (x: Float64Array): void => { device.write(scaling, diagonal(x)); };
      const read = device.read(point);
      return read instanceof Promise ? read.then(put) : put(read);
    },
    times(x, out) {
      device.kernels.mul(x, scaling, out);
    },
  };
}

function columnSquares(x: Float64Array, { offset, rows, cols }: { readonly offset: number; readonly rows: number; readonly cols: number }): Float64Array {
  const out = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let k = 0; k < cols; k++) out[k]! += x[offset + i * cols + k]! ** 2;
  return out;
}
