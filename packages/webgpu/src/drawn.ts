/** Numbers by the lattice rule, and products with matrices of them that are drawn as they are used. Arguments as core and linalg describe them. */
import { type Kernels, LowlandError, type Vec } from '@lowland/core';

import { type GpuVec, requireApart, vector } from './handles.ts';
import type { Lane } from './runtime/lane.ts';
import type { Scratch } from './scratch.ts';
import { drawnAdjoint, drawnImage } from './shaders/drawn.ts';
import { latticeNumbers, streamOf } from './shaders/philox.ts';
import { sumSlices } from './shaders/product.ts';

/** What drawing a number takes, in multiply-adds. */
const drawWork = 128;
/** Workgroups that keep a GPU busy, and the least rows of a slice. */
const [enoughGroups, leastShare] = [1024, 32] as const;

export function drawnKernels(lane: Lane, scratch: Scratch, owner: object): Required<Pick<Kernels, 'latticeNormal' | 'latticeResidualAdjoint'>> {
  return {
    latticeNormal(key, to) {
      const out = vector(owner, to, 'latticeNormal');
      if (out.length > 0) lane.spread(latticeNumbers, { out: out.root.store }, { n: out.length, outAt: out.offset, ...streamOf(key) }, Math.ceil(out.length / 256), drawWork * out.length);
    },

    latticeResidualAdjoint(scale, key, xOf, yOf, rhoOf, outOf, dxOf, drhoOf, doutOf) {
      const kernel = 'latticeResidualAdjoint';
      const of = (given: Vec | undefined) => given && vector(owner, given, kernel);
      const [x, rho] = [vector(owner, xOf, kernel), vector(owner, rhoOf, kernel)];
      const [y, out, dx, drho, dout] = [yOf, outOf, dxOf, drhoOf, doutOf].map(of) as [GpuVec?, GpuVec?, GpuVec?, GpuVec?, GpuVec?];
      const [m, n] = [rho.length, x.length];
      requireFits(m, n, { x, dx, out, dout }, { y, rho, drho }, { dx, drho, dout });
      const results = [rho, out, drho, dout].filter((result) => result !== undefined);
      for (const result of results) requireApart(kernel, result, x, y, dx, ...results.filter((other) => other !== result));
      const stream = streamOf(key);
      const [two, work] = [Number(dx !== undefined), drawWork * m * n];
      if (m > 0) {
        const stores = { x: x.root.store, y: (y ?? x).root.store, dx: (dx ?? x).root.store, rho: rho.root.store, drho: drho?.root.store ?? scratch.unused(0) };
        const places = { xAt: x.offset, yAt: y?.offset ?? 0, dxAt: dx?.offset ?? 0, rhoAt: rho.offset, drhoAt: drho?.offset ?? 0 };
        lane.spread(drawnImage, stores, { n, data: Number(y !== undefined), two, ...places, ...stream }, m, work);
      }
      if (out === undefined || n === 0) return;
      const across = Math.ceil(n / 64);
      const share = Math.max(1, Math.ceil(m / Math.max(1, Math.min(Math.ceil(enoughGroups / across), Math.floor(m / leastShare)))));
      const count = Math.ceil(m / share);
      const [slices, dslices] = [scratch.take(4 * Math.max(1, count) * n), dout === undefined ? scratch.unused(0) : scratch.take(4 * Math.max(1, count) * n, 'left')];
      if (m > 0) {
        const stores = { rho: rho.root.store, drho: (drho ?? rho).root.store, slices, dslices };
        lane.spread(drawnAdjoint, stores, { m, n, across, share, two, rhoAt: rho.offset, drhoAt: drho?.offset ?? 0, ...stream }, across * count, work);
      }
      for (const [to, from] of [[out, slices], [dout, dslices]] as const) {
        if (to === undefined) continue;
        lane.spread(sumSlices, { slices: from, out: to.root.store }, { n, count, cols: n, stride: n, outAt: to.offset, alpha: scale, beta: 0 }, Math.ceil(n / 256), count * n);
      }
    },
  };
}

type Some = Readonly<Record<string, GpuVec | undefined>>;

function requireFits(m: number, n: number, ofSize: Some, ofCount: Some, second: Some): void {
  const fits = (vectors: Some, length: number) => Object.values(vectors).every((x) => x === undefined || x.length === length);
  if (fits(ofSize, n) && fits(ofCount, m) && new Set(Object.values(second).map((x) => x === undefined)).size === 1) return;
  throw new LowlandError(
    'LOWLAND_E_SHAPE',
    `latticeResidualAdjoint: ${m} measurements of ${n} numbers need vectors of these lengths, and dx, drho, dout all three or none.`,
  );
}
