import { gram, transpose, type Matrix } from '@lowland/linalg';

import { once } from '../factored/once.ts';

/** Above this many rows and columns the Gram matrix is not formed. */
const gramLimit = 1500;

/**
 * A proved upper bound of the squared spectral norm of A, computed when first asked: the least of |A|_F^2, |A|_1 |A|_inf and,
 * where the smaller side is at most 1500, the largest absolute row sum of the Gram matrix. A factor above the rounding of these
 * sums is included.
 */
export function normSquaredBound(a: Matrix): () => number {
  return once(() => {
    const { rows, cols, data } = a;
    const columnSums = new Float64Array(cols);
    let frobenius = 0;
    let largestRow = 0;
    for (let i = 0; i < rows; i++) {
      let rowSum = 0;
      for (let j = 0; j < cols; j++) {
        const size = Math.abs(data[i * cols + j]!);
        rowSum += size;
        columnSums[j]! += size;
        frobenius += size * size;
      }
      largestRow = Math.max(largestRow, rowSum);
    }
    const largestColumn = columnSums.reduce((most, sum) => Math.max(most, sum), 0);
    let bound = Math.min(frobenius, largestRow * largestColumn);
    if (Math.min(rows, cols) <= gramLimit) bound = Math.min(bound, gramRowSum(a, frobenius));
    return bound * (1 + (rows + cols) * 2 ** -50);
  });
}

/** The largest absolute row sum of the Gram matrix of the smaller side, plus the rounding of its entries. */
function gramRowSum(a: Matrix, frobenius: number): number {
  const g = gram(a.rows <= a.cols ? transpose(a) : a);
  let largest = 0;
  for (let i = 0; i < g.rows; i++) {
    let sum = 0;
    for (let j = 0; j < g.cols; j++) sum += Math.abs(g.data[i * g.cols + j]!);
    largest = Math.max(largest, sum);
  }
  // Entrywise |fl(g) - g| <= n 2^-52 |a_i| |a_j|; summed over a row that is at most sqrt(q) n 2^-52 |A|_F^2.
  return largest + Math.sqrt(g.rows) * Math.max(a.rows, a.cols) * 2 ** -52 * frobenius;
}
