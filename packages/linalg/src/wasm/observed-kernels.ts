/** The kernels over compressed rows: parts of the rows, one call of a compiled function each. */
import type { Dtype, Ints, Mat, Vec } from '@lowland/core';

import { partCount, partEnd, requireCurvature, requireProduct, requireResidual } from '../cpu/observed.ts';
import type { KernelFunctions } from '../cpu/plain-kernels.ts';
import type { Arena } from './arena.ts';
import { addressOf, type ArenaHandle, type ArenaInts } from './device.ts';
import type { Library, Run } from './library.ts';
import type { ObservedName } from './observed-module.ts';

type ObservedKernels = Pick<KernelFunctions, 'observedResidual' | 'observedProduct' | 'observedCurvature' | 'observedCurvatureProduct'>;

/** What an entry takes in one pass, by rank, in flops of a product: gathers bound it. */
const flopsOfEntry = 6;

export function observedKernels(arena: Arena, library: Library, dtype: Dtype): ObservedKernels {
  const kind = arena.kinds[dtype];
  const size = kind.bytes;
  const address = (x: Vec | Ints | undefined): number => (x === undefined ? 0 : addressOf(x as ArenaHandle | ArenaInts, kind));
  /** Indices as byte offsets of rows, after a look at what they belong to. */
  const offsets = (index: Ints, row: number): number => {
    address(index);
    return (index as ArenaInts).times(row);
  };
  const numbers = (): Float64Array | Float32Array => arena[dtype];

  /** The first pass over all parts; `sums` is where each leaves its sum of squares. */
  const firstPass = (
    run: Run, pointers: Ints, index: Ints, data: Vec, roots: Vec | undefined, u: Mat, v: Mat, du: Mat | undefined, dv: Mat | undefined,
    z: Vec, parts: number, sums: number, scale: number, b: Mat | undefined, out: Mat | undefined,
  ): void => {
    const [at, r] = [address(pointers), u.cols];
    const row = size * r;
    const [atIndex, atData, atRoots, atV, atDv, atZ, atB] = [offsets(index, row), address(data), address(roots), address(v), address(dv), address(z), address(b)];
    const [atU, atDu, atOut] = [address(u), address(du), address(out)];
    for (let part = 0, from = 0; part < parts; part++) {
      const to = partEnd(arena.i32, at / 4, u.rows, part, parts);
      const down = row * from;
      run(at + 4 * from, at + 4 * to, atIndex, atData, atRoots, atU + down, atV, atDu + down, atDv, r, atZ, sums + size * part, scale, atB, atOut + down);
      from = to;
    }
    library.join();
  };
  const secondPass = (run: Run, pointers: Ints, index: Ints, order: Ints, z: Vec, scale: number, b: Mat, db: Mat | undefined, out: Mat): void => {
    const [at, r] = [address(pointers), out.cols];
    const [atIndex, atOrder, atZ, atB, atDb, atOut] = [offsets(index, size * r), address(order), address(z), address(b), address(db), address(out)];
    const parts = partCount(index.length, r);
    for (let part = 0, from = 0; part < parts; part++) {
      const to = partEnd(arena.i32, at / 4, out.rows, part, parts);
      run(at + 4 * from, at + 4 * to, atIndex, atOrder, atZ, scale, atB, atDb, r, atOut + size * r * from);
      from = to;
    }
    library.join();
  };
  /** The function for a rank; where there is a pool and enough work, one that leaves the call to it. */
  const kernel = (count: number, rank: number, name: ObservedName): Run => library.parts(library.observed(rank, name), flopsOfEntry * count * rank).run;

  return {
    observedResidual: (pointers, index, data, roots, u, v, z, scale, b, left, squares, at = 0) => {
      requireResidual(pointers, index, data, roots, u, v, z, b, left, squares, at);
      const weighted = roots !== undefined;
      const run = kernel(index.length, u.cols, left === undefined ? (weighted ? 'residualWeighted' : 'residual') : weighted ? 'productsWeighted' : 'products');
      const slot = address(squares) / size + at;
      const parts = partCount(index.length, u.cols);
      const sums = arena.work(size * parts);
      firstPass(run, pointers, index, data, roots, u, v, undefined, undefined, z, parts, sums, scale, b, left);
      // In the order of the parts, whoever computed them.
      let sum = 0;
      for (let part = 0; part < parts; part++) sum += numbers()[sums / size + part]!;
      numbers()[slot] = sum;
    },
    observedProduct: (pointers, index, order, z, scale, b, out) => {
      requireProduct(pointers, index, order, z, b, undefined, out);
      secondPass(kernel(index.length, out.cols, 'gathered'), pointers, index, order, z, scale, b, undefined, out);
    },
    observedCurvature: (pointers, index, data, roots, u, v, du, dv, z, scale, left) => {
      requireCurvature(pointers, index, data, roots, u, v, du, dv, z, left);
      const run = kernel(index.length, u.cols, roots === undefined ? 'curvature' : 'curvatureWeighted');
      firstPass(run, pointers, index, data, roots, u, v, du, dv, z, partCount(index.length, u.cols), 0, scale, v, left);
    },
    observedCurvatureProduct: (pointers, index, order, z, scale, b, db, out) => {
      requireProduct(pointers, index, order, z, b, db, out);
      secondPass(kernel(index.length, out.cols, 'gatheredPairs'), pointers, index, order, z, scale, b, db, out);
    },
  };
}
