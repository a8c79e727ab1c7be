import { LowlandError, type Layout, type Mat, type RankOneEnsemble, type Vec } from '@lowland/core';
import { dot, frobeniusNorm, largestMagnitude, matrix, matrixOperator, multiply, multiplyTransposedVector, multiplyVector, type LinearOperator, type Matrix } from '@lowland/linalg';

import { requireAllFinite, requireLength } from '../factored/checks.ts';
import { denseOperator, rowNorms, sumRounding } from '../factored/host-operators.ts';
import type { HostOperator } from '../factored/linear-map.ts';
import { once } from '../factored/once.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import { normSquaredBound } from './norm-bound.ts';
import type { SensingMap } from './sensing-map.ts';

/** Up to so many entries of all A_k together the norm of the map is found by some 80 products with it: a second or two. */
const triedNumbers = 2 ** 26;

/**
 * Measurements a(X)_k = a_k^T X b_k: a(U V^T) is the row sums of (A U) o (B V), and a*(w) b = A^T (w o (B b)). Neither A_k nor X is ever formed.
 *
 * Bound by arithmetic: 2 r (rows + cols) flops a measurement for an image, twice that for a gradient; the vectors are read twice
 * composed, once fused.
 *
 * |a|^2 is found by randomised Lanczos up to 2^26 entries of all A_k together; beyond, |a|^2 <= max |a_k|^2 |B|^2, since a a* = (A A^T) o (B B^T) (Schur 1911: the entrywise product of psd matrices G, H has norm at most
 * max G_kk |H|); the same with A and B exchanged.
 *
 * Source: Cai, Zhang 2015 (arXiv 1305.2055).
 */
