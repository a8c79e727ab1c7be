/** Value and products of a dense residual: how the work is shared out, and the sums of its parts. */
import { LowlandError } from '@lowland/core';

import { type GpuVec, requireApart } from './handles.ts';
import type { Lane } from './runtime/lane.ts';
import type { Scratch } from './scratch.ts';
import { sum } from './shaders/dot.ts';
import { fill } from './shaders/elementwise.ts';
import { sumSlices } from './shaders/product.ts';
import { blockRows, mostColumns, residual, stripColumns } from './shaders/residual.ts';
import { sumWidth } from './shaders/sums.ts';

/** Row blocks that add to parts of their own, at most; and workgroups that keep a GPU busy. */
const [mostParts, enoughGroups] = [64, 512] as const;

interface Sides {
  readonly b: GpuVec | undefined;
  readonly left: GpuVec | undefined;
  readonly c: GpuVec | undefined;
  readonly right: GpuVec | undefined;
}

/**
 * With R = u v^T - target: out[at] = |R|^2, left = scale R b, right = scale R^T c. The target is read once for each 32 columns of b and c.
 *
 * @throws LOWLAND_E_SHAPE when shapes do not fit, an output comes without its factor, or a matrix is complex
 * @throws LOWLAND_E_ALIAS when an output shares a vector with an input
 */
export function residualProducts(lane: Lane, scratch: Scratch, target: GpuVec, u: GpuVec, v: GpuVec, scale: number, sides: Sides, out: GpuVec, at: number): void {
  requireShapes(target, u, v, sides, out, at);
  const { b, left, c, right } = sides;
  for (const result of [left, right, out]) if (result !== undefined) requireApart('residualProducts', result, target, u, v, b, c);
  const { rows: m, cols: n } = target;
  if (m === 0 || n === 0) {
    for (const result of [left, right]) if (result !== undefined && result.length > 0) lane.spread(fill, { out: result.root.store }, { n: result.length, outAt: result.offset, bits: 0 }, Math.ceil(result.length / 256), result.length);
    lane.spread(fill, { out: out.root.store }, { n: 1, outAt: out.offset + at, bits: 0 }, 1, 1);
    return;
  }
  const stride = (b ?? c)?.cols ?? 0;
  const blocks = Math.min(Math.ceil(m / blockRows), mostParts);
  const chunks = Math.max(1, Math.min(Math.ceil(enoughGroups / blocks), Math.floor(n / blockRows)));
  const width = stripColumns * Math.ceil(n / chunks / stripColumns);
  const across = Math.ceil(n / width);
  const wanted = (left === undefined ? 0 : 1) + (right === undefined ? 0 : 2);
  const least = Math.min(stride, mostColumns);
  const parts = {
    leftParts: scratch.take(4 * Math.max(1, left === undefined ? 0 : across * m * least), 'left'),
    rightParts: scratch.take(4 * Math.max(1, right === undefined ? 0 : blocks * n * least), 'right'),
    squares: scratch.take(4 * across * blocks * sumWidth[lane.sums]),
  };
  const stores = { data: target.root.store, u: u.root.store, v: v.root.store, b: (b ?? target).root.store, c: (c ?? target).root.store, ...parts };
  const places = { dataAt: target.offset, uAt: u.offset, vAt: v.offset, bAt: b?.offset ?? 0, cAt: c?.offset ?? 0 };
  for (let first = 0; first === 0 || first < stride; first += mostColumns) {
    const r = Math.min(mostColumns, stride - first);
    const sides = Number(left !== undefined) + Number(right !== undefined);
    lane.spread(residual[lane.sums], stores, { blocks, m, n, k: u.cols, r, stride, first, width, wanted: r === 0 ? 0 : wanted, ...places }, blocks * across, m * n * (1 + u.cols + sides * r));
    const add = (result: GpuVec | undefined, slices: typeof parts.squares, rows: number, count: number) => {
      if (result === undefined || r === 0) return;
      const to = { cols: r, stride, outAt: result.offset + first };
      lane.spread(sumSlices, { slices, out: result.root.store }, { n: rows * r, count, ...to, alpha: scale, beta: 0 }, Math.ceil((rows * r) / 256), count * rows * r);
    };
    add(left, parts.leftParts, m, across);
    add(right, parts.rightParts, n, blocks);
  }
  lane.run(sum[lane.sums], { x: parts.squares, out: out.root.store }, { n: across * blocks, outAt: out.offset + at }, 1);
}

function requireShapes(target: GpuVec, u: GpuVec, v: GpuVec, { b, left, c, right }: Sides, out: GpuVec, at: number): void {
  const refuse = (what: string): never => {
    throw new LowlandError('LOWLAND_E_SHAPE', `residualProducts: ${what}.`);
  };
  const require = (name: string, x: GpuVec | undefined, rows: number, cols: number): void => {
    if (x === undefined) return;
    if (x.complex) refuse(`${name} is complex; it works on real matrices`);
    if (x.rows !== rows || x.cols !== cols) refuse(`${name} is ${x.rows} x ${x.cols}, and should be ${rows} x ${cols}`);
  };
  const [m, n, k, r] = [target.rows, target.cols, u.cols, (b ?? c ?? u).cols];
  require('the target', target, m, n);
  require('u', u, m, k);
  require('v', v, n, k);
  if ((b === undefined) !== (left === undefined) || (c === undefined) !== (right === undefined)) refuse('a factor and its output come together');
  require('b', b, n, r);
  require('left', left, m, r);
  require('c', c, m, r);
  require('right', right, n, r);
  if (!(Number.isInteger(at) && at >= 0 && at < out.length)) refuse(`slot ${at} is not in a vector of ${out.length}`);
}
