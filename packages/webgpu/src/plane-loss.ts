/** Sums of losses at points of a plane: how data and points are shared out, and the sums of the parts. */
import { type Kernels, LowlandError, type Mat, type Vec } from '@lowland/core';
import { lossKinds } from '@lowland/linalg';

import { matrix, requireApart, requireEqual, vector } from './handles.ts';
import type { Lane } from './runtime/lane.ts';
import type { Scratch } from './scratch.ts';
import { planeLoss as shader, planeLossNumber, pointsAtOnce } from './shaders/plane.ts';
import { sumSlices } from './shaders/product.ts';

/** Workgroups that keep a GPU busy, and the least data that are worth one. */
const [enoughGroups, leastShare] = [1024, 256] as const;
/** Multiply-adds of a datum at a point, or what an exponential takes instead. */
const each = 16;

/** NaN and Infinity as words: shaders have no such constants. */
const constants = { nan: 0x7fc00000, infinity: 0x7f800000 } as const;

export function planeLossKernel(lane: Lane, scratch: Scratch, owner: object): NonNullable<Kernels['planeLoss']> {
  return (kind, held, rows, data, given, at, scale, to) => {
    if (![...lossKinds, 'least-squares', 'amplitude', 'difference'].includes(kind)) throw new LowlandError('LOWLAND_E_OPTIONS', `There is no loss "${kind as string}" on planes.`);
    const vec = (x: Vec) => vector(owner, x, 'planeLoss');
    const mat = (x: Mat) => matrix(owner, x, 'planeLoss');
    const [parameters, c, y, points, out] = [vec(held), mat(rows), vec(data), vec(at), vec(to)];
    const weights = given && vec(given);
    requireEqual('planeLoss: rows of c', c.rows, 6);
    requireEqual('planeLoss: data', c.cols, y.length, ...(weights === undefined ? [] : [weights.length]));
    requireEqual('planeLoss: coordinates and points', points.length, 2 * out.length);
    requireEqual('planeLoss: parameters', parameters.length, 1);
    requireApart('planeLoss', out, parameters, c, y, points, ...(weights === undefined ? [] : [weights]));
    const n = c.cols;
    if (n === 0 || out.length === 0) return;
    const count = out.length;
    const across = Math.ceil(count / pointsAtOnce);
    const blocks = Math.max(1, Math.min(Math.ceil(enoughGroups / across), Math.ceil(n / leastShare)));
    const sums = scratch.take(4 * blocks * count);
    const stores = { c: c.root.store, y: y.root.store, weights: (weights ?? y).root.store, points: points.root.store, parameters: parameters.root.store };
    const places = { cAt: c.offset, yAt: y.offset, weightsAt: weights?.offset ?? 0, pointsAt: points.offset, parameterAt: parameters.offset };
    const sizes = { n, count, blocks, share: Math.ceil(n / blocks) };
    lane.spread(shader, { ...stores, sums }, { ...sizes, kind: planeLossNumber(kind), weighted: Number(weights !== undefined), ...places, ...constants }, blocks * across, each * n * count);
    lane.spread(sumSlices, { slices: sums, out: out.root.store }, { n: count, count: blocks, cols: count, stride: count, outAt: out.offset, alpha: scale, beta: 1 }, Math.ceil(count / 256), blocks * count);
  };
}
