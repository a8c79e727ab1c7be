/** The kernels over compressed rows of observed entries: what completion needs in one pass. Arguments as linalg describes them. */
import { type Ints, type Kernels, LowlandError, type Mat, type Vec } from '@lowland/core';

import { type GpuInts, type GpuVec, indices, matrix, requireApart, vector } from './handles.ts';
import type { Lane } from './runtime/lane.ts';
import type { Scratch } from './scratch.ts';
import { sum } from './shaders/dot.ts';
import { normalMatrices, normalSolve, rowSpace } from './shaders/normal-equations.ts';
import * as shaders from './shaders/observed.ts';
import { sumWidth } from './shaders/sums.ts';

/** Workgroups that share the rows of a residual out, at most: more than run at once anywhere. Each has a sum of squares of its own. */
const mostSums = 8192;

/** Bytes in which the matrices of rows stand at one time, at most. */
const mostSpace = 2 ** 26;

/** A factor has so many rows and columns; each entry takes `times` a row of it, each row of a list its turn. */
const work = (index: GpuInts, { rows, cols }: GpuVec, times: number): number => 64 * rows + index.length * (1 + times * cols);

type Names = 'normalEquations' | 'observedResidual' | 'observedProduct' | 'observedCurvature' | 'observedCurvatureProduct';

function refuse(kernel: string, what: string): never {
  throw new LowlandError('LOWLAND_E_SHAPE', `${kernel}: ${what}.`);
}

