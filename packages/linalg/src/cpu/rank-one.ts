/**
 * Measurements with matrices of rank one, in blocks: the plain twin, and what both variants share.
 */
import { type ExtraKernels, LowlandError, type Mat } from '@lowland/core';

import type { HostMatrix, Numbers } from './arrays.ts';
import { stridedGemm } from './gemm.ts';
import { partStart } from './sensing.ts';

type Arguments = Parameters<ExtraKernels['rankOneProducts']>;

/** Numbers of a and b in a block, which stay in the second-level cache between their two uses; fewest and most rows. */
const blockNumbers = 2 ** 15;
const fewest = 8;
const most = 64;
/** Rows, multiplications and number of the parts. */
const partRows = 256;
const partWork = 2 ** 19;
const mostParts = 16;

/** Rows of a block. */
export const blockOf = (width: number): number => Math.max(fewest, Math.min(most, Math.floor(blockNumbers / Math.max(1, width))));

/** Into how many ranges the rows are cut, by the sizes alone; `width` numbers of a and b in a row. */
export function rankOneParts(count: number, width: number, rank: number): number {
  return Math.max(1, Math.min(mostParts, Math.floor(count / partRows), Math.floor((count * width * rank) / partWork)));
}

/** @throws LOWLAND_E_SHAPE */
export function requireRankOne(...[, a, b, y, u, v, rho, left, right, du, dv]: Arguments): void {
  const shaped = (x: Mat | undefined, rows: number) => x === undefined || (x.rows === rows && x.cols === u.cols);
  const fits = b.rows === a.rows && y.length === a.rows && rho.length === a.rows && [u, left, du].every((x) => shaped(x, a.cols)) && [v, right, dv].every((x) => shaped(x, b.cols));
  if (fits && (du === undefined) === (dv === undefined)) return;
  throw new LowlandError(
    'LOWLAND_E_SHAPE',
    `rankOneProducts: ${a.rows} x ${a.cols} and ${b.rows} x ${b.cols} vectors need factors and outputs of ${a.cols} and ${b.cols} rows, `
    + `as many columns in all, ${a.rows} data, and du and dv both or none.`,
  );
}

/** The kernel on what `numbers` finds behind a matrix. */
export function plainRankOneProducts(host: (x: Mat) => HostMatrix): ExtraKernels['rankOneProducts'] {
  return (...given) => {
    requireRankOne(...given);
    const [scale, a, b, y, u, v, rho, left, right, du, dv] = given;
    const numbers = (x: Arguments[3]): Numbers => host(x as Mat).data;
    const [m, n1, n2, r] = [a.rows, a.cols, b.cols, u.cols];
    const block = blockOf(n1 + n2);
    const parts = rankOneParts(m, n1 + n2, r);
    const fresh = (length: number): Numbers => (numbers(u) instanceof Float64Array ? new Float64Array(length) : new Float32Array(length));
    const [p, q, dp, dq, w] = Array.from({ length: 5 }, () => fresh(block * r)) as [Numbers, Numbers, Numbers, Numbers, Numbers];
    const [an, bn, yn, rhon] = [numbers(a), numbers(b), numbers(y), numbers(rho)];
    const drho = fresh(block);
    const times = (rows: number, from: number, matrix: Numbers, n: number, factor: Numbers, out: Numbers): void => {
      stridedGemm(rows, r, n, 1, matrix, from * n, n, 1, factor, 0, r, 1, 0, out, 0, r);
    };
    /** out += rows of `matrix`^T (scale (drho here + rho dhere)) */
    const add = (rows: number, from: number, matrix: Numbers, n: number, here: Numbers, dhere: Numbers, out: Numbers): void => {
      for (let k = 0; k < rows; k++) {
        const factor = scale * rhon[from + k]!;
        for (let c = k * r; c < (k + 1) * r; c++) {
          if (du === undefined) {
            w[c] = factor * here[c]!;
          } else {
            w[c] = scale * drho[k]! * here[c]!;
            w[c]! += factor * dhere[c]!;
          }
        }
      }
      stridedGemm(n, r, rows, 1, matrix, from * n, 1, n, w, 0, r, 1, 1, out, 0, r);
    };
    const sums = { left: left && fresh(n1 * r), right: right && fresh(n2 * r) };
    for (let part = 0; part < parts; part++) {
      sums.left?.fill(0);
      sums.right?.fill(0);
      const end = partStart(m, parts, part + 1);
      for (let from = partStart(m, parts, part); from < end; from += block) {
        const rows = Math.min(block, end - from);
        times(rows, from, an, n1, numbers(u), p);
        times(rows, from, bn, n2, numbers(v), q);
        if (du !== undefined) times(rows, from, an, n1, numbers(du), dp);
        if (dv !== undefined) times(rows, from, bn, n2, numbers(dv), dq);
        for (let k = 0; k < rows; k++) {
          let sum = 0;
          let differential = 0;
          for (let c = k * r; c < (k + 1) * r; c++) sum += p[c]! * q[c]!;
          rhon[from + k] = sum - yn[from + k]!;
          if (du === undefined) continue;
          for (let c = k * r; c < (k + 1) * r; c++) differential += dp[c]! * q[c]!;
          for (let c = k * r; c < (k + 1) * r; c++) differential += p[c]! * dq[c]!;
          drho[k] = differential;
        }
        if (sums.left) add(rows, from, an, n1, q, dq, sums.left);
        if (sums.right) add(rows, from, bn, n2, p, dp, sums.right);
      }
      for (const [out, sum] of [[left, sums.left], [right, sums.right]] as const) {
        if (out === undefined || sum === undefined) continue;
        const to = numbers(out);
        if (part === 0) to.set(sum);
        else for (let i = 0; i < to.length; i++) to[i]! += sum[i]!;
      }
    }
  };
}
