/**
 * out = alpha op(a) op(b) + beta out, for any strides: one 4 x 4 register tile serves all transposes.
 *
 * Bound by arithmetic: a tile does 32 flops for 8 loads. Every entry is one sum in the order of k,
 * whatever tile it falls in, so the bits of an entry do not depend on the shape around it.
 */
import type { Transpose } from '@lowland/core';

import { dotAt } from '../vector.ts';
import type { HostMatrix, Numbers } from './arrays.ts';

export function gemm(ta: Transpose, tb: Transpose, alpha: number, a: HostMatrix, b: HostMatrix, beta: number, out: HostMatrix): void {
  if (out.complex) {
    complexGemm(ta, tb, alpha, a, b, beta, out);
    return;
  }
  const inner = ta === 'N' ? a.cols : a.rows;
  // Strides of op(a)[i, k] and op(b)[k, j].
  const ai = ta === 'N' ? a.cols : 1;
  const ak = ta === 'N' ? 1 : a.cols;
  const bk = tb === 'N' ? b.cols : 1;
  const bj = tb === 'N' ? 1 : b.cols;
  stridedGemm(out.rows, out.cols, inner, alpha, a.data, 0, ai, ak, b.data, 0, bk, bj, beta, out.data, 0, out.cols);
}

/** The same for numbers that start anywhere: entry (i, k) of A is `a[aAt + i ai + k ak]`, and so on; the columns of `out` are adjacent. */
export function stridedGemm(
  rows: number, cols: number, inner: number, alpha: number,
  a: Numbers, aAt: number, ai: number, ak: number,
  b: Numbers, bAt: number, bk: number, bj: number,
  beta: number, out: Numbers, outAt: number, oi: number,
): void {
  const rows4 = rows - (rows % 4);
  const cols4 = cols - (cols % 4);
  for (let i = 0; i < rows4; i += 4) {
    const a0 = aAt + i * ai;
    const a1 = a0 + ai;
    const a2 = a1 + ai;
    const a3 = a2 + ai;
    const o0 = outAt + i * oi;
    const o1 = o0 + oi;
    const o2 = o1 + oi;
    const o3 = o2 + oi;
    for (let j = 0; j < cols4; j += 4) {
      let s00 = 0, s01 = 0, s02 = 0, s03 = 0;
      let s10 = 0, s11 = 0, s12 = 0, s13 = 0;
      let s20 = 0, s21 = 0, s22 = 0, s23 = 0;
      let s30 = 0, s31 = 0, s32 = 0, s33 = 0;
      let p = bAt + j * bj;
      for (let k = 0, q = 0; k < inner; k++, q += ak, p += bk) {
        const b0 = b[p]!;
        const b1 = b[p + bj]!;
        const b2 = b[p + 2 * bj]!;
        const b3 = b[p + 3 * bj]!;
        const x0 = a[a0 + q]!;
        s00 += x0 * b0;
        s01 += x0 * b1;
        s02 += x0 * b2;
        s03 += x0 * b3;
        const x1 = a[a1 + q]!;
        s10 += x1 * b0;
        s11 += x1 * b1;
        s12 += x1 * b2;
        s13 += x1 * b3;
        const x2 = a[a2 + q]!;
        s20 += x2 * b0;
        s21 += x2 * b1;
        s22 += x2 * b2;
        s23 += x2 * b3;
        const x3 = a[a3 + q]!;
        s30 += x3 * b0;
        s31 += x3 * b1;
        s32 += x3 * b2;
        s33 += x3 * b3;
      }
      if (beta === 0) {
        out[o0 + j] = alpha * s00;
        out[o0 + j + 1] = alpha * s01;
        out[o0 + j + 2] = alpha * s02;
        out[o0 + j + 3] = alpha * s03;
        out[o1 + j] = alpha * s10;
        out[o1 + j + 1] = alpha * s11;
        out[o1 + j + 2] = alpha * s12;
        out[o1 + j + 3] = alpha * s13;
        out[o2 + j] = alpha * s20;
        out[o2 + j + 1] = alpha * s21;
        out[o2 + j + 2] = alpha * s22;
        out[o2 + j + 3] = alpha * s23;
        out[o3 + j] = alpha * s30;
        out[o3 + j + 1] = alpha * s31;
        out[o3 + j + 2] = alpha * s32;
        out[o3 + j + 3] = alpha * s33;
      } else {
        out[o0 + j] = alpha * s00 + beta * out[o0 + j]!;
        out[o0 + j + 1] = alpha * s01 + beta * out[o0 + j + 1]!;
        out[o0 + j + 2] = alpha * s02 + beta * out[o0 + j + 2]!;
        out[o0 + j + 3] = alpha * s03 + beta * out[o0 + j + 3]!;
        out[o1 + j] = alpha * s10 + beta * out[o1 + j]!;
        out[o1 + j + 1] = alpha * s11 + beta * out[o1 + j + 1]!;
        out[o1 + j + 2] = alpha * s12 + beta * out[o1 + j + 2]!;
        out[o1 + j + 3] = alpha * s13 + beta * out[o1 + j + 3]!;
        out[o2 + j] = alpha * s20 + beta * out[o2 + j]!;
        out[o2 + j + 1] = alpha * s21 + beta * out[o2 + j + 1]!;
        out[o2 + j + 2] = alpha * s22 + beta * out[o2 + j + 2]!;
        out[o2 + j + 3] = alpha * s23 + beta * out[o2 + j + 3]!;
        out[o3 + j] = alpha * s30 + beta * out[o3 + j]!;
        out[o3 + j + 1] = alpha * s31 + beta * out[o3 + j + 1]!;
        out[o3 + j + 2] = alpha * s32 + beta * out[o3 + j + 2]!;
        out[o3 + j + 3] = alpha * s33 + beta * out[o3 + j + 3]!;
      }
    }
    for (let j = cols4; j < cols; j++) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      let p = bAt + j * bj;
      for (let k = 0, q = 0; k < inner; k++, q += ak, p += bk) {
        const y = b[p]!;
        s0 += a[a0 + q]! * y;
        s1 += a[a1 + q]! * y;
        s2 += a[a2 + q]! * y;
        s3 += a[a3 + q]! * y;
      }
      store(out, o0 + j, alpha * s0, beta);
      store(out, o1 + j, alpha * s1, beta);
      store(out, o2 + j, alpha * s2, beta);
      store(out, o3 + j, alpha * s3, beta);
    }
  }
  for (let i = rows4; i < rows; i++) {
    const start = aAt + i * ai;
    for (let j = 0; j < cols; j++) {
      let s = 0;
      let p = bAt + j * bj;
      for (let k = 0, q = start; k < inner; k++, q += ak, p += bk) s += a[q]! * b[p]!;
      store(out, outAt + i * oi + j, alpha * s, beta);
    }
  }
}

