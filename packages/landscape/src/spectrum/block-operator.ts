import { axpy, matrix, type Matrix, multiply, type SymmetricOperator } from '@lowland/linalg';

/** A symmetric operator that may multiply several vectors at once, for less than one by one. */
export interface BlockOperator extends SymmetricOperator {
  /** outs[j] = A xs[j] */
  applyAll?(xs: readonly Float64Array[], outs: readonly Float64Array[]): void;
}

/** A x for each x. */
export function images(operator: BlockOperator, xs: readonly Float64Array[]): Float64Array[] {
  const outs = xs.map(() => new Float64Array(operator.size));
  applyAll(operator, xs, outs);
  return outs;
}

function applyAll(operator: BlockOperator, xs: readonly Float64Array[], outs: readonly Float64Array[]): void {
  if (operator.applyAll === undefined) xs.forEach((x, j) => { operator.apply(x, outs[j]!); });
  else operator.applyAll(xs, outs);
}

/** outs = after(A before(xs)); `size` that of the vectors before. */
export function composed(operator: BlockOperator, size: number, before: (xs: readonly Float64Array[]) => readonly Float64Array[], after: (found: readonly Float64Array[], outs: readonly Float64Array[]) => void): BlockOperator {
  const all = (xs: readonly Float64Array[], outs: readonly Float64Array[]): void => { after(images(operator, before(xs)), outs); };
  return { size, apply: (x, out) => { all([x], [out]); }, applyAll: all };
}

/** x := x - Q (Q^T x) for each x, twice: products of matrices, in which Q is read once for all of them. */
export function removeSpanOfAll(q: Matrix, xs: readonly Float64Array[]): void {
  if (q.cols === 0 || xs.length === 0) return;
  // rows are the vectors
  const all = matrix(xs.length, q.rows);
  xs.forEach((x, j) => { all.data.set(x, j * q.rows); });
  for (let pass = 0; pass < 2; pass++) {
    const parts = multiply(multiply(all, q), q, { transposeB: true });
    axpy(-1, parts.data, all.data);
  }
  xs.forEach((x, j) => { x.set(all.data.subarray(j * q.rows, (j + 1) * q.rows)); });
}
