/**
 * Basins of attraction on a plane: where a method ends from each point of a grid.
 */
import { type Analysis, type AnyOptimizer, type Capability, type Context, createPoint, LowlandError, type Point, type Vec } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { requireFlat } from '../classify/walk.ts';
import { type HostModel, hostModel } from '../census/host-model.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { findAction } from '../groups/action.ts';
import { trivialAction } from '../groups/small-groups.ts';
import { across } from '../slice/directions.ts';
import { directionOf, type SliceDirection } from '../slice/slice.ts';
import { Catchments, morseIndex } from './catchments.ts';
import { ensembleWalks } from './ensemble-walks.ts';
import { type End, flowWalk, optimizerWalk } from './runs.ts';

/** As those of a slice; `point`: the point itself; a number: that variable, from 0. */
export type BasinDirection = Exclude<SliceDirection, 'trajectory'> | 'point' | number;

export interface BasinsOptions {
  /** What runs from each start; default gradient flow. */
  readonly optimizer?: AnyOptimizer;
  /** Default: the first variable where there are two, else the point itself. */
  readonly first?: BasinDirection | undefined;
  /** Default: the second variable where there are two, else random. Made orthogonal to the first. */
  readonly second?: BasinDirection | undefined;
  /** What the window lies about: the `origin` (default) or the point. */
  readonly centre?: 'origin' | 'point';
  /** The window reaches so many lengths of the directions, which are as long as the point; of variables 1. Default 2. */
  readonly radius?: number;
  /** Starts along each axis; default 49. */
  readonly grid?: number;
  /** Steps of each run at most; default 2,000. */
  readonly iterations?: number;
  /** Stationary is |grad f| up to this part of its size at the point, or at 1s where that is 0; default 1e-6. */
  readonly tolerance?: number;
  /** Ends closer than this are the same, relative to that size; default 1e-3. */
  readonly same?: number;
  /** Orbits that are told apart at most; default 64. */
  readonly most?: number;
}

/** An orbit of stationary points, and what flows to it. */
export interface Basin {
  readonly point: Point;
  readonly value: number;
  /** |grad f| at the point. */
  readonly gradientNorm: number;
  /** Descending directions; null where the Hessian is not finite, or is not formed: above 300 variables. */
  readonly index: number | null;
  /** `least` of those that were reached. */
  readonly kind: 'least' | 'minimum' | 'saddle' | 'unknown';
  /** Points of a finite orbit, or components, that were reached. */
  readonly copies: readonly Point[];
  readonly starts: number;
  /** Of all starts. */
  readonly share: number;
}

export interface Basins {
  /** `gradient flow`, or the method. */
  readonly method: string;
  /** `fused`: all runs in one call, by the objective's ensemble of the method; `loop`: one after another. */
  readonly route: 'fused' | 'loop';
  readonly group: string;
  /** What told orbits apart. */
  readonly by: string;
  readonly centre: Point;
  readonly directions: readonly [Point, Point];
  readonly names: readonly [string, string];
  readonly s: Float64Array;
  readonly t: Float64Array;
  /** At (s[j], t[i]) in place i · s.length + j: the number of the basin; -1 unfinished, -2 diverged, -3 an orbit beyond `most`. */
  readonly labels: Int32Array;
  /** Which point of a finite orbit, or which component of one that has two; 0 elsewhere. */
  readonly copies: Int32Array;
  /** Steps that each run took. */
  readonly iterations: Int32Array;
  /** By value. */
  readonly basins: readonly Basin[];
  readonly ends: { readonly stationary: number; readonly unfinished: number; readonly diverged: number; readonly beyond: number };
}

type Aids = 'symmetry' | 'factors' | 'ensemble';
type Ctx = Context<SecondOrder, Aids>;

/** Up to so many variables Hessians are formed. */
const denseVariables = 300;

