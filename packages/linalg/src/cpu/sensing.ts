/**
 * Residuals and adjoints of dense and seeded measurements, row by row: the plain twin, and what both variants share.
 */
import { type ExtraKernels, latticeNormals, LowlandError, normals, type Vec } from '@lowland/core';

import { axpy, dotAt } from '../vector.ts';
import type { Numbers } from './arrays.ts';

/** Rows and numbers that make a part worth having, and most parts: each has an adjoint of its own, which together stay far below the rows. */
const partRows = 32;
const partNumbers = 2 ** 17;
const mostParts = 16;

/** Into how many ranges the rows of a pass are cut, by the sizes alone. */
export function partsOf(count: number, size: number): number {
  return Math.max(1, Math.min(mostParts, Math.floor(count / partRows), Math.floor((count * size) / partNumbers)));
}

/** The first row of a part. */
export const partStart = (count: number, parts: number, part: number): number => Math.floor((count * part) / parts);

/** What is measured of one vector: rho[k] = <a_k, x> - y[k], and out = scale sum_k rho[k] a_k. */
export interface Side {
  readonly x: Numbers;
  readonly y: Numbers | undefined;
  readonly rho: Numbers;
  readonly out: Numbers;
}

/** Residuals of rows `from` to `to`, added to `sums`, one for each side. Row k is read from `a` at `place(k)`. Bound by memory: 4 flops a side for each number of a. */
export function addRows(scale: number, from: number, to: number, a: Numbers, place: (k: number) => number, sides: readonly Side[], sums: readonly Numbers[]): void {
  for (let k = from; k < to; k++) {
    const at = place(k);
    for (let s = 0; s < sides.length; s++) {
      const { x, y, rho } = sides[s]!;
      const product = dotAt(x.length, a, at, x, 0);
      rho[k] = y === undefined ? product : product - y[k]!;
      addRow(scale * rho[k]!, a, at, sums[s]!);
    }
  }
}

function addRow(factor: number, a: Numbers, at: number, out: Numbers): void {
  const n = out.length;
  for (let j = 0; j < n; j++) out[j]! += factor * a[at + j]!;
}

/** `run` for every part, with sums of its own; they are added in the order of the parts. */
export function overParts(count: number, size: number, sides: readonly Side[], run: (from: number, to: number, sums: readonly Numbers[]) => void): void {
  const parts = partsOf(count, size);
  const outs = sides.map(({ out }) => out);
  for (const out of outs) out.fill(0);
  run(0, partStart(count, parts, 1), outs);
  if (parts === 1) return;
  const partial = outs.map((out) => out.slice());
  for (let p = 1; p < parts; p++) {
    for (const sum of partial) sum.fill(0);
    run(partStart(count, parts, p), partStart(count, parts, p + 1), partial);
    partial.forEach((sum, s) => { axpy(1, sum, outs[s]!); });
  }
}

/** Both kernels need as many numbers of everything. @throws LOWLAND_E_SHAPE */
export function requireFits(
  kernel: string, count: number, size: number, x: Sized, y: Sized | undefined, rho: Sized, out: Sized | undefined, dx: Sized | undefined, drho: Sized | undefined, dout: Sized | undefined,
): void {
  const fits = (given: Sized | undefined, expected: number) => given === undefined || given.length === expected;
  const paired = [drho, dout].every((part) => (part === undefined) === (dx === undefined));
  if (paired && [x, dx, out, dout].every((part) => fits(part, size)) && [y, rho, drho].every((part) => fits(part, count))) return;
  throw new LowlandError(
    'LOWLAND_E_SHAPE',
    `${kernel}: ${count} measurements of ${size} numbers need vectors of these lengths, and dx, drho, dout all three or none.`,
  );
}
interface Sized {
  readonly length: number;
}

/** Where nobody asks for the adjoint: a sum of no numbers. */
const nothing = new Float64Array(0);

export type SensingKernels = Pick<ExtraKernels, 'residualAdjoint' | 'seededResidualAdjoint' | 'latticeResidualAdjoint'>;

/** The kernels on what `numbers` finds behind a vector. */
export function plainSensingKernels(numbers: (x: Vec) => Numbers): SensingKernels {
  const sidesOf = (x: Vec, y: Vec | undefined, rho: Vec, out: Vec | undefined, dx?: Vec, drho?: Vec, dout?: Vec): readonly Side[] => {
    const first = { x: numbers(x), y: y && numbers(y), rho: numbers(rho), out: out === undefined ? nothing : numbers(out) };
    if (dx === undefined || drho === undefined || dout === undefined) return [first];
    return [first, { x: numbers(dx), y: undefined, rho: numbers(drho), out: numbers(dout) }];
  };
  const drawn = (kernel: keyof SensingKernels, rule: typeof normals): ExtraKernels['seededResidualAdjoint'] => (scale, key, x, y, rho, out, dx, drho, dout) => {
    const [count, size] = [rho.length, x.length];
    requireFits(kernel, count, size, x, y, rho, out, dx, drho, dout);
    const row = numbers(x) instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
    const draw = (k: number): number => {
      rule({ ...key, index: key.index + k }, row);
      return 0;
    };
    const sides = sidesOf(x, y, rho, out, dx, drho, dout);
    overParts(count, size, sides, (from, to, sums) => { addRows(scale, from, to, row, draw, sides, sums); });
  };
  return {
    residualAdjoint: (scale, a, x, y, rho, out, dx, drho, dout) => {
      const size = a.cols;
      requireFits('residualAdjoint', a.rows, size, x, y, rho, out, dx, drho, dout);
      const sides = sidesOf(x, y, rho, out, dx, drho, dout);
      const data = numbers(a);
      overParts(a.rows, size, sides, (from, to, sums) => { addRows(scale, from, to, data, (k) => k * size, sides, sums); });
    },
    seededResidualAdjoint: drawn('seededResidualAdjoint', normals),
    latticeResidualAdjoint: drawn('latticeResidualAdjoint', latticeNormals),
  };
}
