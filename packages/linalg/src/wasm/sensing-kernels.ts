/** Dense and seeded measurements on the vector variant, and normals: parts are shared out and their adjoints added up. */
import type { Dtype, ExtraKernels, Kernels, Mat, StreamKey, Vec } from '@lowland/core';

import { partsOf, partStart, requireFits, type SensingKernels } from '../cpu/sensing.ts';
import type { Arena } from './arena.ts';
import { addresses, type ArenaHandle } from './device.ts';
import type { Library } from './library.ts';
import { drawInto } from './normals.ts';

/** Bytes of rows that are drawn at a time: they stay in the second-level cache. */
const drawnBytes = 2 ** 18;
/** What a number takes that is read from afar, or drawn, in flops of a product. */
const readFlops = 6;
const drawFlops = 60;
const two32 = 2 ** 32;

export function sensingKernels(arena: Arena, library: Library, dtype: Dtype): SensingKernels & Pick<ExtraKernels & Kernels, 'normal' | 'latticeNormal'> {
  const size = dtype === 'f64' ? 8 : 4;
  const address = addresses(arena.kinds[dtype]);

  /**
   * `run` for every part, with places for its sums, if any are asked for, and `before` bytes to work in; the sums are added in the order of the
   * parts. Where the calls are shared every part has places of its own.
   */
  const overParts = (
    count: number, n: number, flops: number, out: number, dout: number, before: number, run: (from: number, rows: number, out: number, dout: number, work: number) => void,
  ): void => {
    const shared = library.shares(flops);
    const parts = out === 0 && !shared ? 1 : partsOf(count, n);
    const { fill, axpy } = library.vector;
    const bytes = out === 0 ? 0 : size * n;
    const both = dout === 0 ? bytes : 2 * bytes;
    const partials = shared ? parts - 1 : Math.min(1, parts - 1);
    const work = arena.work(before * (shared ? parts : 1) + both * partials);
    const firstPartial = work + before * (shared ? parts : 1);
    const partial = (p: number): number => firstPartial + (shared ? both * (p - 1) : 0);
    const add = (p: number): void => {
      if (out !== 0) axpy(n, 1, partial(p), out);
      if (dout !== 0) axpy(n, 1, partial(p) + bytes, dout);
    };
    for (let p = 0; p < parts; p++) {
      const sum = out === 0 || p === 0 ? out : partial(p);
      const dsum = dout === 0 || p === 0 ? dout : partial(p) + bytes;
      const from = partStart(count, parts, p);
      if (sum !== 0) fill(n, 0, sum);
      if (dsum !== 0) fill(n, 0, dsum);
      run(from, partStart(count, parts, p + 1) - from, sum, dsum, work + (shared ? before * p : 0));
      if (p > 0 && !shared) add(p);
    }
    library.join();
    if (shared) for (let p = 1; p < parts; p++) add(p);
  };

  /** @param byLattice 1: by the lattice rule */
  const drawn = (kernel: keyof SensingKernels, byLattice: 0 | 1) => (scale: number, key: StreamKey, x: Vec, y: Vec | undefined, rho: Vec, out?: Vec, dx?: Vec, drho?: Vec, dout?: Vec): void => {
    requireFits(kernel, rho.length, x.length, x, y, rho, out, dx, drho, dout);
    const n = x.length;
    const flops = drawFlops * rho.length * n;
    const { seededRows } = library.parts(library.sensing, flops);
    const padded = 8 * Math.ceil(n / 8);
    const most = Math.max(2, Math.floor(drawnBytes / (size * Math.max(8, padded))));
    const drawn = size * padded * most + (dtype === 'f64' ? 0 : 8 * padded);
    const [x0, y0, rho0, dx0, drho0] = [address(x), address(y), address(rho), address(dx), address(drho)];
    const run = (from: number, rows: number, sum: number, dsum: number, work: number): void => {
      const index = key.index + from;
      seededRows(
        rows, n, work, most, byLattice, index % two32, Math.floor(index / two32), key.purpose, key.seed % two32, Math.floor(key.seed / two32),
        x0, y0 === 0 ? 0 : y0 + size * from, scale, rho0 + size * from, sum, dx0, drho0 + size * from, dsum,
      );
    };
    overParts(rho.length, n, flops, address(out), address(dout), drawn, run);
  };

  const draw = (rule: 'normals' | 'lattice') => (key: StreamKey, out: Vec): void => {
    address(out);
    drawInto(arena, library, key, out.length, () => (out as Vec & ArenaHandle).data, rule);
  };
  return {
    normal: draw('normals'),
    latticeNormal: draw('lattice'),
    residualAdjoint: (scale: number, a: Mat, x: Vec, y: Vec | undefined, rho: Vec, out: Vec, dx?: Vec, drho?: Vec, dout?: Vec) => {
      requireFits('residualAdjoint', a.rows, a.cols, x, y, rho, out, dx, drho, dout);
      const n = a.cols;
      const flops = readFlops * a.length;
      const { residualRows, curvatureRows } = library.parts(library.sensing, flops);
      const row = size * n;
      const [at, x0, y0, rho0, dx0, drho0] = [address(a), address(x), address(y), address(rho), address(dx), address(drho)];
      overParts(a.rows, n, flops, address(out), address(dout), 0, (from, rows, sum, dsum) => {
        const data = y0 === 0 ? 0 : y0 + size * from;
        if (dsum === 0) residualRows(rows, n, at + row * from, row, x0, data, scale, rho0 + size * from, sum);
        else curvatureRows(rows, n, at + row * from, row, x0, data, scale, rho0 + size * from, sum, dx0, drho0 + size * from, dsum);
      });
    },
    seededResidualAdjoint: drawn('seededResidualAdjoint', 0),
    latticeResidualAdjoint: drawn('latticeResidualAdjoint', 1),
  };
}