/**
 * The analysis `basins`: from each point of a grid on a plane the method runs until the gradient vanishes, and the start gets the number of the orbit it
 * has come to. Points that the symmetry group carries into each other are one orbit; which of them it was is told beside.
 *
 * Ends are polished by Newton's method before they are compared, so that runs need not be long. A start on a boundary may end at a saddle, as the flow
 * does there; whether it is seen depends on the grid. A method without noise that the objective knows as an ensemble takes all starts in one call; runs are then
 * looked at beyond the window only at their ends, and agree with single ones as `solveEnsemble` says. Else they are the method's own, to the bits of
 * `solve` from there with seed 0 (gradient flow: pair of orders 3 and 2 of Bogacki and Shampine 1989, doi:10.1016/0893-9659(89)90079-7).
 *
 * @throws LOWLAND_E_OPTIONS for a window, a grid or directions that are none; LOWLAND_E_KERNEL as the method needs it
 */
export function basins(options: BasinsOptions = {}): Analysis<SecondOrder, Basins, Aids> {
  const { optimizer } = options;
  return {
    id: 'basins',
    // what the method needs is bound with the rest
    requires: [...new Set<Capability>(['value', 'gradient', 'hessianVectorProduct', ...((optimizer?.requires ?? []) as readonly Capability[])])] as SecondOrder[],
    uses: [...new Set<Capability>(['symmetry', 'factors', ...(optimizer?.ensemble === undefined ? [] : (['ensemble'] as const)), ...((optimizer?.uses ?? []) as readonly Capability[])])] as Aids[],
    dtype: 'f64',
    run(context, point, host) {
      requireFlat(context, 'basins');
      return basinsAt(context, point, host, options);
    },
  };
}

async function basinsAt(context: Ctx, at: Vec, host: Point, { optimizer, first, second, centre = 'origin', radius = 2, grid = 49, iterations = 2000, tolerance = 1e-6, same = 1e-3, most = 64 }: BasinsOptions): Promise<Basins> {
  if (!(radius > 0 && radius < Infinity)) throw new LowlandError('LOWLAND_E_OPTIONS', `The radius of a map of basins is a positive number; ${radius} was given.`);
  if (!(Number.isSafeInteger(grid) && grid >= 2)) throw new LowlandError('LOWLAND_E_OPTIONS', `A map of basins has at least two starts along each axis; ${grid} was given.`);
  const n = host.data.length;
  const names = [first ?? (n <= 2 ? 0 : 'point'), second ?? (n <= 2 ? 1 : 'random')] as const;
  const u = axisOf(context, at, host, names[0], 0);
  const v = across(u, axisOf(context, at, host, names[1], names[0] === names[1] ? 1 : 0));
  const middle = centre === 'point' ? host.data : new Float64Array(n);
  const model = hostModel(context, n);
  const unit = host.data.some((value) => value !== 0) ? host.data : new Float64Array(n).fill(1);
  const size = norm(unit);
  const limits = { goal: tolerance * gradientScale(model, unit), far: 1e4 * radius * Math.max(size, norm(u), norm(v)), iterations };
  const together = optimizer && ensembleWalks(context, optimizer, limits);
  const walk = optimizer === undefined ? flowWalk(model, 1e-3 * size, limits) : optimizerWalk(context, optimizer, limits);
  const { symmetry, factors } = context.problem;
  const action = findAction(host.layout, symmetry, factors) ?? trivialAction(`position; points that ${symmetry!.group} carries into each other are listed apart`);
  const catchments = new Catchments({ action, model, size, same, finite: (symmetry?.dimension ?? 0) === 0, most, dense: n <= denseVariables });

  const s = Float64Array.from({ length: grid }, (_, i) => radius * (-1 + (2 * i) / (grid - 1)));
  const t = s.slice();
  const [labels, copies, taken] = [new Int32Array(grid * grid), new Int32Array(grid * grid), new Int32Array(grid * grid)];
  const ends: Record<End | 'beyond', number> = { stationary: 0, unfinished: 0, diverged: 0, beyond: 0 };
  const startAt = (k: number) => middle.map((value, l) => value + s[k % grid]! * u[l]! + t[Math.floor(k / grid)]! * v[l]!);
  const arrivals = together && (await together(Array.from({ length: grid * grid }, (_, k) => startAt(k))));
  for (let k = 0; k < grid * grid; k++) {
    const { x, end, iterations: steps } = arrivals?.[k] ?? (await walk(startAt(k)));
    const found = end === 'stationary' ? catchments.place(x) : undefined;
    ends[end === 'stationary' && found === undefined ? 'beyond' : end]++;
    labels[k] = found?.orbit ?? (end === 'diverged' ? -2 : end === 'unfinished' ? -1 : -3);
    copies[k] = found?.copy ?? 0;
    taken[k] = steps;
  }
  const { basins: listed, place } = describe(catchments, model, host, labels);
  return {
    method: optimizer?.id ?? 'gradient flow',
    route: arrivals === undefined ? 'loop' : 'fused',
    group: action.group,
    by: action.by,
    centre: createPoint(host.layout, middle.slice()),
    directions: [createPoint(host.layout, u), createPoint(host.layout, v)],
    names: [nameOf(names[0]), nameOf(names[1])],
    s,
    t,
    labels: labels.map((label) => (label < 0 ? label : place[label]!)),
    copies,
    iterations: taken,
    basins: listed,
    ends,
  };
}

