/** linalg's extra kernels that BLAS and LAPACK have: norms, updates of rank one and k, triangular solves, Cholesky. */
import type { Kernels, Mat, Vec } from '@lowland/core';
import { hostVector, type Numbers } from '@lowland/linalg';

import { lower, nonUnit, rowMajor, sides, transposed } from './cblas.ts';
import type { Parts } from './parts.ts';

/** Sums of squares between these have neither overflowed nor lost digits to underflow. */
const safe = { f64: [1e-280, 1e280], f32: [1e-30, 1e30] } as const;

type Extra = Required<Pick<Kernels, 'nrm2' | 'ger' | 'syrk' | 'trsm' | 'potrf'>>;

export function extraKernels({ cblas: { dot, ger, syrk, trsm }, lapack, dtype, useThreads, least, ...parts }: Parts): Extra {
  // A plain device has them all.
  const plain = parts.plain as Kernels & Extra;
  const [small, large] = safe[dtype];
  return {
    nrm2(x, out, at = 0) {
      if (x.length < least.vector) return plain.nrm2(x, out, at);
      // By dot, which does not scale; what may over- or underflow is scaled by the plain one.
      useThreads();
      const squares = dot(x.length, hostVector(x), 1, hostVector(x), 1);
      if (!(squares > small && squares < large)) return plain.nrm2(x, out, at);
      hostVector(out)[at] = Math.sqrt(squares);
    },
    ger(alpha, x, y, out) {
      // BLAS skips the work at alpha = 0, where infinity and NaN belong into the result.
      if (out.length < least.vector || alpha === 0) return plain.ger(alpha, x, y, out);
      useThreads();
      ger(rowMajor, out.rows, out.cols, alpha, hostVector(x), 1, hostVector(y), 1, hostVector(out), out.cols);
    },
    syrk(t, alpha, a, beta, out) {
      const [n, k] = t === 'T' ? [a.cols, a.rows] : [a.rows, a.cols];
      if (n * n * k < least.gram || alpha === 0) return plain.syrk(t, alpha, a, beta, out);
      useThreads();
      syrk(rowMajor, lower, transposed[t], n, k, alpha, hostVector(a), a.cols, beta, hostVector(out), n);
      mirror(hostVector(out), n);
    },
    trsm(side, t, l, b, out) {
      if (l.rows < least.order || out.length * l.rows < least.product) return plain.trsm(side, t, l, b, out);
      copy(b, out);
      useThreads();
      trsm(rowMajor, sides[side], lower, transposed[t], nonUnit, out.rows, out.cols, 1, hostVector(l), l.cols, hostVector(out), out.cols);
    },
    potrf(a, shift, out) {
      const n = a.rows;
      if (lapack === undefined || n < least.order || n * n * n < least.solve) return plain.potrf(a, shift, out);
      copy(a, out);
      const data = hostVector(out);
      for (let i = 0; i < n; i++) data[i * n + i]! += shift;
      useThreads();
      if (!lapack.factor(data, n)) data.fill(NaN);
      else for (let i = 0; i < n; i++) data.fill(0, i * n + i + 1, (i + 1) * n);
    },
  };
}

function copy(from: Mat, to: Vec): void {
  hostVector(to).set(hostVector(from));
}

const tile = 32;

/** The lower triangle of an n x n matrix onto the upper one; bound by memory. */
function mirror(data: Numbers, n: number): void {
  for (let i0 = 0; i0 < n; i0 += tile) {
    const i1 = Math.min(i0 + tile, n);
    for (let j0 = 0; j0 <= i0; j0 += tile) {
      for (let i = i0; i < i1; i++) {
        const j1 = Math.min(j0 + tile, i);
        for (let j = j0; j < j1; j++) data[j * n + i] = data[i * n + j]!;
      }
    }
  }
}
