/**
 * Sections of a landscape along a line or a plane.
 */
import { type Analysis, type Context, createPoint, LowlandError, type Point, type Vec } from '@lowland/core';
import { type Matrix, norm } from '@lowland/linalg';

import { requireFlat } from '../classify/walk.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { across, filterNormalised, hessianDirection, randomDirection, symmetryDirection, towards } from './directions.ts';
import { criticalPoints, type Section, type SectionPoints } from './critical-points.ts';
import { largestDegree } from './lagrange.ts';
import { planePolynomial, type PlanePolynomial } from './plane-polynomial.ts';
import { type Evaluation, gridValues, type PlaneEvaluator } from './plane-values.ts';
import { residualRounding } from './residual-rounding.ts';
import { onSection, principalDirection, type SliceTrajectory, type Trajectory } from './trajectory.ts';

/**
 * Along what to cut: `random`, `filter` (normalised columnwise), `smallest` or `largest` (Hessian eigenvectors off the orbit), `symmetry`
 * (a generator), `gradient`, `trajectory` (principal components of a run about the point); or a point to reach.
 */
export type SliceDirection = 'random' | 'filter' | 'smallest' | 'largest' | 'symmetry' | 'gradient' | 'trajectory' | Point;

export interface SliceOptions {
  /** Default `random`; `to` reaches the point of that name. */
  readonly first?: SliceDirection | 'to';
  /** Default: none, a section along a line. It is made orthogonal to the first one. */
  readonly second?: SliceDirection | 'to' | undefined;
  /** The window reaches from -radius to radius in units of the directions, which are as long as the point (or the way to the other point). Default 1. */
  readonly radius?: number;
  /** Points along each axis; default 101 on a line, 65 on a plane. */
  readonly grid?: number;
  /** Whether to find all critical points of the section, where f is a polynomial on it. Default false. */
  readonly critical?: boolean;
  /** What the direction `to` reaches. */
  readonly to?: Point | undefined;
  /** What computes the grid where f is no polynomial on it: `planeEvaluator` on a GPU. Default: the device of the analysis. */
  readonly evaluator?: PlaneEvaluator | undefined;
  /** A run that ended at the point, to be shown on the section. */
  readonly trajectory?: Trajectory | undefined;
}

export interface Slice {
  readonly centre: Point;
  readonly directions: readonly Point[];
  readonly names: readonly string[];
  /** Coordinates along the first direction. */
  readonly s: Float64Array;
  /** Along the second; null on a line. */
  readonly t: Float64Array | null;
  /** f at (s[j], t[i]) in place i · s.length + j; +Infinity outside the domain. */
  readonly values: Float64Array;
  /** `polynomial`: from one triangular factor, exact to `errorBound`; `evaluated`: as `evaluation` says. */
  readonly method: 'polynomial' | 'evaluated';
  /** null for a polynomial. */
  readonly evaluation: Evaluation | null;
  /** The degree of f on the plane; null where it is no polynomial, or not known to be one. */
  readonly degree: number | null;
  /** Largest bound of the rounding of the values; null where they were evaluated. */
  readonly errorBound: number | null;
  /** What the values came from: f = 1/2 |T l(s / radius, t / radius)|^2. */
  readonly factor: Matrix | null;
  /** The part of the rounding that the residual at the nodes came with. */
  readonly residualError: number | null;
  readonly radius: number;
  /** All critical points of f on the line or plane; null where they were not asked for. */
  readonly critical: SectionPoints | null;
  /** The run over the section; null where none was given. */
  readonly trajectory: SliceTrajectory | null;
}

type Needs = 'value' | 'gradient' | 'hessianVectorProduct';
type Uses = 'symmetry' | 'residual' | 'planeValues';
type Ctx = Context<Needs, Uses>;