export function rankOneMap(rows: number, cols: number, count: number, ensemble: RankOneEnsemble, symmetric: boolean): SensingMap {
  const { left, right } = ensemble;
  if (right === undefined && rows !== cols) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Rank-one measurements of ${rows} x ${cols} matrices need right vectors; without them A_k = a_k a_k^T is square.`);
  }
  requireLength(`The list of ${count} left vectors`, left.length, count * rows);
  requireAllFinite('A left vector', left);
  if (right !== undefined) {
    requireLength(`The list of ${count} right vectors`, right.length, count * cols);
    requireAllFinite('A right vector', right);
  }
  const a = matrix(count, rows, left);
  const b = right === undefined ? a : matrix(count, cols, right);
  /** X X^T sees (a_k b_k^T + b_k a_k^T)/2. */
  const halves = symmetric && b !== a;
  /** |a_k| |b_k| >= |A_k|_F */
  const norms = once(() => {
    const other = rowNorms(b);
    return rowNorms(a).map((value, k) => value * other[k]!);
  });
  const frobeniusSquared = once(() => {
    if (!halves) return dot(norms(), norms());
    // |sym(a b^T)|_F^2 = (|a|^2 |b|^2 + <a, b>^2)/2
    return norms().reduce((sum, norm, k) => sum + (norm ** 2 + dot(left.subarray(k * rows, (k + 1) * rows), b.data.subarray(k * cols, (k + 1) * cols)) ** 2) / 2, 0);
  });
  const schur = (one: Matrix, other: Matrix): number =>
    largestMagnitude(rowNorms(one)) ** 2 * (1 + (one.cols + 4) * 2 ** -52) * normSquaredBound(matrixOperator(other), frobeniusNorm(other) ** 2)();

  return {
    rows,
    cols,
    length: count,
    isometry: false,
    get frobeniusSquared() {
      return frobeniusSquared();
    },
    depth: rows + cols + 2,
    kernels: ['axpy', 'fill', 'gemm', 'gemv', 'mul'],
    fusedKernels: { residual: ['axpy', 'rankOneProducts'], curvature: ['axpy', 'rankOneProducts'] },
    matrices() {
      const all = new Float64Array(count * rows * cols);
      for (let k = 0, at = 0; k < count; k++) {
        const [ak, bk] = [left.subarray(k * rows, (k + 1) * rows), b.data.subarray(k * cols, (k + 1) * cols)];
        for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) all[at] = halves ? (ak[i]! * bk[j]! + bk[i]! * ak[j]!) / 2 : ak[i]! * bk[j]!;
      }
      return all;
    },
    normSquared: once(() => (count * rows * cols <= triedNumbers ? normSquaredBound(wholeOperator(a, b, halves), frobeniusSquared())() : Math.min(schur(a, b), a === b ? Infinity : schur(b, a)))),
    image(u, v, out) {
      rowProducts(multiply(a, u), multiply(b, v), out);
    },
    magnitudes(u, v, out) {
      const size = (x: Matrix): Matrix => matrix(x.rows, x.cols, x.data.map(Math.abs));
      rowProducts(multiply(size(a), size(u)), multiply(size(b), size(v)), out);
    },
    adjoint(w, plus) {
      const rounding = sumRounding(count + Math.max(rows, cols) + 2, w, norms());
      const z = weighted(a, b, w, halves, rounding);
      if (plus === undefined) return z;
      const data = new Float64Array(rows * cols);
      z.dense(data);
      return denseOperator(matrix(rows, cols, data.map((value, k) => value + plus[k]!)), rounding);
    },
    bind(device, memory, rank) {
      const { axpy, dot: inner, fill, gemm, gemv, mul } = device.kernels;
      const measurements: Layout = { blocks: [{ name: 'Z', shape: [count, 1] }] };
      const upload = (x: Matrix): Mat => device.matrix(newVector(device, memory, x.data), 0, count, x.cols);
      const first = upload(a);
      const second = b === a ? first : upload(b);
      const rho = once(() => memory.vector(count));
      const other = once(() => newMatrix(device, memory, rows, rank));
      /** A U, B V, their entrywise product, a weight in every column, ones. */
      const scratch = once(() => {
        const made = { p: newMatrix(device, memory, count, rank), q: newMatrix(device, memory, count, rank), s: newMatrix(device, memory, count, rank), w: newMatrix(device, memory, count, rank), ones: newMatrix(device, memory, 1, rank) };
        fill(made.ones, 1);
        return made;
      });
      let factor = 1;
      /** out = alpha <first u, second v> by rows + beta out */
      const measure = (alpha: number, u: Mat, v: Mat, beta: 0 | 1, out: Vec): void => {
        const { p, q, s, ones } = scratch();
        gemm('N', 'N', 1, first, u, 0, p);
        const same = first === second && u === v;
        if (!same) gemm('N', 'N', 1, second, v, 0, q);
        mul(p, same ? p : q, s);
        gemv('N', alpha, s, ones, beta, out);
      };
      const image = (u: Mat, v: Mat, out: Vec): void => { measure(1, u, v, 0, out); };
      const load = (alpha: number, w: Vec): void => {
        gemm('N', 'N', 1, device.blocks(w, measurements)['Z']!, scratch().ones, 0, scratch().w);
        factor = halves ? alpha / 2 : alpha;
      };
      /** out = factor near^T (w o (far x)) + beta out */
      const half = (near: Mat, far: Mat, x: Mat, beta: 0 | 1, out: Mat): void => {
        const { q, s, w } = scratch();
        gemm('N', 'N', 1, far, x, 0, q);
        mul(w, q, s);
        gemm('T', 'N', factor, near, s, beta, out);
      };
      const times = (transposed: boolean, x: Mat, beta: 0 | 1, out: Mat): void => {
        const [near, far] = transposed ? [second, first] : [first, second];
        half(near, far, x, beta, out);
        if (halves) half(far, near, x, 1, out);
      };
      return {
        image,
        differential(u, v, du, dv, out) {
          // Both terms are the same where nothing tells left and right apart.
          if (first === second && u === v && du === dv) {
            measure(2, du, v, 0, out);
            return;
          }
          measure(1, du, v, 0, out);
          measure(1, u, dv, 1, out);
        },
        load,
        times,
        fused(data) {
          const products = (scale: number, u: Mat, v: Mat, toLeft: Mat | undefined, toRight: Mat | undefined, ...along: readonly [du: Mat, dv: Mat] | readonly []): void => {
            const { rankOneProducts } = device.kernels;
            if (!halves || toLeft === undefined) {
              rankOneProducts!(scale, first, second, data, u, v, rho(), toLeft, toRight, ...along);
              return;
            }
            rankOneProducts!(scale / 2, first, second, data, u, v, rho(), toLeft, other(), ...along);
            axpy(1, other(), toLeft);
          };
          return {
            residualProducts(u, v, scale, c, toLeft, d, toRight, squares, slot) {
              // The products of the residual with the factors themselves, which is what gradients ask for, come with it.
              if ((c === undefined || c === v) && (d === undefined || d === u)) {
                products(scale, u, v, toLeft, toRight);
                inner(rho(), rho(), squares, slot);
                return;
              }
              image(u, v, rho());
              axpy(-1, data, rho());
              inner(rho(), rho(), squares, slot);
              load(scale, rho());
              if (toLeft !== undefined) times(false, c!, 0, toLeft);
              if (toRight !== undefined) times(true, d!, 0, toRight);
            },
            curvatureProducts: (u, v, du, dv, scale, toLeft, toRight) => { products(scale, u, v, toLeft, toRight, du, dv); },
          };
        },
      };
    },
    largest: Math.max(left.length, right?.length ?? 0),
    bytes: (width, rank) => width * (left.length + (right?.length ?? 0) + (4 * count + rows + 1) * rank + count),
    sampled(device) {
      return {
        products(uMat, vMat, slope, batch, scale, leftMat, rightMat) {
          const [u, v, toLeft, toRight] = [device.host!(uMat), device.host!(vMat), device.host!(leftMat), device.host!(rightMat)];
          const r = uMat.cols;
          const [p, q] = [new Float64Array(r), new Float64Array(r)];
          for (const k of batch) {
            projected(a, k, u, p);
            projected(b, k, v, q);
            const weight = scale * slope(dot(p, q), k);
            addOuter(a, k, weight, q, toLeft);
            addOuter(b, k, weight, p, toRight);
          }
        },
      };
    },
    stack(factor, unknown) {
      // Row k of K is a_k (b_k V) or b_k (a_k U), as a matrix and row-major.
      const [here, there] = unknown === 'left' ? [a, b] : [b, a];
      const product = multiply(there, factor);
      const r = factor.cols;
      const stacked = matrix(count, here.cols * r);
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < here.cols; i++) {
          const x = here.data[k * here.cols + i]!;
          for (let c = 0; c < r; c++) stacked.data[k * stacked.cols + i * r + c] = x * product.data[k * r + c]!;
        }
      }
      return stacked;
    },
  };
}

/** a as an operator on vec X, or on its symmetric part. Some 4 rows cols flops a measurement; never all A_k at a time. */
function wholeOperator(a: Matrix, b: Matrix, halves: boolean): LinearOperator {
  const [rows, cols] = [a.cols, b.cols];
  return {
    rows: a.rows,
    cols: rows * cols,
    apply(x, out) {
      const given = matrix(rows, cols, x);
      const z = halves ? symmetricPart(given) : given;
      rowProducts(multiply(a, z), b, out);
    },
    applyTransposed: (w, out) => { weighted(a, b, w, halves, 0).dense(out); },
  };
}

function symmetricPart({ rows: n, data }: Matrix): Matrix {
  return matrix(n, n, data.map((value, k) => (value + data[(k % n) * n + Math.floor(k / n)]!) / 2));
}

/** out = x^T a_k, a_k the row k of a. */
function projected(a: Matrix, k: number, x: Float64Array, out: Float64Array): void {
  const r = out.length;
  out.fill(0);
  for (let i = 0; i < a.cols; i++) for (let t = 0; t < r; t++) out[t]! += a.data[k * a.cols + i]! * x[i * r + t]!;
}

/** out += weight a_k q^T */
function addOuter(a: Matrix, k: number, weight: number, q: Float64Array, out: Float64Array): void {
  const r = q.length;
  for (let i = 0; i < a.cols; i++) for (let t = 0; t < r; t++) out[i * r + t]! += weight * a.data[k * a.cols + i]! * q[t]!;
}

/** out[k] = <row k of x, row k of y> */
function rowProducts(x: Matrix, y: Matrix, out: Float64Array): void {
  for (let k = 0; k < x.rows; k++) {
    let sum = 0;
    for (let c = k * x.cols; c < (k + 1) * x.cols; c++) sum += x.data[c]! * y.data[c]!;
    out[k] = sum;
  }
}

/** Z = A^T diag(w) B, or its symmetric part: products go through the vectors; Z itself is formed when it is asked for. */
function weighted(a: Matrix, b: Matrix, w: Float64Array, halves: boolean, rounding: number): HostOperator {
  const between = new Float64Array(w.length);
  const part = new Float64Array(Math.max(a.cols, b.cols));
  const product = (near: Matrix, far: Matrix, x: Float64Array, out: Float64Array): void => {
    multiplyVector(far, x, between);
    for (let k = 0; k < w.length; k++) between[k]! *= w[k]!;
    multiplyTransposedVector(near, between, out);
  };
  const apply = (near: Matrix, far: Matrix, x: Float64Array, out: Float64Array): void => {
    product(near, far, x, out);
    if (!halves) return;
    product(far, near, x, part);
    for (let i = 0; i < out.length; i++) out[i] = (out[i]! + part[i]!) / 2;
  };
  const formed = once(() => {
    const rowsOf = matrix(a.rows, a.cols, a.data.map((value, k) => value * w[Math.floor(k / a.cols)]!));
    const z = multiply(rowsOf, b, { transposeA: true });
    return denseOperator(halves ? symmetricPart(z) : z, rounding);
  });
  return {
    rows: a.cols,
    cols: b.cols,
    maxRowCount: Math.max(a.cols, b.cols),
    rounding,
    apply: (x, out) => { apply(a, b, x, out); },
    applyTransposed: (x, out) => { apply(b, a, x, out); },
    gram: (out) => { formed().gram(out); },
    dense: (out) => { formed().dense(out); },
  };
}
