/**
 * The kernels that BLAS does better, in one precision. Arrays go to it as they lie in memory, in rows.
 *
 * A native call costs 60 to 170 ns, by the number of its parameters, and LAPACK is slow where matrices are small. Below the thresholds
 * linalg's kernel is done sooner and is called instead. Measured on Node.js 26, OpenBLAS 0.3.21 (AVX-512), Zen 5.
 */
import type { Dtype, Kernels } from '@lowland/core';
import { type CpuVariant, hostMatrix, hostVector } from '@lowland/linalg';

import { adjointKernel } from './adjoint.ts';
import { bindCblas, rowMajor, transposed } from './cblas.ts';
import { choleskyOf } from './cholesky.ts';
import { extraKernels } from './extra-kernels.ts';
import type { Ready } from './options.ts';
import type { Parts, Thresholds } from './parts.ts';
import { residualKernel } from './residual.ts';

/** Against each of linalg's own. */
const measured = {
  wasm: { vector: 640, product: 2000, gram: 50_000, solve: 1, order: 48 },
  plain: { vector: 256, product: 160, gram: 160, solve: 256, order: 1 },
} as const satisfies Readonly<Record<string, Thresholds>>;

/** Numbers of a vector that is beyond the caches of one core. */
const farVector = 2 ** 18;

/** From where on BLAS pays beside this variant of linalg's kernels. */
export const thresholds = (variant: CpuVariant): Thresholds => (variant === 'plain' ? measured.plain : measured.wasm);

export function blasKernels({ library, threads, useThreads }: Ready, dtype: Dtype, least: Thresholds): (plain: Kernels) => Partial<Kernels> {
  const cblas = bindCblas(library, dtype);
  const { dot, axpy, scal, gemm, gemv, complexGemm, complexGemv } = cblas;
  const lapack = library.lapack === undefined ? undefined : choleskyOf(library, dtype);
  // Complex scalars go by pointer; their imaginary parts stay zero.
  const scalars = dtype === 'f64' ? [new Float64Array(2), new Float64Array(2)] as const : [new Float32Array(2), new Float32Array(2)] as const;
  const [complexAlpha, complexBeta] = scalars;

  /** Up to a size vectors are in the caches, and other threads only wake, and then wait where ours could run. */
  const forVectors = (length: number): void => { library.useThreads(length < farVector ? 1 : threads); };

  return (plain) => ({
    ...familiesOf({ library, cblas, lapack, dtype, threads, useThreads, least, plain }),
    dot(x, y, out, at = 0) {
      if (x.length < least.vector) return plain.dot(x, y, out, at);
      forVectors(x.length);
      hostVector(out)[at] = dot(x.length, hostVector(x), 1, hostVector(y), 1);
    },
    axpy(alpha, x, out) {
      // BLAS skips the work at alpha = 0, where infinity and NaN of x belong into the result.
      if (out.length < least.vector || alpha === 0) return plain.axpy(alpha, x, out);
      forVectors(out.length);
      axpy(out.length, alpha, hostVector(x), 1, hostVector(out), 1);
    },
    scal(alpha, out) {
      if (out.length < least.vector || alpha === 0) return plain.scal(alpha, out);
      forVectors(out.length);
      scal(out.length, alpha, hostVector(out), 1);
    },
    gemm(ta, tb, alpha, a, b, beta, out) {
      const { rows: m, cols: n } = out;
      const k = ta === 'N' ? a.cols : a.rows;
      if (m * n * k < least.product) return plain.gemm(ta, tb, alpha, a, b, beta, out);
      useThreads();
      if (out.complex) {
        complexAlpha[0] = alpha;
        complexBeta[0] = beta;
        complexGemm(rowMajor, transposed[ta], transposed[tb], m, n, k, complexAlpha, hostVector(a), a.cols, hostVector(b), b.cols, complexBeta, hostVector(out), n);
      } else {
        gemm(rowMajor, transposed[ta], transposed[tb], m, n, k, alpha, hostVector(a), a.cols, hostVector(b), b.cols, beta, hostVector(out), n);
      }
    },
    gemv(t, alpha, a, x, beta, out) {
      if (a.rows * a.cols < least.product) return plain.gemv(t, alpha, a, x, beta, out);
      useThreads();
      if (a.complex) {
        complexAlpha[0] = alpha;
        complexBeta[0] = beta;
        complexGemv(rowMajor, transposed[t], a.rows, a.cols, complexAlpha, hostVector(a), a.cols, hostVector(x), 1, complexBeta, hostVector(out), 1);
      } else {
        gemv(rowMajor, transposed[t], a.rows, a.cols, alpha, hostVector(a), a.cols, hostVector(x), 1, beta, hostVector(out), 1);
      }
    },
    posvRight(a, shift, b, out) {
      if (lapack === undefined || a.rows < least.order || b.rows * a.rows * a.rows < least.solve) return plain.posvRight(a, shift, b, out);
      const right = hostVector(out);
      right.set(hostVector(b));
      useThreads();
      if (!lapack.solve(hostMatrix(a).data, a.rows, shift, right, b.rows)) right.fill(NaN);
    },
  });
}

const familiesOf = (parts: Parts) => ({ ...extraKernels(parts), ...residualKernel(parts), ...adjointKernel(parts) });