function store(out: Numbers, at: number, value: number, beta: number): void {
  out[at] = beta === 0 ? value : value + beta * out[at]!;
}

/** The same over interleaved complex matrices; alpha and beta are real. */
function complexGemm(ta: Transpose, tb: Transpose, alpha: number, a: HostMatrix, b: HostMatrix, beta: number, out: HostMatrix): void {
  const inner = ta === 'N' ? a.cols : a.rows;
  const signA = ta === 'C' ? -1 : 1;
  const signB = tb === 'C' ? -1 : 1;
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < out.cols; j++) {
      let re = 0;
      let im = 0;
      for (let k = 0; k < inner; k++) {
        const p = 2 * (ta === 'N' ? i * a.cols + k : k * a.cols + i);
        const q = 2 * (tb === 'N' ? k * b.cols + j : j * b.cols + k);
        const ar = a.data[p]!;
        const aim = signA * a.data[p + 1]!;
        const br = b.data[q]!;
        const bim = signB * b.data[q + 1]!;
        re += ar * br - aim * bim;
        im += ar * bim + aim * br;
      }
      const at = 2 * (i * out.cols + j);
      store(out.data, at, alpha * re, beta);
      store(out.data, at + 1, alpha * im, beta);
    }
  }
}

/** out = alpha op(a) x + beta out. Bound by memory: 2 flops for each entry of a. */
export function gemv(t: Transpose, alpha: number, a: HostMatrix, x: Numbers, beta: number, out: Numbers): void {
  if (a.complex) {
    const column = { rows: x.length / 2, cols: 1, complex: true, data: x };
    complexGemm(t, 'N', alpha, a, column, beta, { rows: out.length / 2, cols: 1, complex: true, data: out });
    return;
  }
  const { rows, cols, data } = a;
  if (t === 'N') {
    for (let i = 0; i < rows; i++) store(out, i, alpha * dotAt(cols, data, i * cols, x, 0), beta);
    return;
  }
  // a^T x, row by row of a, so that memory is read in order.
  if (beta === 0) out.fill(0);
  else if (beta !== 1) for (let j = 0; j < cols; j++) out[j]! *= beta;
  for (let i = 0, p = 0; i < rows; i++) {
    const factor = alpha * x[i]!;
    for (let j = 0; j < cols; j++, p++) out[j]! += factor * data[p]!;
  }
}

/** a[i, j] += alpha x[i] y[j]. Bound by memory. */
export function ger(alpha: number, x: Numbers, y: Numbers, a: Numbers): void {
  const [rows, cols] = [x.length, y.length];
  for (let i = 0, p = 0; i < rows; i++) {
    const factor = alpha * x[i]!;
    for (let j = 0; j < cols; j++, p++) a[p]! += factor * y[j]!;
  }
}

/** out = alpha a^T a + beta out for `T`, alpha a a^T + beta out for `N`; of out the lower triangle is read and both are written. */
export function syrk(t: 'N' | 'T', alpha: number, a: HostMatrix, beta: number, out: HostMatrix): void {
  gemm(t, t === 'T' ? 'N' : 'T', alpha, a, a, beta, out);
  mirror(out);
}

/** The upper triangle of a square matrix from its lower one. */
function mirror({ rows, data }: HostMatrix): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) data[j * rows + i] = data[i * rows + j]!;
}