/**
 * The analysis `slice`: f on x + s u (+ t v).
 *
 * Where f is half the square of a residual that is a polynomial of the variables (factorizations, linear networks, intensities), its values
 * on the whole plane come from its residual at a few nodes (rigour.md F1). Elsewhere f is evaluated, from six products with the data where the
 * objective has `planeValues`, else point by point.
 *
 * @throws LOWLAND_E_OPTIONS for parallel directions, a window or a grid that is none
 * @throws LOWLAND_E_CAPABILITY where critical points are asked for and f is no polynomial
 * @throws LOWLAND_E_POINT for a centre whose numbers are not finite, and directions that are zero there
 * @throws LOWLAND_E_SHAPE for a point of another layout
 */
export function slice(options: SliceOptions = {}): Analysis<Needs, Slice, Uses> {
  return {
    id: 'slice',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['symmetry', 'residual', 'planeValues'],
    dtype: 'f64',
    run(context, point, host) {
      requireFlat(context, 'slice');
      return sliceAt(context, point, host, options);
    },
  };
}

async function sliceAt(context: Ctx, point: Vec, host: Point, { first = 'random', second, radius = 1, grid = second === undefined ? 101 : 65, critical = false, to, trajectory, evaluator }: SliceOptions): Promise<Slice> {
  if (!(radius > 0 && radius < Infinity)) throw new LowlandError('LOWLAND_E_OPTIONS', `The radius of a slice is a positive number; ${radius} was given.`);
  if (!(Number.isSafeInteger(grid) && grid >= 2)) throw new LowlandError('LOWLAND_E_OPTIONS', `A slice has at least two points along each axis; ${grid} was given.`);
  if (!host.data.every(Number.isFinite)) throw new LowlandError('LOWLAND_E_POINT', 'A slice has a point at its centre, whose numbers are finite; this one has others.');
  const u = directionOf(context, point, host, reached(first, to), 0, trajectory);
  const v = second === undefined ? undefined : across(u, directionOf(context, point, host, reached(second, to), first === second ? 1 : 0, trajectory));
  const section = sectionOf(context, point, v === undefined ? [u] : [u, v], radius);
  const s = axis(grid, radius);
  const t = v === undefined ? null : axis(grid, radius);
  const polynomial = await polynomialOn(context, (a, b, out) => { section.place([radius * a, radius * b], out); });
  const whole = critical ? await polynomialOn(context, (a, b, out) => { section.place([a, b], out); }) : undefined;
  if (critical && whole === undefined) throw new LowlandError('LOWLAND_E_CAPABILITY', 'All critical points of a section can be found where the objective is half the square of a polynomial residual; this one is not. Leave out critical, or use a census.');
  const rows = t ?? Float64Array.of(0);
  const { values, errorBound, evaluation } =
    polynomial === undefined
      ? { errorBound: null, ...(await gridValues(context, host, section, v === undefined ? [u] : [u, v], s, rows, evaluator)) }
      : { evaluation: null, ...exactValues(polynomial, s, rows, radius) };
  const directions = (v === undefined ? [u] : [u, v]).map((direction) => createPoint(host.layout, direction));
  return {
    centre: host,
    directions,
    names: (second === undefined ? [first] : [first, second]).map((direction) => (typeof direction === 'string' ? direction : 'point')),
    s,
    t,
    values,
    method: polynomial === undefined ? 'evaluated' : 'polynomial',
    evaluation,
    degree: polynomial?.degree ?? null,
    errorBound,
    factor: polynomial?.factor ?? null,
    residualError: polynomial?.residualError ?? null,
    radius,
    critical: whole === undefined ? null : criticalPoints(context, whole, section, (attempt) => context.random('homotopy', attempt)),
    trajectory: trajectory === undefined ? null : await onSection(context, trajectory, host, directions.map(({ data }) => data)),
  };
}

