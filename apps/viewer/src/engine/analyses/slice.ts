/**
 * A section through a point with the ways of runs laid into it. A way is projected; what projection hides is told: how far each point is from
 * the plane, and f at the point beside f at its projection.
 */
import { type Analysis, createPoint, errorCode, LowlandError, type Point } from '@lowland/core';
import { lagrangeBasis, planeEvaluator, planePolynomialOf, projectTo, type Slice, slice, type SliceDirection, trajectoryPlane, type TrajectoryPlane } from '@lowland/landscape';

import type { CriticalView, PathView, SliceView } from '../../model/types.ts';
import type { Direction, SliceRequest, Standpoint, Way } from '../protocol.ts';
import type { Stand } from './stand.ts';

/** A section, and how long it took. */
export interface Section extends Slice {
  readonly names: readonly string[];
  readonly explained: readonly number[] | null;
  readonly milliseconds: number;
}

export async function sectionOf(stand: Stand, at: Standpoint, request: SliceRequest): Promise<Section> {
  const since = performance.now();
  const { radius, grid, seed, critical = false } = request;
  const { first, second, explained, names } = directions(stand.point, at, request);
  // a GPU that runs are computed on can evaluate whole planes, too
  const evaluator = stand.runsOn === stand.backend ? undefined : planeEvaluator(stand.objective, stand.runsOn);
  const cut = (wanted: boolean): Promise<Slice> => stand.look<Slice>(slice({ first, second, radius, grid, critical: wanted, evaluator }), seed);
  const found = await cut(critical).catch((error: unknown) => {
    // of what is no polynomial there is a picture, but no list
    if (!critical || errorCode(error) !== 'LOWLAND_E_CAPABILITY') throw error;
    return cut(false);
  });
  return { ...found, names, explained, milliseconds: performance.now() - since };
}

const noPolynomial = 'The function is no polynomial in this section, so its critical points cannot be listed; those of the whole landscape can be looked for under stationary points.';

function criticalOf({ critical }: Slice): CriticalView | string {
  if (critical === null) return noPolynomial;
  const { status, reason, bezout, solutions, points, curves } = critical;
  return {
    complete: status === 'complete',
    reason,
    bezout,
    solutions,
    points: points.map(({ at, index, value, gradientNorm, inside }) => ({ s: at[0]!, t: at[1] ?? 0, kind: index === null ? 'degenerate' : index === 0 ? 'minimum' : index === at.length ? 'maximum' : 'saddle', value, gradientNorm, inside })),
    curves,
  };
}

export async function sliceAt(stand: Stand, at: Standpoint, request: SliceRequest, found: Section): Promise<SliceView> {
  const [value] = await valuesAt(stand, [{ s: 0, t: 0 }], found);
  const paths: PathView[] = [];
  for (const way of request.ways) if (way.points[0]?.length === stand.point.data.length) paths.push(await pathOf(stand, way, found));
  return {
    run: at.run,
    iteration: at.iteration,
    value: value!,
    names: found.names,
    s: found.s,
    t: found.t,
    values: found.values,
    method: found.method,
    degree: found.degree,
    errorBound: found.errorBound,
    evaluation: found.evaluation,
    radius: request.radius,
    explained: found.explained,
    paths,
    marks: (request.marks ?? []).filter(({ point }) => point.length === stand.point.data.length).map(({ point, kind, label }) => {
      const { at: [s = 0, t = 0], distance } = projectTo(point, stand.point.data, found.directions.map(({ data }) => data));
      return { s, t, kind, label, distance };
    }),
    critical: request.critical === true ? criticalOf(found) : null,
    milliseconds: found.milliseconds,
  };
}

interface Directions {
  readonly first: SliceDirection;
  readonly second: SliceDirection | undefined;
  readonly names: readonly string[];
  readonly explained: readonly number[] | null;
}