export function observedKernels(lane: Lane, scratch: Scratch, owner: object): Required<Pick<Kernels, Names>> {
  /** @throws LOWLAND_E_SHAPE unless pointers ascend from 0 to the entries, one more than rows, and indices lie in `cols` columns */
  const compressed = (kernel: string, pointersOf: Ints, indexOf: Ints, rows: number, cols: number): readonly [GpuInts, GpuInts] => {
    const index = indices(owner, indexOf, cols, kernel);
    const pointers = indices(owner, pointersOf, index.length + 1, kernel);
    if (pointers.length !== rows + 1 || !pointers.ascending || pointers.least !== 0 || pointers.largest !== index.length) {
      refuse(kernel, `pointers ascend from 0 to the number of entries, ${index.length}, one more than the ${rows} rows; ${pointers.length} from ${pointers.least} to ${pointers.largest} were given`);
    }
    return [pointers, index];
  };
  const factor = (kernel: string, name: string, x: Mat, rows: number, cols: number): GpuVec => {
    const found = matrix(owner, x, kernel);
    if (found.complex) refuse(kernel, `${name} is complex; it works on real matrices`);
    if (found.rows !== rows || found.cols !== cols) refuse(kernel, `${name} is ${found.rows} x ${found.cols}, and should be ${rows} x ${cols}`);
    return found;
  };
  const numbers = (kernel: string, name: string, x: Vec, length: number): GpuVec => {
    const found = vector(owner, x, kernel);
    if (found.length !== length) refuse(kernel, `${name} has ${found.length} numbers, and should have ${length}`);
    return found;
  };
  const entries = (kernel: string, pointersOf: Ints, indexOf: Ints, dataOf: Vec, rootsOf: Vec | undefined, uOf: Mat, vOf: Mat) => {
    const [pointers, index] = compressed(kernel, pointersOf, indexOf, uOf.rows, vOf.rows);
    const [u, v] = [factor(kernel, 'u', uOf, uOf.rows, uOf.cols), factor(kernel, 'v', vOf, vOf.rows, uOf.cols)];
    const data = numbers(kernel, 'the data', dataOf, index.length);
    const roots = rootsOf && numbers(kernel, 'the list of roots', rootsOf, index.length);
    return { pointers, index, u, v, data, roots };
  };
  type Entries = ReturnType<typeof entries>;

  /** z[step e + place], and where the squares went: one of each workgroup. */
  const residual = ({ pointers, index, u, v, data, roots }: Entries, z: GpuVec, step: number, place: number) => {
    const groups = Math.max(1, Math.min(u.rows, mostSums));
    const squares = scratch.take(4 * groups * sumWidth[lane.sums]);
    const stores = { pointers: pointers.root.store, index: index.root.store, data: data.root.store, roots: (roots ?? data).root.store, u: u.root.store, v: v.root.store };
    const places = { dataAt: data.offset, rootsAt: roots?.offset ?? 0, uAt: u.offset, vAt: v.offset, zAt: z.offset };
    const parameters = { groups, rows: u.rows, r: u.cols, weighted: Number(roots !== undefined), step, place, ...places };
    lane.spread(shaders.observedResidual[lane.sums], { ...stores, z: z.root.store, squares }, parameters, groups, work(index, u, 1));
    return { squares, groups };
  };
  const product = (pointers: GpuInts, index: GpuInts, order: GpuInts | undefined, z: GpuVec, scale: number, b: GpuVec, db: GpuVec | undefined, out: GpuVec): void => {
    if (out.length === 0) return;
    const stores = { pointers: pointers.root.store, index: index.root.store, order: (order ?? index).root.store, z: z.root.store, b: b.root.store, db: (db ?? b).root.store, out: out.root.store };
    const places = { zAt: z.offset, bAt: b.offset, dbAt: db?.offset ?? 0, outAt: out.offset };
    const parameters = { r: out.cols, step: db === undefined ? 1 : 2, ordered: Number(order !== undefined), ...places, scale };
    lane.spread(shaders.observedProduct, stores, parameters, out.rows, work(index, out, db === undefined ? 1 : 2));
  };
  const gathered = (kernel: string, pointersOf: Ints, indexOf: Ints, orderOf: Ints, zOf: Vec, scale: number, bOf: Mat, dbOf: Mat | undefined, outOf: Mat): void => {
    const [pointers, index] = compressed(kernel, pointersOf, indexOf, outOf.rows, bOf.rows);
    const order = indices(owner, orderOf, index.length, kernel);
    if (order.length !== index.length) refuse(kernel, `the order has ${order.length} entries, the index ${index.length}`);
    const [b, out] = [factor(kernel, 'b', bOf, bOf.rows, outOf.cols), factor(kernel, 'out', outOf, outOf.rows, outOf.cols)];
    const db = dbOf && factor(kernel, 'db', dbOf, bOf.rows, outOf.cols);
    const z = numbers(kernel, 'z', zOf, (db === undefined ? 1 : 2) * index.length);
    requireApart(kernel, out, z, b, db);
    product(pointers, index, order, z, scale, b, db, out);
  };

  return {
    observedResidual(pointersOf, indexOf, dataOf, rootsOf, uOf, vOf, zOf, scale, bOf, leftOf, squaresOf, at = 0) {
      const kernel = 'observedResidual';
      const all = entries(kernel, pointersOf, indexOf, dataOf, rootsOf, uOf, vOf);
      const z = numbers(kernel, 'z', zOf, all.index.length);
      const out = vector(owner, squaresOf, kernel);
      if ((bOf === undefined) !== (leftOf === undefined)) refuse(kernel, 'b and left come together');
      const b = bOf && factor(kernel, 'b', bOf, vOf.rows, uOf.cols);
      const left = leftOf && factor(kernel, 'left', leftOf, uOf.rows, uOf.cols);
      if (!(Number.isInteger(at) && at >= 0 && at < out.length)) refuse(kernel, `slot ${at} is not in a vector of ${out.length}`);
      requireApart(kernel, z, all.u, all.v, all.data, all.roots, b, left, out);
      requireApart(kernel, out, all.u, all.v, all.data, all.roots, b, left);
      if (left !== undefined) requireApart(kernel, left, all.u, all.v, all.data, all.roots, b);
      const { squares, groups } = residual(all, z, 1, 0);
      lane.run(sum[lane.sums], { x: squares, out: out.root.store }, { n: groups, outAt: out.offset + at }, 1);
      if (b !== undefined && left !== undefined) product(all.pointers, all.index, undefined, z, scale, b, undefined, left);
    },

    normalEquations(pointersOf, indexOf, valuesOf, weightsOf, vOf, shift, outOf) {
      const kernel = 'normalEquations';
      const [pointers, index] = compressed(kernel, pointersOf, indexOf, outOf.rows, vOf.rows);
      const [v, out] = [factor(kernel, 'v', vOf, vOf.rows, outOf.cols), factor(kernel, 'out', outOf, outOf.rows, outOf.cols)];
      const values = numbers(kernel, 'the list of values', valuesOf, index.length);
      const weights = weightsOf && numbers(kernel, 'the list of weights', weightsOf, index.length);
      requireApart(kernel, out, values, weights, v);
      const { rows, cols: r } = out;
      if (out.length === 0) return;
      const most = Math.max(1, Math.min(rows, Math.floor(mostSpace / (4 * rowSpace(r)))));
      const space = scratch.take(4 * rowSpace(r) * most);
      const stores = { pointers: pointers.root.store, index: index.root.store, values: values.root.store, weights: (weights ?? values).root.store, v: v.root.store, space };
      const places = { weighted: Number(weights !== undefined), valuesAt: values.offset, weightsAt: weights?.offset ?? 0, vAt: v.offset };
      for (let first = 0; first < rows; first += most) {
        const count = Math.min(most, rows - first);
        const n = count * r * (r + 1);
        const terms = pointers.data[first + count]! - pointers.data[first]!;
        lane.spread(normalMatrices, stores, { n, first, r, shift, ...places }, Math.ceil(n / 256), n + terms * r * (r + 1));
        lane.spread(normalSolve, { space, out: out.root.store }, { n: count, r, outAt: out.offset + first * r }, Math.ceil(count / 64), count * r ** 3);
      }
    },

    observedProduct(pointers, index, order, z, scale, b, out) {
      gathered('observedProduct', pointers, index, order, z, scale, b, undefined, out);
    },

    observedCurvature(pointersOf, indexOf, dataOf, rootsOf, uOf, vOf, duOf, dvOf, zOf, scale, leftOf) {
      const kernel = 'observedCurvature';
      const all = entries(kernel, pointersOf, indexOf, dataOf, rootsOf, uOf, vOf);
      const { pointers, index, u, v, roots, data } = all;
      const [du, dv] = [factor(kernel, 'du', duOf, u.rows, u.cols), factor(kernel, 'dv', dvOf, v.rows, u.cols)];
      const left = factor(kernel, 'left', leftOf, u.rows, u.cols);
      const z = numbers(kernel, 'z', zOf, 2 * index.length);
      requireApart(kernel, z, u, v, du, dv, data, roots, left);
      requireApart(kernel, left, u, v, du, dv, data, roots);
      residual(all, z, 2, 1);
      const stores = { pointers: pointers.root.store, index: index.root.store, roots: (roots ?? data).root.store, u: u.root.store, v: v.root.store, du: du.root.store, dv: dv.root.store };
      const places = { rootsAt: roots?.offset ?? 0, uAt: u.offset, vAt: v.offset, duAt: du.offset, dvAt: dv.offset, zAt: z.offset };
      lane.spread(shaders.observedDifferential, { ...stores, z: z.root.store }, { r: u.cols, weighted: Number(roots !== undefined), ...places }, u.rows, work(index, u, 2));
      product(pointers, index, undefined, z, scale, v, dv, left);
    },

    observedCurvatureProduct(pointers, index, order, z, scale, b, db, out) {
      gathered('observedCurvatureProduct', pointers, index, order, z, scale, b, db, out);
    },
  };
}
