import type { StreamKey } from '@lowland/core';
import { axpy, columns, dot, matrix, orthonormalize } from '@lowland/linalg';

import { type BlockOperator, images } from './block-operator.ts';
import { type Estimate, meanOf, signs } from './quadrature.ts';

export interface TraceEstimate extends Estimate {
  /** Products with the operator. */
  readonly products: number;
}

/**
 * Hutch++: the trace of a symmetric operator from `products` products, a third to find a subspace Q that holds its large eigenvalues, a third
 * for tr(Q^T A Q), a third for Hutchinson's mean of z^T A z over the complement:
 *
 *     tr A = tr(Q^T A Q) + E (Pz)^T A (Pz),   P = I - Q Q^T,   Q = orth(A S),   S, z random signs.
 *
 * Its error falls like 1/products, Hutchinson's like the root of that. The standard error is that of the sampled part; an operator of rank at
 * most products/3 has none but rounding. With as many products as variables the diagonal is summed.
 *
 * Source: R. A. Meyer, C. Musco, C. Musco, D. P. Woodruff 2021 (arXiv:2010.09649).
 */
export function hutchPlusPlus(operator: BlockOperator, { key, products }: { readonly key: StreamKey; readonly products: number }): TraceEstimate {
  const n = operator.size;
  const each = Math.max(1, Math.floor(products / 3));
  if (products >= n) return { value: diagonalSum(operator), standardError: 0, products: n };
  const width = each;
  const sketch = matrix(n, width);
  const probes = Array.from({ length: width }, (_, j) => signs({ ...key, index: key.index * 2 * each + j }, n));
  images(operator, probes).forEach((image, j) => {
    for (let i = 0; i < n; i++) sketch.data[i * width + j] = image[i]!;
  });
  const q = orthonormalize(sketch, 1e-10);
  const basis = Array.from({ length: q.cols }, (_, k) => columns(q, k, k + 1).data);
  const exactPart = images(operator, basis).reduce((sum, image, k) => sum + dot(basis[k]!, image), 0);
  const rest = Array.from({ length: each }, (_, s) => {
    const z = signs({ ...key, index: key.index * 2 * each + each + s }, n);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < q.cols; k++) {
        axpy(-dot(basis[k]!, z), basis[k]!, z);
      }
    }
    return z;
  });
  const samples = images(operator, rest).map((image, s) => dot(rest[s]!, image));
  const { value, standardError } = meanOf(samples);
  return { value: exactPart + value, standardError, products: width + q.cols + each };
}

function diagonalSum(operator: BlockOperator): number {
  const image = new Float64Array(operator.size);
  const unit = new Float64Array(operator.size);
  let sum = 0;
  for (let i = 0; i < unit.length; i++) {
    unit.fill(0);
    unit[i] = 1;
    operator.apply(unit, image);
    sum += image[i]!;
  }
  return sum;
}