function exactValues(polynomial: PlanePolynomial, s: Float64Array, t: Float64Array, radius: number): { readonly values: Float64Array; readonly errorBound: number } {
  const values = new Float64Array(s.length * t.length);
  let errorBound = 0;
  for (let i = 0; i < t.length; i++) {
    for (let j = 0; j < s.length; j++) {
      values[i * s.length + j] = polynomial.at(s[j]! / radius, t[i]! / radius);
      errorBound = Math.max(errorBound, polynomial.error());
    }
  }
  return { values, errorBound };
}

/**
 * The polynomial of f on a plane, where f is one: its residual has a degree, and half the square of it is f, which is looked at in two places
 * (a linear term or a penalty that is no square is not in the residual).
 */
export async function polynomialOn(context: Ctx, place: (s: number, t: number, out: Vec) => void): Promise<PlanePolynomial | undefined> {
  const { problem, device, scratch } = context;
  const { residual } = problem;
  if (residual?.degree === undefined || residual.degree > largestDegree) return undefined;
  const x = scratch();
  const value = scratch(1);
  place(0, 0, x);
  const polynomial = planePolynomial({ device, scratch }, residual, residual.degree, place, residualRounding(context, residual)(x));
  for (const [s, t] of [[0, 0], [0.7, -0.6]] as const) {
    place(s, t, x);
    problem.value(x, value);
    const f = await device.scalar(value);
    if (!(Math.abs(polynomial.at(s, t) - f) <= 1e-9 * Math.abs(f) + 10 * polynomial.error())) return undefined;
  }
  return polynomial;
}

/** x + s u + t v */
function sectionOf({ device, scratch }: Ctx, point: Vec, hosts: readonly Float64Array[], radius: number): Section {
  const directions = hosts.map((direction) => {
    const vector = scratch();
    device.write(vector, direction);
    return vector;
  });
  const { axpy, copy } = device.kernels;
  return {
    directions,
    lengths: hosts.map((direction) => norm(direction)),
    radius,
    place(at, out) {
      copy(point, out);
      directions.forEach((direction, k) => { axpy(at[k]!, direction, out); });
    },
  };
}

function reached(direction: SliceDirection | 'to', to: Point | undefined): SliceDirection {
  if (direction !== 'to') return direction;
  if (to === undefined) throw new LowlandError('LOWLAND_E_OPTIONS', 'A slice towards another point needs that point; give it as `to`, or choose another direction.');
  return to;
}

/** The direction of that name at a point; `again` is 1 where it is asked for a second time. */
export function directionOf(context: Ctx, point: Vec, host: Point, direction: SliceDirection, again: 0 | 1, trajectory: Trajectory | undefined): Float64Array {
  if (typeof direction !== 'string') {
    if (direction.data.length !== host.data.length) {
      throw new LowlandError('LOWLAND_E_SHAPE', `A point to slice towards has ${host.data.length} numbers, as the centre has; ${direction.data.length} were given.`);
    }
    return towards(host, direction);
  }
  const second: Context<SecondOrder, 'symmetry'> = context;
  switch (direction) {
    case 'random':
      return randomDirection(host, context.random('slice', 2 + again));
    case 'filter':
      return filterNormalised(host, context.random('slice', 2 + again));
    case 'smallest':
    case 'largest':
      return hessianDirection(second, point, host, direction, again);
    case 'symmetry':
      return symmetryDirection(second, point, host, again);
    case 'trajectory':
      return principalDirection(trajectory, host, again);
    case 'gradient': {
      const out = context.scratch();
      context.problem.gradient(point, out);
      const gradient = context.device.host!(out).slice();
      const [length, wanted] = [Math.hypot(...gradient), Math.hypot(...host.data) || 1];
      if (length === 0) throw new LowlandError('LOWLAND_E_POINT', 'The gradient is zero at this point: it gives no direction.');
      return gradient.map((value) => (value / length) * wanted);
    }
  }
}

const axis = (count: number, radius: number): Float64Array => Float64Array.from({ length: count }, (_, i) => radius * (-1 + (2 * i) / (count - 1)));