function directions(centre: Point, at: Standpoint, { first, second, other, ways }: SliceRequest): Directions {
  const wants = (direction: Direction | 'none'): boolean => first === direction || second === direction;
  const plane = wants('trajectory') ? planeOf(pointsUpTo(at, ways)) : undefined;
  const along = (direction: Float64Array): Point => createPoint(centre.layout, centre.data.map((x, i) => x + direction[i]!));
  const names: string[] = [];
  let [used, variable] = [0, 0];
  const pick = (direction: Direction): SliceDirection => {
    if (direction === 'trajectory' && plane === undefined) {
      names.push('random, as the run is too short for a plane of its own');
      return 'random';
    }
    names.push(direction);
    if (direction === 'trajectory') return along(plane!.directions[used++]!);
    if (direction === 'zero') return createPoint(centre.layout, new Float64Array(centre.data.length));
    if (direction === 'coordinate') return along(unit(centre.data.length, variable++));
    if (direction !== 'other point') return direction;
    if (other === null || other.every((x, i) => x === centre.data[i])) {
      throw new LowlandError('LOWLAND_E_OPTIONS', 'There is no other point to cut towards: compare two methods that end apart, or choose another direction.');
    }
    return createPoint(centre.layout, other);
  };
  return {
    first: pick(first),
    second: second === 'none' ? undefined : pick(second),
    names,
    explained: plane === undefined ? null : plane.explained.slice(0, used),
  };
}

/** The plane of a run; undefined where it has fewer than three points, or they lie on a line. */
function planeOf(points: readonly Float64Array[]): TrajectoryPlane | undefined {
  try {
    return trajectoryPlane(points);
  } catch (error) {
    if (errorCode(error) === 'LOWLAND_E_POINT') return undefined;
    throw error;
  }
}

function unit(length: number, at: number): Float64Array {
  const out = new Float64Array(length);
  out[at % length] = 1;
  return out;
}

/** Kept points of the run at the centre up to there, the centre last. */
function pointsUpTo(at: Standpoint, ways: readonly Way[]): readonly Float64Array[] {
  const own = ways.find(({ run }) => run === at.run);
  return [...(own?.points.filter((_, k) => own.iteration[k]! < at.iteration) ?? []), at.point];
}

async function pathOf(stand: Stand, { run, iteration, value, points }: Way, found: Slice): Promise<PathView> {
  const placed = points.map((point) => projectTo(point, stand.point.data, found.directions.map(({ data }) => data)));
  const at = placed.map(({ at: [s = 0, t = 0] }) => ({ s, t }));
  return {
    run,
    iteration,
    s: Float64Array.from(at, ({ s }) => s),
    t: Float64Array.from(at, ({ t }) => t),
    value,
    sliceValue: Float64Array.from(await valuesAt(stand, at, found)),
    distance: Float64Array.from(placed, ({ distance }) => distance),
    inPlane: shareInPlane(points, stand.point.data, placed.map(({ distance }) => distance)),
  };
}

function shareInPlane(points: readonly Float64Array[], centre: Float64Array, off: readonly number[]): number {
  const all = points.reduce((sum, point) => sum + point.reduce((square, x, i) => square + (x - centre[i]!) ** 2, 0), 0);
  return all === 0 ? 1 : Math.max(0, 1 - off.reduce((sum, distance) => sum + distance ** 2, 0) / all);
}

/** f at places of the plane: from the polynomial where there is one, else evaluated. */
async function valuesAt(stand: Stand, places: readonly { readonly s: number; readonly t: number }[], { factor, degree, residualError, radius, directions: lines }: Slice): Promise<number[]> {
  if (factor !== null && degree !== null) {
    const polynomial = planePolynomialOf(factor, lagrangeBasis(degree / 2), residualError ?? 0);
    return places.map(({ s, t }) => polynomial.at(s / radius, t / radius));
  }
  const evaluate: Analysis<'value', number[]> = {
    id: 'values',
    requires: ['value'],
    dtype: 'f64',
    async run({ problem, device, scratch }, x, { data }) {
      const value = scratch(1);
      const out: number[] = [];
      for (const { s, t } of places) {
        device.write(x, data.map((start, i) => start + s * lines[0]!.data[i]! + t * (lines[1]?.data[i] ?? 0)));
        problem.value(x, value);
        out.push(await device.scalar(value));
      }
      return out;
    },
  };
  return stand.look<number[]>(evaluate);
}
