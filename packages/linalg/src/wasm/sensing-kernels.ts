/** Dense and seeded measurements on the vector variant, and normals: parts are shared out and their adjoints added up. */
import type { Dtype, Kernels, Mat, StreamKey, Vec } from '@lowland/core';

import { partsOf, partStart, requireFits, type SensingKernels } from '../cpu/sensing.ts';
import type { Arena } from './arena.ts';
import { addressOf, type ArenaHandle } from './device.ts';
import type { Library } from './library.ts';
import { drawInto } from './normals.ts';

/** Bytes of rows that are drawn at a time: they stay in the second-level cache. */
const drawnBytes = 2 ** 18;
const two32 = 2 ** 32;

export function sensingKernels(arena: Arena, library: Library, dtype: Dtype): SensingKernels & Pick<Kernels, 'normal'> {
  const size = dtype === 'f64' ? 8 : 4;
  const kind = arena.kinds[dtype];
  /** 0 stands for what is absent: no block begins there. */
  const address = (x: Vec | undefined): number => (x === undefined ? 0 : addressOf(x as Vec & ArenaHandle, kind));

  /** `run` for every part, with places for its sums; these are added in the order of the parts. */
  const overParts = (
    count: number, n: number, out: number, dout: number, before: number, run: (from: number, rows: number, out: number, dout: number, work: number) => void,
  ): void => {
    const parts = partsOf(count, n);
    const bytes = size * n;
    const { fill, axpy } = library.vector;
    const pair = dout === 0 ? 1 : 2;
    const work = arena.work(before + (parts === 1 ? 0 : pair * bytes));
    const partial = work + before;
    for (let p = 0; p < parts; p++) {
      const [sum, dsum] = p === 0 ? [out, dout] : [partial, dout === 0 ? 0 : partial + bytes];
      const from = partStart(count, parts, p);
      fill(n, 0, sum);
      if (dsum !== 0) fill(n, 0, dsum);
      run(from, partStart(count, parts, p + 1) - from, sum, dsum, work);
      if (p === 0) continue;
      axpy(n, 1, sum, out);
      if (dsum !== 0) axpy(n, 1, dsum, dout);
    }
  };

  return {
    normal: (key, out) => {
      address(out);
      drawInto(arena, library, key, out.length, () => (out as Vec & ArenaHandle).data);
    },
    residualAdjoint: (scale: number, a: Mat, x: Vec, y: Vec | undefined, rho: Vec, out: Vec, dx?: Vec, drho?: Vec, dout?: Vec) => {
      requireFits('residualAdjoint', a.rows, a.cols, x, y, rho, out, dx, drho, dout);
      const { residualRows, curvatureRows } = library.sensing;
      const n = a.cols;
      const row = size * n;
      const [at, x0, y0, rho0, dx0, drho0] = [address(a), address(x), address(y), address(rho), address(dx), address(drho)];
      overParts(a.rows, n, address(out), address(dout), 0, (from, rows, sum, dsum) => {
        const data = y0 === 0 ? 0 : y0 + size * from;
        if (dsum === 0) residualRows(rows, n, at + row * from, row, x0, data, scale, rho0 + size * from, sum);
        else curvatureRows(rows, n, at + row * from, row, x0, data, scale, rho0 + size * from, sum, dx0, drho0 + size * from, dsum);
      });
    },
    seededResidualAdjoint: (scale: number, key: StreamKey, x: Vec, y: Vec | undefined, rho: Vec, out?: Vec, dx?: Vec, drho?: Vec, dout?: Vec) => {
      requireFits('seededResidualAdjoint', rho.length, x.length, x, y, rho, out, dx, drho, dout);
      const { seededRows } = library.sensing;
      const n = x.length;
      const padded = 8 * Math.ceil(n / 8);
      const most = Math.max(2, Math.floor(drawnBytes / (size * Math.max(8, padded))));
      const drawn = size * padded * most + (dtype === 'f64' ? 0 : 8 * padded);
      const [x0, y0, rho0, dx0, drho0] = [address(x), address(y), address(rho), address(dx), address(drho)];
      const run = (from: number, rows: number, sum: number, dsum: number, work: number): void => {
        const index = key.index + from;
        seededRows(
          rows, n, work, most, index % two32, Math.floor(index / two32), key.purpose, key.seed % two32, Math.floor(key.seed / two32),
          x0, y0 === 0 ? 0 : y0 + size * from, scale, rho0 + size * from, sum, dx0, drho0 + size * from, dsum,
        );
      };
      if (out === undefined) run(0, rho.length, 0, 0, arena.work(drawn));
      else overParts(rho.length, n, address(out), address(dout), drawn, run);
    },
  };
}
