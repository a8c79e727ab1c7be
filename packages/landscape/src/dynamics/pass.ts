/** The lowest way out of a minimum: the saddle above it and the minimum beyond. */
import { LowlandError } from '@lowland/core';
import { dot, type Matrix, norm } from '@lowland/linalg';

import type { HostTerrain } from './host-terrain.ts';

export interface Stationary {
  readonly point: Float64Array;
  readonly value: number;
  /** Of the Hessian, descending; across the orbit where the terrain has one. */
  readonly eigenvalues: Float64Array;
}

export interface Pass {
  readonly minimum: Stationary;
  readonly saddle: Stationary;
  readonly beyond: Stationary;
}

/** Modes that are followed uphill, each both ways. */
const modes = 6;

/** Curvature below this part of the largest is none. */
const flat = 1e-7;

/** Newton's method from a point that is nearly a minimum. @throws LOWLAND_E_POINT where it ends at none, or at a degenerate one */
export function minimumNear(terrain: HostTerrain, start: Float64Array): Stationary {
  let point = start.slice();
  for (let k = 0; k < 20; k++) {
    const { values, vectors } = terrain.modes(point);
    requireMinimum(values);
    const step = modeSteps(terrain.gradient(point), vectors, values, -1);
    point = point.map((x, i) => x + step[i]!);
    if (norm(step) <= 1e-13 * (1 + norm(point))) break;
  }
  const minimum = stationary(terrain, point);
  requireMinimum(minimum.eigenvalues);
  if (norm(Float64Array.from(point, (x, i) => x - start[i]!)) > 0.1 * (1 + norm(start))) throw notMinimum('Newton steps from it lead far away; solve to a smaller gradient');
  return minimum;
}

/**
 * Saddles of index 1 are searched by following the softest modes uphill, each both ways (steps of Newton's method with the sign of the mode
 * turned, at most `stride` long); the lowest of those from which one side leads back to the minimum is taken. What is found is a pass, but
 * nobody proves that there is no lower one. Source: Cerjan and Miller 1981 (doi:10.1063/1.442352).
 *
 * @throws LOWLAND_E_NUMERICAL where no such saddle is found, or the lowest has flat directions
 */
export function lowestPass(terrain: HostTerrain, minimum: Stationary): Pass {
  const scale = Math.max(1, norm(minimum.point));
  let best: Pass | undefined;
  for (const { saddle, other } of saddlesAbove(terrain, minimum)) {
    if (other !== undefined && terrain.distance(other.point, minimum.point) > 1e-6 * scale && !(saddle.value >= (best?.saddle.value ?? Infinity))) best = { minimum, saddle, beyond: other };
  }
  if (best === undefined) throw new LowlandError('LOWLAND_E_NUMERICAL', 'No saddle was found from which one side leads back to this minimum and the other to another one.');
  const { eigenvalues } = best.saddle;
  const level = eigenvalues.filter((value) => Math.abs(value) <= flat * largest(eigenvalues)).length;
  if (level > 0) throw new LowlandError('LOWLAND_E_NUMERICAL', `The lowest saddle found has ${level} flat direction${level === 1 ? '' : 's'}: det H_s is 0 there, and the law of Eyring and Kramers has another form, which is not built here. "escape-times" tells how long descent takes to leave that saddle.`);
  return best;
}

/**
 * The lowest saddle found from which one side leads back to the minimum, wherever the other leads: across an orbit both can lead to the
 * minimum's own orbit, as where a column changes its sign.
 *
 * @throws LOWLAND_E_NUMERICAL where no such saddle is found
 */
export function lowestSaddle(terrain: HostTerrain, minimum: Stationary): Stationary {
  let best: Stationary | undefined;
  for (const { saddle } of saddlesAbove(terrain, minimum)) if (!(saddle.value >= (best?.value ?? Infinity))) best = saddle;
  if (best === undefined) throw new LowlandError('LOWLAND_E_NUMERICAL', 'No saddle was found from which one side leads back to this minimum. "census" lists saddles: give one of them as the point.');
  return best;
}

/** Saddles that the softest modes lead up to and from which one side leads back, and where the other side ends. */
function* saddlesAbove(terrain: HostTerrain, minimum: Stationary): Generator<{ readonly saddle: Stationary; readonly other: Stationary | undefined }> {
  const { vectors } = terrain.modes(minimum.point);
  const count = vectors.cols;
  const scale = Math.max(1, norm(minimum.point));
  for (let mode = count - 1; mode >= Math.max(0, count - modes); mode--) {
    for (const sign of [1, -1]) {
      const saddle = climb(terrain, minimum.point, column(vectors, mode, sign), 0.05 * scale);
      if (saddle === undefined || saddle.value <= minimum.value) continue;
      const ends = [1, -1].map((side) => slideDown(terrain, saddle, side, 0.02 * scale));
      const back = ends.findIndex((end) => end !== undefined && terrain.distance(end.point, minimum.point) <= 1e-6 * scale);
      if (back >= 0) yield { saddle, other: ends[1 - back] };
    }
  }
}

const column = ({ rows, cols, data }: Matrix, k: number, sign = 1): Float64Array => Float64Array.from({ length: rows }, (_, i) => sign * data[i * cols + k]!);

