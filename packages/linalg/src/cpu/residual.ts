/**
 * Value and products of the residual R = u v^T - target in one pass over the target, tile by tile; R is never stored. Each entry
 * is the sum target - u v^T, begun at the target, with its sign turned.
 *
 * Bound by arithmetic: 6 rank flops for each entry that is read (2 rank for the value alone). Rows are cut into parts, which
 * depend on the sizes alone; each part has its own sum of squares and its own partial right product, added at the end in the
 * order of the parts. So the bits do not depend on who computes which part.
 */
import { LowlandError, type Mat, type Vec } from '@lowland/core';

import type { HostMatrix, Numbers } from './arrays.ts';

/** R is computed in tiles of so many rows and columns at most: with what goes with them they stay in the first-level cache. */
export const tileRows = 48;
export const tileCols = 48;
/** Parts are about this many multiplications of u with v long, a few hundred microseconds, and not more than so many. */
const partProducts = 5 * 2 ** 18;
const mostParts = 16;

/** Rows of parts are multiples of this: parts as even as that allows are worth more than whole tiles. */
export const partStep = 8;
/**
 * Rows of one part: 1 part for small problems, at most 16. A part has twice as many rows as the rank at least, so that all partial
 * right products together are no larger than half the target.
 */
export function rowsOfPart(rows: number, cols: number, rank: number): number {
  const parts = Math.max(1, Math.min(mostParts, Math.round((rows * cols * rank) / partProducts)));
  return partStep * Math.max(1, Math.ceil(Math.max(rows / parts, Math.min(rows, 2 * rank)) / partStep));
}

/** Rows of the tiles of a part of so many rows: as even as pairs allow. */
export const rowsOfTile = (rows: number): number => 2 * Math.ceil(rows / Math.ceil(rows / tileRows) / 2);

/** @throws LOWLAND_E_SHAPE when shapes do not fit, an output comes without its factor, or a matrix is complex */
export function requireResidualShapes(
  target: Mat, u: Mat, v: Mat, b: Mat | undefined, left: Mat | undefined, c: Mat | undefined, right: Mat | undefined, out: Vec, at: number,
): void {
  const refuse = (what: string): never => {
    throw new LowlandError('LOWLAND_E_SHAPE', `residualProducts: ${what}.`);
  };
  const require = (name: string, x: Mat, rows: number, cols: number): void => {
    if (x.complex) refuse(`${name} is complex; it works on real matrices`);
    if (x.rows !== rows || x.cols !== cols) refuse(`${name} is ${x.rows} x ${x.cols}, and should be ${rows} x ${cols}`);
  };
  const [m, n, k, r] = [target.rows, target.cols, u.cols, (b ?? c ?? u).cols];
  require('the target', target, m, n);
  require('u', u, m, k);
  require('v', v, n, k);
  if ((b === undefined) !== (left === undefined) || (c === undefined) !== (right === undefined)) refuse('a factor and its output come together');
  if (b !== undefined) require('b', b, n, r);
  if (left !== undefined) require('left', left, m, r);
  if (c !== undefined) require('c', c, m, r);
  if (right !== undefined) require('right', right, n, r);
  if (!(Number.isInteger(at) && at >= 0 && at < out.length)) refuse(`slot ${at} is not in a vector of ${out.length}`);
}

/** One tile of R, row-major. Calls do not nest. */
const tile = new Float64Array(tileRows * tileCols);
/** Partial sums of squares, one for each column modulo 8. */
const squares = new Float64Array(8);

