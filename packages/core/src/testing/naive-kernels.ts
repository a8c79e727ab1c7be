/**
 * The base kernels as their definitions say, one loop each, over plain arrays: the test devices run on them.
 * Every operation is rounded by `round`: the identity for f64, Math.fround for f32.
 */
import { normals } from '../normals.ts';
import type { StreamKey } from '../philox.ts';
import type { Transpose } from '../device.ts';

export type Numbers = Float64Array | Float32Array;
export interface PlainMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;
  readonly data: Numbers;
}

type Round = (x: number) => number;

/** Entry (i, j) of op(a): its real or imaginary part. */
function entry(a: PlainMatrix, t: Transpose, i: number, j: number, imaginary: 0 | 1): number {
  const at = t === 'N' ? i * a.cols + j : j * a.cols + i;
  if (!a.complex) return imaginary ? 0 : a.data[at]!;
  const part = a.data[2 * at + imaginary]!;
  return t === 'C' && imaginary ? -part : part;
}

export function naiveKernels(round: Round) {
  return {
    copy: (x: Numbers, out: Numbers) => {
      out.set(x);
    },
    fill: (out: Numbers, value: number) => {
      out.fill(value);
    },
    axpy: (alpha: number, x: Numbers, out: Numbers) => {
      for (let i = 0; i < out.length; i++) out[i] = out[i]! + round(alpha * x[i]!);
    },
    scal: (alpha: number, out: Numbers) => {
      for (let i = 0; i < out.length; i++) out[i] = alpha * out[i]!;
    },
    dot: (x: Numbers, y: Numbers, out: Numbers, at = 0) => {
      let sum = 0;
      for (let i = 0; i < x.length; i++) sum = round(sum + round(x[i]! * y[i]!));
      out[at] = sum;
    },
    gemm: (ta: Transpose, tb: Transpose, alpha: number, a: PlainMatrix, b: PlainMatrix, beta: number, out: PlainMatrix) => {
      const inner = ta === 'N' ? a.cols : a.rows;
      const width = out.complex ? 2 : 1;
      for (let i = 0; i < out.rows; i++) {
        for (let j = 0; j < out.cols; j++) {
          let re = 0;
          let im = 0;
          for (let k = 0; k < inner; k++) {
            const aRe = entry(a, ta, i, k, 0);
            const bRe = entry(b, tb, k, j, 0);
            re = round(re + round(aRe * bRe));
            if (!out.complex) continue;
            const aIm = entry(a, ta, i, k, 1);
            const bIm = entry(b, tb, k, j, 1);
            re = round(re - round(aIm * bIm));
            im = round(round(im + round(aRe * bIm)) + round(aIm * bRe));
          }
          const at = (i * out.cols + j) * width;
          out.data[at] = round(alpha * re) + (beta === 0 ? 0 : round(beta * out.data[at]!));
          if (out.complex) out.data[at + 1] = round(alpha * im) + (beta === 0 ? 0 : round(beta * out.data[at + 1]!));
        }
      }
    },
    gemv(t: Transpose, alpha: number, a: PlainMatrix, x: Numbers, beta: number, out: Numbers) {
      const width = a.complex ? 2 : 1;
      const column = (data: Numbers): PlainMatrix => ({ rows: data.length / width, cols: 1, complex: a.complex, data });
      this.gemm(t, 'N', alpha, a, column(x), beta, column(out));
    },
    /** Cholesky a + shift I = L L^T, then two triangular solves for each row of b. */
    posvRight: (a: PlainMatrix, shift: number, b: PlainMatrix, out: PlainMatrix) => {
      const n = a.rows;
      const l = new Float64Array(n * n);
      for (let j = 0; j < n; j++) {
        for (let i = j; i < n; i++) {
          let sum = i === j ? round(a.data[i * n + j]! + shift) : a.data[i * n + j]!;
          for (let k = 0; k < j; k++) sum = round(sum - round(l[i * n + k]! * l[j * n + k]!));
          if (i === j && !(sum > 0)) {
            out.data.fill(Number.NaN);
            return;
          }
          l[i * n + j] = i === j ? round(Math.sqrt(sum)) : round(sum / l[j * n + j]!);
        }
      }
      for (let row = 0; row < b.rows; row++) {
        const x = out.data.subarray(row * n, row * n + n);
        for (let i = 0; i < n; i++) {
          let sum = b.data[row * n + i]!;
          for (let k = 0; k < i; k++) sum = round(sum - round(l[i * n + k]! * x[k]!));
          x[i] = sum / l[i * n + i]!;
        }
        for (let i = n - 1; i >= 0; i--) {
          let sum = x[i]!;
          for (let k = i + 1; k < n; k++) sum = round(sum - round(l[k * n + i]! * x[k]!));
          x[i] = sum / l[i * n + i]!;
        }
      }
    },
    sddmm: (row: Int32Array, col: Int32Array, u: PlainMatrix, v: PlainMatrix, out: Numbers) => {
      for (let k = 0; k < out.length; k++) {
        let sum = 0;
        for (let j = 0; j < u.cols; j++) sum = round(sum + round(u.data[row[k]! * u.cols + j]! * v.data[col[k]! * v.cols + j]!));
        out[k] = sum;
      }
    },
    spmm: (row: Int32Array, col: Int32Array, values: Numbers, b: PlainMatrix, out: PlainMatrix, transposed: boolean) => {
      const [to, from] = transposed ? [col, row] : [row, col];
      out.data.fill(0);
      for (let k = 0; k < values.length; k++) {
        for (let j = 0; j < b.cols; j++) {
          const at = to[k]! * b.cols + j;
          out.data[at] = out.data[at]! + round(values[k]! * b.data[from[k]! * b.cols + j]!);
        }
      }
    },
    mul: (x: Numbers, y: Numbers, out: Numbers) => {
      for (let i = 0; i < out.length; i++) out[i] = x[i]! * y[i]!;
    },
    normal: (key: StreamKey, out: Numbers) => {
      const drawn = new Float64Array(out.length);
      normals(key, drawn);
      out.set(drawn);
    },
  };
}