function climb(terrain: HostTerrain, from: Float64Array, first: Float64Array, stride: number): Stationary | undefined {
  const n = terrain.size;
  let direction = first;
  let point = from.map((x, i) => x + stride * direction[i]!);
  for (let k = 0; k < 1000; k++) {
    const around = surroundings(terrain, point);
    if (around === undefined) return undefined;
    const { gradient, values, vectors } = around;
    // The mode that was followed, by overlap; once curvature is negative the lowest one.
    const overlap = (mode: number): number => Math.abs(dot(column(vectors, mode), direction));
    let followed = values.length - 1;
    if (values[followed]! > 0) for (let mode = 0; mode < values.length; mode++) if (overlap(mode) > overlap(followed)) followed = mode;
    const along = column(vectors, followed);
    const turned = dot(along, direction) < 0 ? along.map((x) => -x) : along;
    const step = modeSteps(gradient, vectors, values, followed);
    // While the mode is still stable, climbing means going on.
    if (values[followed]! > 0 && dot(step, turned) <= 0) for (let i = 0; i < n; i++) step[i]! += (stride - dot(step, turned)) * turned[i]!;
    direction = turned;
    const length = norm(step);
    const factor = Math.min(1, stride / length);
    point = point.map((x, i) => x + factor * step[i]!);
    if (isStationary(gradient, values, point)) {
      const found = stationary(terrain, polished(terrain, point, (modes) => modes - 1));
      return found.eigenvalues.filter((value) => value < -flat * largest(found.eigenvalues)).length === 1 ? found : undefined;
    }
  }
  return undefined;
}

/** The gradient and the modes; undefined where the function has no finite ones, as beyond where it is defined. */
function surroundings(terrain: HostTerrain, point: Float64Array): (ReturnType<HostTerrain['modes']> & { readonly gradient: Float64Array }) | undefined {
  const gradient = terrain.gradient(point);
  return gradient.every(Number.isFinite) ? { gradient, ...terrain.modes(point) } : undefined;
}

/** Gradient steps of bounded length, then Newton's. */
function slideDown(terrain: HostTerrain, saddle: Stationary, side: number, stride: number): Stationary | undefined {
  const { vectors } = terrain.modes(saddle.point);
  const down = column(vectors, vectors.cols - 1, side * stride);
  let point = saddle.point.map((x, i) => x + down[i]!);
  for (let k = 0; k < 5000; k++) {
    const around = surroundings(terrain, point);
    if (around === undefined) return undefined;
    const { gradient, values, vectors: basis } = around;
    const step = values.at(-1)! > 0 ? modeSteps(gradient, basis, values, -1) : gradient.map((g) => -g);
    const length = norm(step);
    if (!Number.isFinite(length)) return undefined;
    const factor = Math.min(1, stride / length);
    point = point.map((x, i) => x + factor * step[i]!);
    if (isStationary(gradient, values, point)) return stationary(terrain, polished(terrain, point, () => -1));
  }
  return undefined;
}

/**
 * -sum of (v^T g / |lambda|) v over the modes, with the sign of the followed one turned while its curvature is positive. Curvatures count as no
 * smaller than min(1e-3, g^(2/3)) of the largest, g the gradient relative to that curvature: where f is flat to second order, as t^4, |g| ~ t^3 and
 * lambda ~ t^2, so that t still falls by a factor a step.
 */
function modeSteps(gradient: Float64Array, { rows: n, cols, data }: Matrix, values: Float64Array, followed: number): Float64Array {
  const most = largest(values);
  const least = most * Math.min(1e-3, Math.cbrt((norm(gradient) / most) ** 2));
  const step = new Float64Array(n);
  for (let mode = 0; mode < cols; mode++) {
    let slope = 0;
    for (let i = 0; i < n; i++) slope += data[i * cols + mode]! * gradient[i]!;
    if (slope === 0) continue;
    const amount = ((mode === followed ? 1 : -1) * slope) / Math.max(Math.abs(values[mode]!), least);
    for (let i = 0; i < n; i++) step[i]! += amount * data[i * cols + mode]!;
  }
  return step;
}

const isStationary = (gradient: Float64Array, values: Float64Array, point: Float64Array): boolean => norm(gradient) <= 1e-12 * largest(values) * (1 + norm(point));

/** The same steps from where they have nearly ended, while the gradient falls; `followed` as there, the last mode at a saddle and -1 at a minimum. */
function polished(terrain: HostTerrain, start: Float64Array, followed: (modes: number) => number): Float64Array {
  let [best, point, reached] = [start, start, Infinity];
  for (let round = 0; round < 20; round++) {
    const gradient = terrain.gradient(point);
    const size = norm(gradient);
    if (!(size < reached)) break;
    [best, reached] = [point, size];
    const { values, vectors } = terrain.modes(point);
    const step = modeSteps(gradient, vectors, values, followed(values.length));
    point = point.map((x, i) => x + step[i]!);
  }
  return best;
}

const largest = (values: Float64Array): number => Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!));

const stationary = (terrain: HostTerrain, point: Float64Array): Stationary => ({ point, value: terrain.value(point), eigenvalues: terrain.modes(point).values });

function requireMinimum(values: Float64Array): void {
  const least = values.at(-1)!;
  if (!(least > 1e-10 * Math.abs(values[0]!))) throw notMinimum(`the least eigenvalue of the Hessian is ${least}: ${least < -1e-8 * Math.abs(values[0]!) ? 'a saddle' : 'flat directions that no symmetry of the objective accounts for'}`);
}

export const notMinimum = (why: string): LowlandError => new LowlandError('LOWLAND_E_POINT', `The point is no nondegenerate minimum: ${why}.`);