/** left = scale R b, right = scale R^T c where they are given; the result is |R|^2. */
export function residualProducts(
  target: HostMatrix, u: HostMatrix, v: HostMatrix, scale: number,
  b: HostMatrix | undefined, left: HostMatrix | undefined, c: HostMatrix | undefined, right: HostMatrix | undefined,
): number {
  const { rows: m, cols: n, data } = target;
  const [k, r] = [u.cols, (b ?? c ?? u).cols];
  left?.data.fill(0);
  const total = right && new Float64Array(n * r);
  const partial = right && new Float64Array(n * r);
  const height = rowsOfPart(m, n, Math.max(k, r));
  let sum = 0;
  for (let from = 0; from < m; from += height) {
    const to = Math.min(m, from + height);
    squares.fill(0);
    partial?.fill(0);
    const tall = rowsOfTile(to - from);
    for (let i = from; i < to; i += tall) {
      const high = Math.min(tall, to - i);
      for (let j = 0; j < n; j += tileCols) {
        const wide = Math.min(tileCols, n - j);
        negativeTarget(high, wide, data, i * n + j, n);
        addProduct(high, wide, k, u.data, i * k, k, 1, v.data, j * k, 1, k, tile, 0, tileCols);
        addSquares(high, wide);
        if (b !== undefined) addProduct(high, r, wide, tile, 0, tileCols, 1, b.data, j * r, r, 1, left!.data, i * r, r);
        if (c !== undefined) addProduct(wide, r, high, tile, 0, 1, tileCols, c.data, i * r, r, 1, partial!, j * r, r);
      }
    }
    let part = 0;
    for (const square of squares) part += square;
    sum += part;
    if (partial !== undefined) for (let e = 0; e < partial.length; e++) total![e] = from === 0 ? partial[e]! : total![e]! + partial[e]!;
  }
  // 0 + x: no negative zeros, whichever sign of R was computed with.
  if (left !== undefined) for (let e = 0; e < left.data.length; e++) left.data[e] = 0 + scale * left.data[e]!;
  if (right !== undefined) for (let e = 0; e < right.data.length; e++) right.data[e] = 0 + scale * total![e]!;
  return sum;
}

/** tile = -target */
function negativeTarget(rows: number, cols: number, target: Numbers, at: number, stride: number): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) tile[i * tileCols + j] = -target[at + i * stride + j]!;
}

function addSquares(rows: number, cols: number): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const x = tile[i * tileCols + j]!;
      squares[j & 7]! += x * x;
    }
  }
}

/**
 * out += A B for operands of any strides, each entry continued in the order of k, so that tiles along k make one sum.
 * A tile of 2 x 4 stays in registers.
 */
function addProduct(
  rows: number, cols: number, inner: number, a: Numbers, aAt: number, ai: number, ak: number,
  b: Numbers, bAt: number, bk: number, bj: number, out: Numbers, outAt: number, oi: number,
): void {
  const rows2 = rows - (rows % 2);
  const cols4 = cols - (cols % 4);
  for (let i = 0; i < rows2; i += 2) {
    const p0 = aAt + i * ai;
    const o0 = outAt + i * oi;
    const o1 = o0 + oi;
    for (let j = 0; j < cols4; j += 4) {
      let s00 = out[o0 + j]!, s01 = out[o0 + j + 1]!, s02 = out[o0 + j + 2]!, s03 = out[o0 + j + 3]!;
      let s10 = out[o1 + j]!, s11 = out[o1 + j + 1]!, s12 = out[o1 + j + 2]!, s13 = out[o1 + j + 3]!;
      for (let k = 0, p = p0, q = bAt + j * bj; k < inner; k++, p += ak, q += bk) {
        const x0 = a[p]!;
        const x1 = a[p + ai]!;
        const y0 = b[q]!;
        s00 += x0 * y0;
        s10 += x1 * y0;
        const y1 = b[q + bj]!;
        s01 += x0 * y1;
        s11 += x1 * y1;
        const y2 = b[q + 2 * bj]!;
        s02 += x0 * y2;
        s12 += x1 * y2;
        const y3 = b[q + 3 * bj]!;
        s03 += x0 * y3;
        s13 += x1 * y3;
      }
      out[o0 + j] = s00;
      out[o0 + j + 1] = s01;
      out[o0 + j + 2] = s02;
      out[o0 + j + 3] = s03;
      out[o1 + j] = s10;
      out[o1 + j + 1] = s11;
      out[o1 + j + 2] = s12;
      out[o1 + j + 3] = s13;
    }
  }
  for (let i = 0; i < rows; i++) {
    for (let j = i < rows2 ? cols4 : 0; j < cols; j++) {
      let s = out[outAt + i * oi + j]!;
      for (let k = 0, p = aAt + i * ai, q = bAt + j * bj; k < inner; k++, p += ak, q += bk) s += a[p]! * b[q]!;
      out[outAt + i * oi + j] = s;
    }
  }
}
