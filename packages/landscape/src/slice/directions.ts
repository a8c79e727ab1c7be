/**
 * Directions to cut a landscape along. All are as long as the point they start from (of length 1 where that is 0), so that windows of one
 * size suit them all; those to another point reach it.
 */
import { blockLength, type Context, LowlandError, normals, type Point, type StreamKey, type Vec } from '@lowland/core';
import { lanczos, matrix, norm, symmetricEigen } from '@lowland/linalg';

import { deflatedHessian, type SecondOrder } from '../classify/hessian.ts';

/** Independent standard normals. */
export function randomDirection(at: Point, key: StreamKey): Float64Array {
  const out = new Float64Array(at.data.length);
  normals(key, out);
  return scaledTo(out, at);
}

/**
 * Filter-normalised (Li, Xu, Taylor, Studer, Goldstein 2018, arXiv:1712.09913): a random direction whose columns in each block are as long
 * as those of the point.
 */
export function filterNormalised(at: Point, key: StreamKey): Float64Array {
  const out = new Float64Array(at.data.length);
  normals(key, out);
  let offset = 0;
  for (const block of at.layout.blocks) {
    const length = blockLength(block);
    const cols = block.shape.length > 1 ? length / block.shape[0]! : 1;
    for (let j = 0; j < cols; j++) {
      let [own, wanted] = [0, 0];
      for (let i = offset + j; i < offset + length; i += cols) {
        own += out[i]! ** 2;
        wanted += at.data[i]! ** 2;
      }
      const factor = own === 0 ? 0 : Math.sqrt(wanted / own);
      for (let i = offset + j; i < offset + length; i += cols) out[i]! *= factor;
    }
    offset += length;
  }
  return out;
}

/**
 * The k-th eigenvector of the Hessian off the orbit, from the lowest or the highest eigenvalue.
 *
 * @throws LOWLAND_E_OPTIONS when there are not so many directions off the orbit
 */
export function hessianDirection(context: Context<SecondOrder, 'symmetry'>, point: Vec, at: Point, which: 'smallest' | 'largest', k: number): Float64Array {
  const { whole, orbit } = deflatedHessian(context, point);
  const { vectors } = lanczos(whole, { key: context.random('slice', 1), which, count: k + 1, ...(orbit.cols > 0 && { deflate: orbit }) });
  if (k >= vectors.cols) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `There are ${vectors.cols} Hessian eigenvectors off the orbit here; number ${k} (from 0) was asked for. Slice along another direction.`);
  }
  return scaledTo(Float64Array.from({ length: vectors.rows }, (_, i) => vectors.data[i * vectors.cols + k]!), at);
}

/**
 * The direction of a generator of the symmetry group.
 *
 * @throws LOWLAND_E_OPTIONS when the group has no such generator
 */
export function symmetryDirection({ problem, device, scratch }: Context<SecondOrder, 'symmetry'>, point: Vec, at: Point, k: number): Float64Array {
  const { symmetry } = problem;
  if (symmetry === undefined || k >= symmetry.dimension) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The symmetry group has ${symmetry?.dimension ?? 0} generators; number ${k} (from 0) was asked for.`);
  }
  const out = scratch();
  symmetry.generator(point, k, out);
  return scaledTo(device.host!(out).slice(), at);
}

/** From here to there: the whole way. */
export const towards = (at: Point, to: Point): Float64Array => at.data.map((x, i) => to.data[i]! - x);

/** What a trajectory's plane holds of it. */
export interface TrajectoryPlane {
  /** The two leading principal directions of the points about the last one. */
  readonly directions: readonly [Float64Array, Float64Array];
  /** Shares of the squared distances from the last point that each direction explains. */
  readonly explained: readonly [number, number];
}

/**
 * Principal components of x_k - x_K, K the last point, by the Gram matrix of the differences.
 *
 * @throws LOWLAND_E_POINT for fewer than three points, or points on a line
 */
export function trajectoryPlane(points: readonly Float64Array[]): TrajectoryPlane {
  const last = points.at(-1);
  if (last === undefined || points.length < 3) throw new LowlandError('LOWLAND_E_POINT', `A trajectory's plane needs at least three points; there are ${points.length}.`);
  const steps = points.slice(0, -1).map((x) => x.map((value, i) => value - last[i]!));
  const n = steps.length;
  const gram = matrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) gram.data[i * n + j] = gram.data[j * n + i] = steps[i]!.reduce((sum, value, l) => sum + value * steps[j]![l]!, 0);
  const { values, vectors } = symmetricEigen(gram);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  if (!(values[1]! > 1e-14 * values[0]!)) throw new LowlandError('LOWLAND_E_POINT', 'The points of the trajectory lie on a line; a plane needs more.');
  const direction = (k: number): Float64Array => {
    const out = new Float64Array(last.length);
    steps.forEach((step, i) => { for (let l = 0; l < out.length; l++) out[l]! += vectors.data[i * n + k]! * step[l]!; });
    const size = norm(out);
    return out.map((value) => (value / size) * Math.sqrt(values[k]!));
  };
  return { directions: [direction(0), direction(1)], explained: [values[0]! / total, values[1]! / total] };
}

/** Where a point lies in a plane, and how far off it. */
export function projectTo(x: Float64Array, centre: Float64Array, directions: readonly Float64Array[]): { readonly at: readonly number[]; readonly distance: number } {
  const rest = x.map((value, i) => value - centre[i]!);
  const at: number[] = [];
  for (const direction of directions) {
    const square = direction.reduce((sum, value) => sum + value * value, 0);
    const along = rest.reduce((sum, value, i) => sum + value * direction[i]!, 0) / square;
    at.push(along);
    direction.forEach((value, i) => (rest[i]! -= along * value));
  }
  return { at, distance: norm(rest) };
}

/** The part of `direction` across `first`, as long as before. */
export function across(first: Float64Array, direction: Float64Array): Float64Array {
  const length = norm(direction);
  let out = direction;
  for (let pass = 0; pass < 2; pass++) {
    const along = out.reduce((sum, value, i) => sum + value * first[i]!, 0) / first.reduce((sum, value) => sum + value * value, 0);
    out = out.map((value, i) => value - along * first[i]!);
  }
  const left = norm(out);
  if (!(left > 1e-10 * length)) throw new LowlandError('LOWLAND_E_OPTIONS', 'The two directions of a slice are parallel; choose another second one, or another seed.');
  return out.map((value) => (value / left) * length);
}

function scaledTo(direction: Float64Array, at: Point): Float64Array {
  const length = norm(direction);
  if (length === 0) throw new LowlandError('LOWLAND_E_POINT', 'The direction asked for is zero at this point.');
  const wanted = norm(at.data) || 1;
  return direction.map((value) => (value / length) * wanted);
}
