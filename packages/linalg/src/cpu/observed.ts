/**
 * Residuals of a product of factors at observed entries, and their products, over compressed rows.
 *
 * Entry e of row i, pointers[i] <= e < pointers[i + 1], is in column index[e]. With the entries of the transposed matrix and `order`, which
 * finds an entry's number in the order of the rows, the same functions serve columns, and nothing is scattered.
 *
 * Bound by the gathers of factor rows and by additions: 4 r flops an entry in the first pass, 2 r in the second; 10 r and 4 r for curvature.
 */
import { LowlandError, type Ints, type Mat, type Vec } from '@lowland/core';

import type { HostMatrix, Numbers } from './arrays.ts';
import { whole } from './handles.ts';

/** Parts are about this many products of numbers long, some fifty microseconds. */
const partProducts = 2 ** 18;

/** Into how many parts the rows are cut: it depends on the sizes alone, so bits do not depend on who computes which part. */
export function partCount(entries: number, rank: number): number {
  return Math.max(1, Math.round((entries * rank) / partProducts));
}

/** Where part `part` of `parts` ends: the first row that starts at or after its share of the entries. `pointers` begin at `at`. */
export function partEnd(pointers: Int32Array, at: number, rows: number, part: number, parts: number): number {
  if (part === parts - 1) return rows;
  const share = (pointers[at + rows]! * (part + 1)) / parts;
  let low = 0;
  for (let high = rows; low < high;) {
    const middle = (low + high) >> 1;
    if (pointers[at + middle]! < share) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @throws LOWLAND_E_SHAPE */
export function refuse(kernel: string, what: string): never {
  throw new LowlandError('LOWLAND_E_SHAPE', `${kernel}: ${what}.`);
}

/**
 * Compressed rows: one pointer more than rows, ascending from 0 to the number of entries, indices inside a matrix of `cols` columns.
 *
 * @throws LOWLAND_E_SHAPE
 */
export function requireCompressed(kernel: string, pointers: Ints, index: Ints, rows: number, cols: number): void {
  const { length, least, largest, ascending } = whole(pointers);
  if (length !== rows + 1 || !ascending || least !== 0 || largest !== index.length) {
    refuse(kernel, `pointers ascend from 0 to the number of entries, ${index.length}, one more than the ${rows} rows; ${length} from ${least} to ${largest} were given`);
  }
  requireInside(kernel, index, cols);
}

function requireInside(kernel: string, index: Ints, size: number): void {
  const { length, least, largest } = whole(index);
  if (length > 0 && (least < 0 || largest >= size)) refuse(kernel, `indices from ${least} to ${largest} are not from 0 to ${size - 1}`);
}

export function requireMatrix(kernel: string, name: string, x: Pick<Mat, 'rows' | 'cols' | 'complex'>, rows: number, cols: number): void {
  if (x.complex) refuse(kernel, `${name} is complex; it works on real matrices`);
  if (x.rows !== rows || x.cols !== cols) refuse(kernel, `${name} is ${x.rows} x ${x.cols}, and should be ${rows} x ${cols}`);
}

export function requireLength(kernel: string, name: string, x: Vec, length: number): void {
  if (x.length !== length) refuse(kernel, `${name} has ${x.length} numbers, and should have ${length}`);
}

function requireEntries(kernel: string, pointers: Ints, index: Ints, data: Vec, roots: Vec | undefined, u: Mat, v: Mat): void {
  requireCompressed(kernel, pointers, index, u.rows, v.rows);
  requireMatrix(kernel, 'u', u, u.rows, u.cols);
  requireMatrix(kernel, 'v', v, v.rows, u.cols);
  requireLength(kernel, 'the data', data, index.length);
  if (roots !== undefined) requireLength(kernel, 'the list of roots', roots, index.length);
}

/** @throws LOWLAND_E_SHAPE */
export function requireResidual(
  pointers: Ints, index: Ints, data: Vec, roots: Vec | undefined, u: Mat, v: Mat, z: Vec, b: Mat | undefined, left: Mat | undefined, squares: Vec, at: number,
): void {
  const kernel = 'observedResidual';
  requireEntries(kernel, pointers, index, data, roots, u, v);
  requireLength(kernel, 'z', z, index.length);
  if ((b === undefined) !== (left === undefined)) refuse(kernel, 'b and left come together');
  if (b !== undefined) requireMatrix(kernel, 'b', b, v.rows, u.cols);
  if (left !== undefined) requireMatrix(kernel, 'left', left, u.rows, u.cols);
  if (!(Number.isInteger(at) && at >= 0 && at < squares.length)) refuse(kernel, `slot ${at} is not in a vector of ${squares.length}`);
}

/** @throws LOWLAND_E_SHAPE */
export function requireCurvature(
  pointers: Ints, index: Ints, data: Vec, roots: Vec | undefined, u: Mat, v: Mat, du: Mat, dv: Mat, z: Vec, left: Mat,
): void {
  const kernel = 'observedCurvature';
  requireEntries(kernel, pointers, index, data, roots, u, v);
  requireMatrix(kernel, 'du', du, u.rows, u.cols);
  requireMatrix(kernel, 'dv', dv, v.rows, u.cols);
  requireMatrix(kernel, 'left', left, u.rows, u.cols);
  requireLength(kernel, 'z', z, 2 * index.length);
}

/** With one factor z has one number an entry, with two it has two. @throws LOWLAND_E_SHAPE */
export function requireProduct(pointers: Ints, index: Ints, order: Ints, z: Vec, b: Mat, db: Mat | undefined, out: Mat): void {
  const kernel = db === undefined ? 'observedProduct' : 'observedCurvatureProduct';
  requireCompressed(kernel, pointers, index, out.rows, b.rows);
  if (order.length !== index.length) refuse(kernel, `the order has ${order.length} entries, the index ${index.length}`);
  requireInside(kernel, order, index.length);
  requireMatrix(kernel, 'b', b, b.rows, out.cols);
  requireMatrix(kernel, 'out', out, out.rows, out.cols);
  if (db !== undefined) requireMatrix(kernel, 'db', db, b.rows, out.cols);
  requireLength(kernel, 'z', z, (db === undefined ? 1 : 2) * index.length);
}

/** Up to this rank the vector kernels take entries of a row two at a time in f64, and so do the sums of squares here. */
export const pairedRank = 64;

/** left (if given) and z are written; the result is the sum of squares: entries at even and odd places in their rows, then single ones, by parts. */
export function observedResidual(
  pointers: Int32Array, index: Int32Array, data: Numbers, roots: Numbers | undefined, u: HostMatrix, v: HostMatrix, z: Numbers,
  scale: number, b: HostMatrix | undefined, left: HostMatrix | undefined,
): number {
  const { rows, cols: r } = u;
  const parts = partCount(index.length, r);
  let sum = 0;
  for (let part = 0, row = 0; part < parts; part++) {
    const end = partEnd(pointers, 0, rows, part, parts);
    let even = 0;
    let odd = 0;
    let single = 0;
    for (; row < end; row++) {
      const first = pointers[row]!;
      const last = pointers[row + 1]!;
      const paired = r > 0 && r <= pairedRank ? last - ((last - first) % 2) : first;
      for (let e = first; e < last; e++) {
        const root = roots === undefined ? 1 : roots[e]!;
        const rho = root * inner(r, u.data, row * r, v.data, index[e]! * r) - data[e]!;
        const square = rho * rho;
        if (e >= paired) single += square;
        else if ((e - first) % 2 === 0) even += square;
        else odd += square;
        z[e] = root * rho;
      }
    }
    sum += even + odd + single;
  }
  if (b !== undefined && left !== undefined) observedProduct(pointers, index, undefined, z, scale, b, left);
  return sum;
}

/** z = w (<du, v> + <u, dv>) and w rho side by side, w = roots^2; left = scale times the first with v and the second with dv. */
export function observedCurvature(
  pointers: Int32Array, index: Int32Array, data: Numbers, roots: Numbers | undefined, u: HostMatrix, v: HostMatrix, du: HostMatrix, dv: HostMatrix,
  z: Numbers, scale: number, left: HostMatrix,
): void {
  const r = u.cols;
  for (let row = 0; row < u.rows; row++) {
    for (let e = pointers[row]!; e < pointers[row + 1]!; e++) {
      const root = roots === undefined ? 1 : roots[e]!;
      const [p, q] = [row * r, index[e]! * r];
      const rho = root * inner(r, u.data, p, v.data, q) - data[e]!;
      z[2 * e] = root * (root * twoInner(r, du.data, v.data, u.data, dv.data, p, q));
      z[2 * e + 1] = root * rho;
    }
  }
  observedCurvatureProduct(pointers, index, undefined, z, scale, v, dv, left);
}

/** out[i, :] = scale sum of z[order[e]] b[index[e], :] in the order of e; without an order z[e]. */
export function observedProduct(pointers: Int32Array, index: Int32Array, order: Int32Array | undefined, z: Numbers, scale: number, b: HostMatrix, out: HostMatrix): void {
  addRows(pointers, index, order, z, scale, [b], out);
}

/** out[i, :] = scale sum of z[2 order[e]] b[index[e], :] + z[2 order[e] + 1] db[index[e], :] */
export function observedCurvatureProduct(
  pointers: Int32Array, index: Int32Array, order: Int32Array | undefined, z: Numbers, scale: number, b: HostMatrix, db: HostMatrix, out: HostMatrix,
): void {
  addRows(pointers, index, order, z, scale, [b, db], out);
}

function addRows(pointers: Int32Array, index: Int32Array, order: Int32Array | undefined, z: Numbers, scale: number, factors: readonly HostMatrix[], out: HostMatrix): void {
  const { rows, cols: r, data: sums } = out;
  const width = factors.length;
  sums.fill(0);
  for (let row = 0; row < rows; row++) {
    const at = row * r;
    for (let e = pointers[row]!; e < pointers[row + 1]!; e++) {
      const from = index[e]! * r;
      const place = width * (order === undefined ? e : order[e]!);
      for (let k = 0; k < width; k++) {
        const { data } = factors[k]!;
        const factor = z[place + k]!;
        for (let c = 0; c < r; c++) sums[at + c]! += factor * data[from + c]!;
      }
    }
    for (let c = 0; c < r; c++) sums[at + c]! *= scale;
  }
}

/** <a, b> of r numbers each: pairs of them in two partial sums, their sum, then the odd one. */
export function inner(r: number, a: Numbers, p: number, b: Numbers, q: number): number {
  const even = r - (r % 2);
  let s0 = 0;
  let s1 = 0;
  for (let c = 0; c < even; c += 2) {
    s0 += a[p + c]! * b[q + c]!;
    s1 += a[p + c + 1]! * b[q + c + 1]!;
  }
  const sum = s0 + s1;
  return even < r ? sum + a[p + even]! * b[q + even]! : sum;
}

/** <a, b> + <c, d> as one sum: the products of a and b first. */
export function twoInner(r: number, a: Numbers, b: Numbers, c: Numbers, d: Numbers, p: number, q: number): number {
  const even = r - (r % 2);
  let s0 = 0;
  let s1 = 0;
  for (let k = 0; k < even; k += 2) {
    s0 += a[p + k]! * b[q + k]!;
    s1 += a[p + k + 1]! * b[q + k + 1]!;
  }
  for (let k = 0; k < even; k += 2) {
    s0 += c[p + k]! * d[q + k]!;
    s1 += c[p + k + 1]! * d[q + k + 1]!;
  }
  const sum = s0 + s1;
  return even < r ? sum + a[p + even]! * b[q + even]! + c[p + even]! * d[q + even]! : sum;
}
