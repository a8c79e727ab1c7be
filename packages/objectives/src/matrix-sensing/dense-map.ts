import { frobeniusNorm, matrix, matrixOperator, multiply, multiplyTransposedVector, multiplyVector } from '@lowland/linalg';

import { requireAllFinite } from '../factored/checks.ts';
import { denseOperator, rowNorms, sumRounding } from '../factored/host-operators.ts';
import { once } from '../factored/once.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import { fusedProducts, type ResidualPass } from './fused-products.ts';
import { normSquaredBound } from './norm-bound.ts';
import { sampledMatrices } from './sampled-matrices.ts';
import type { SensingMap } from './sensing-map.ts';

/**
 * Dense measurement matrices as one matrix, count x (rows cols): a(X) = A vec(X), a*(w) = A^T w.
 *
 * Bound by memory: composed, A is read once for each image and once for each adjoint, 2 flops for 8 bytes; fused, once for both.
 */
export function denseMap(rows: number, cols: number, matrices: Float64Array, symmetric: boolean): SensingMap {
  requireAllFinite('A measurement matrix', matrices);
  const size = rows * cols;
  const count = matrices.length / size;
  const a = matrix(count, size, symmetric ? symmetrised(matrices, rows, count) : matrices);
  const vec = new Float64Array(size);
  const frobeniusSquared = frobeniusNorm(a) ** 2;
  const norms = once(() => rowNorms(a));
  return {
    rows,
    cols,
    length: count,
    isometry: false,
    frobeniusSquared,
    depth: size + 2,
    kernels: ['gemm', 'gemv'],
    severalAtOnce: true,
    fusedKernels: { residual: ['gemm', 'gemv', 'residualAdjoint'], curvature: ['gemm', 'residualAdjoint'] },
    normSquared: normSquaredBound(matrixOperator(a), frobeniusSquared),
    image(u, v, out) {
      multiplyVector(a, multiply(u, v, { transposeB: true }).data, out);
    },
    magnitudes(u, v, out) {
      // <|A_k|, |U| |V|^T> <= |A_k|_F |(|u_i| |v_j|)|_F = |A_k|_F |U|_F |V|_F
      const product = frobeniusNorm(u) * frobeniusNorm(v);
      for (let k = 0; k < count; k++) out[k] = norms()[k]! * product;
    },
    adjoint(w, plus) {
      multiplyTransposedVector(a, w, vec);
      const data = plus === undefined ? vec.slice() : vec.map((value, k) => value + plus[k]!);
      return denseOperator(matrix(rows, cols, data), sumRounding(count, w, norms()));
    },
    bind(device, memory) {
      const { gemm, gemv } = device.kernels;
      const measurements = device.matrix(newVector(device, memory, a.data), 0, count, size);
      const product = newMatrix(device, memory, rows, cols);
      const adjoint = newMatrix(device, memory, rows, cols);
      const pass: ResidualPass = {
        image: (x, data, rho) => {
          gemv('N', 1, measurements, x, 0, rho);
          device.kernels.axpy(-1, data, rho);
        },
        adjoint: (x, data, rho, out, ...second) => {
          device.kernels.residualAdjoint!(1, measurements, x, data, rho, out, ...second);
        },
      };
      return {
        image(u, v, out) {
          gemm('N', 'T', 1, u, v, 0, product);
          gemv('N', 1, measurements, product, 0, out);
        },
        differential(u, v, du, dv, out) {
          gemm('N', 'T', 1, du, v, 0, product);
          gemm('N', 'T', 1, u, dv, 1, product);
          gemv('N', 1, measurements, product, 0, out);
        },
        load: (alpha, w) => gemv('T', alpha, measurements, w, 0, adjoint),
        several: {
          images: (xs, measured) => { gemm('N', 'T', 1, measurements, xs, 0, measured); },
          adjoints: (w, out) => { gemm('T', 'N', 1, w, measurements, 0, out); },
        },
        times: (transposed, b, beta, out) => gemm(transposed ? 'T' : 'N', 'N', 1, adjoint, b, beta, out),
        fused: (data) => fusedProducts(device, memory, data, product, adjoint, pass, false),
      };
    },
    matrices: () => a.data,
    sampled: (device, memory) => sampledMatrices(device, memory, rows, cols, a.data, (k) => k * size),
    // The A_k, X and Z with their differentials, and the sums of a part.
    bytes: (width) => width * ((count + 6) * size + 2 * count),
    largest: count * size,
    stack(other, unknown) {
      // Row k of K is A_k V, or A_k^T U, row-major.
      if (unknown === 'left') return matrix(count, rows * other.cols, multiply(matrix(count * rows, cols, a.data), other).data);
      const stacked = matrix(count, cols * other.cols);
      for (let k = 0; k < count; k++) {
        const ak = matrix(rows, cols, a.data.subarray(k * size, (k + 1) * size));
        stacked.data.set(multiply(ak, other, { transposeA: true }).data, k * stacked.cols);
      }
      return stacked;
    },
  };
}

/** (A_k + A_k^T)/2 for each k. */
function symmetrised(matrices: Float64Array, n: number, count: number): Float64Array {
  const out = new Float64Array(matrices.length);
  for (let k = 0; k < count; k++) {
    const at = k * n * n;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[at + i * n + j] = (matrices[at + i * n + j]! + matrices[at + j * n + i]!) / 2;
  }
  return out;
}