const nameOf = (direction: BasinDirection): string => (typeof direction === 'number' ? `variable ${direction}` : typeof direction === 'string' ? direction : 'to a point');

function axisOf(context: Ctx, at: Vec, host: Point, direction: BasinDirection, again: 0 | 1): Float64Array {
  const n = host.data.length;
  if (typeof direction === 'number') {
    if (!(Number.isSafeInteger(direction) && direction >= 0 && direction < n)) throw new LowlandError('LOWLAND_E_OPTIONS', `Variables are counted from 0 to ${n - 1}; number ${direction} was given.`);
    return Float64Array.from({ length: n }, (_, i) => (i === direction ? 1 : 0));
  }
  if (direction !== 'point') return directionOf(context, at, host, direction, again, undefined);
  if (host.data.every((value) => value === 0)) throw new LowlandError('LOWLAND_E_OPTIONS', 'The point is 0 and gives no direction; name another one.');
  return host.data.slice();
}

/** |grad f| + |H x|: what gradients are small against. */
function gradientScale(model: HostModel, x: Float64Array): number {
  const [gradient, image] = [new Float64Array(x.length), new Float64Array(x.length)];
  model.gradient(x, gradient);
  model.product(x, x, image);
  return norm(gradient) + norm(image);
}

/** By value; `place` says where each catchment went. */
function describe({ list }: Catchments, model: HostModel, { layout }: Point, labels: Int32Array): { basins: Basin[]; place: number[] } {
  const gradient = new Float64Array(model.size);
  const found = list.map(({ x, copies }, label) => {
    model.gradient(x, gradient);
    const starts = labels.filter((other) => other === label).length;
    return {
      point: createPoint(layout, x),
      value: model.value(x),
      gradientNorm: norm(gradient),
      index: model.size <= denseVariables ? morseIndex(model, x) : null,
      copies: copies.map((copy) => createPoint(layout, copy)),
      starts,
      share: starts / labels.length,
    };
  });
  const order = [...found.keys()].sort((a, b) => found[a]!.value - found[b]!.value || a - b);
  const least = found[order[0] ?? 0]?.value ?? 0;
  const room = 1e-9 * Math.max(Math.abs(least), ...found.map(({ value }) => Math.abs(value)));
  const kind = ({ value, index }: (typeof found)[number]): Basin['kind'] => (value <= least + room ? 'least' : index === null ? 'unknown' : index === 0 ? 'minimum' : 'saddle');
  return { basins: order.map((label) => ({ ...found[label]!, kind: kind(found[label]!) })), place: found.map((_, label) => order.indexOf(label)) };
}
