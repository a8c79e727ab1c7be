/**
 * Stationary points by symmetric criticality: those of f on the fixed space of a subgroup are stationary in all of space.
 */
import { type Analysis, type Context, createPoint, LowlandError, normals, type Point, uniforms } from '@lowland/core';
import { type Matrix, matrix, norm, thinSvd } from '@lowland/linalg';

import { polishByProducts, toStationaryByProducts } from '../census/by-products.ts';
import { type HostModel, hostModel } from '../census/host-model.ts';
import { polish, toStationary } from '../census/levenberg-marquardt.ts';
import { deflatedHessian, type SecondOrder } from '../classify/hessian.ts';
import { findAction } from '../groups/action.ts';
import { OrbitList } from '../groups/orbit-list.ts';
import { trivialAction } from '../groups/small-groups.ts';
import { gradientSystem } from '../homotopy/gradient-system.ts';
import { polynomialResidual } from '../homotopy/polynomial-residual.ts';
import { solutionsOf } from '../homotopy/solutions.ts';
import { fixedSpace, type FixedSpace } from './fixed-space.ts';
import { readSubgroups, type Subgroup } from './generators.ts';
import { along, lift, reducedModel } from './reduced.ts';
import { requireSymmetry } from './require-symmetry.ts';
import { type Split, splitHessian } from './split.ts';
import { standardSubgroups } from './standard-subgroups.ts';

export interface IsotropyOptions {
  /** Subgroups as values, or in the words of `readSubgroups`; default those that the name of the group suggests. */
  readonly subgroups?: string | readonly Subgroup[] | undefined;
  /** Random starts on a fixed space where its stationary points cannot be counted; default 200. */
  readonly starts?: number;
  /** Paths of the homotopy on a fixed space at most, hence its largest Bézout number; default 100. */
  readonly paths?: number;
  /** Root mean square entry of a start of scale 1; default that of the point, or 1 where that is 0. */
  readonly unit?: number | undefined;
  /** Stationary is |grad f| up to this part of its size at the unit; default 1e-10. */
  readonly tolerance?: number;
  /** Iterations of a start at most; default 200. */
  readonly iterations?: number;
  /** Variables at most, as Hessians are formed; default 300. */
  readonly variables?: number;
}

/** A stationary point in a fixed space. */
export interface IsotropyPoint extends Split {
  readonly point: Point;
  /** Its coordinates in the basis of the fixed space. */
  readonly coordinates: Float64Array;
  readonly value: number;
  /** |grad f| in all of space. */
  readonly gradientNorm: number;
  /** Its place among `orbits`. */
  readonly orbit: number;
  /** Solutions of the homotopy, or ends of starts, that lie in its orbit. */
  readonly reached: number;
}

export interface FixedSpaceReport {
  readonly name: string;
  readonly generators: readonly string[];
  readonly dimension: number;
  /** Orthonormal columns. */
  readonly basis: Matrix;
  /** `origin`: the fixed space is one point. */
  readonly method: 'origin' | 'homotopy' | 'multistart';
  /** Whether there are no others in the fixed space. */
  readonly complete: boolean;
  readonly statement: string;
  /** One of each orbit, by value. */
  readonly points: readonly IsotropyPoint[];
}

export interface IsotropyOrbit {
  readonly point: Point;
  readonly value: number;
  readonly index: number | null;
  /** The subgroups in whose fixed spaces it was found. */
  readonly subgroups: readonly number[];
}

export interface Isotropy {
  readonly group: string | null;
  /** What told orbits apart. */
  readonly by: string;
  readonly subgroups: readonly FixedSpaceReport[];
  /** All that were found, by value. */
  readonly orbits: readonly IsotropyOrbit[];
}

type Aids = 'symmetry' | 'factors' | 'target' | 'residual';
type IsotropyContext = Context<SecondOrder, Aids>;

/**
 * The analysis `isotropy`: for each of some subgroups H of the symmetry group that act orthogonally, a basis of Fix(H), the stationary points of f restricted
 * to it, each stationary in all of space (the principle of symmetric criticality: Palais 1979; founding-papers 2.2), and the Hessian there, which does not
 * couple Fix(H) and its complement.
 *
 * On small fixed spaces of polynomial objectives every stationary point is found, and proved to be all; on others those that starts reach.
 *
 * @throws LOWLAND_E_OPTIONS for generators that are no symmetries of f, for more variables than allowed, and where nothing says which subgroups to take
 * @throws LOWLAND_E_CAPABILITY for objectives on manifolds, whose fixed spaces are not linear
 */
export function isotropy(options: IsotropyOptions = {}): Analysis<SecondOrder, Isotropy, Aids> {
  return {
    id: 'isotropy',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['symmetry', 'factors', 'target', 'residual'],
    dtype: 'f64',
    run: (context, _point, host) => lookInto(context, host, options),
  };
}

function lookInto(context: IsotropyContext, host: Point, options: IsotropyOptions): Isotropy {
  const { variables = 300 } = options;
  const { problem } = context;
  const { layout } = host;
  const n = host.data.length;
  if (context.manifold !== undefined) throw new LowlandError('LOWLAND_E_CAPABILITY', `Fixed spaces are taken in linear spaces; the points of this objective are on ${context.manifold.name}.`);
  if (n > variables) throw new LowlandError('LOWLAND_E_OPTIONS', `Isotropy forms Hessians of ${n} variables; ${variables} are allowed. Take a smaller problem, or allow more.`, { details: { expected: variables, given: n } });
  const places = { layout, factors: problem.factors, target: problem.target, symmetry: problem.symmetry };
  const given = typeof options.subgroups === 'string' ? readSubgroups(options.subgroups, places) : options.subgroups;
  const subgroups = given !== undefined && given.length > 0 ? given : standardSubgroups(places);
  if (subgroups === undefined) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `${problem.symmetry === undefined ? 'The objective names no symmetry' : `There are no standard subgroups of ${problem.symmetry.group}`}; name some, such as "variable 1, variable 2".`);
  }
  const model = hostModel(context, n);
  const unit = options.unit ?? (norm(host.data) / Math.sqrt(n) || 1);
  for (const { generators } of subgroups) for (const generator of generators) requireSymmetry(generator, model, randomPoint(context, n, unit, 0));
  const action = findAction(layout, problem.symmetry, problem.factors) ?? trivialAction(`position; orbits of ${problem.symmetry!.group} cannot be told apart here`);
  const orbits = new OrbitList<Omit<IsotropyOrbit, 'subgroups'> & { readonly subgroups: number[] }>(action, 1e-6, unit * Math.sqrt(n));
  const reports = subgroups.map(({ name, generators }, place): FixedSpaceReport => {
    const space = fixedSpace(generators, n);
    const { found, method, complete, statement } = stationaryOn(context, model, space.basis, unit, place, options);
    const here = new Map<number, IsotropyPoint>();
    for (const coordinates of found) {
      const point = createPoint(layout, lift(space.basis, coordinates));
      const known = orbits.find(point.data);
      const other = here.get(known);
      if (other !== undefined) {
        here.set(known, { ...other, reached: other.reached + 1 });
        continue;
      }
      const described = describe(context, model, space, point, coordinates);
      const orbit = orbits.place(point.data, () => ({ point, value: described.value, index: described.index, subgroups: [] }));
      orbits.entries[orbit]!.subgroups.push(place);
      here.set(orbit, { ...described, orbit, reached: 1 });
    }
    return { name, generators: generators.map((generator) => generator.name), dimension: space.basis.cols, basis: space.basis, method, complete, statement, points: [...here.values()] };
  });
  const order = [...orbits.entries.keys()].sort((a, b) => orbits.entries[a]!.value - orbits.entries[b]!.value || a - b);
  const rank = new Map(order.map((from, to) => [from, to]));
  return {
    group: problem.symmetry?.group ?? null,
    by: action.by,
    subgroups: reports.map((report) => ({ ...report, points: report.points.map((point) => ({ ...point, orbit: rank.get(point.orbit)! })).sort((a, b) => a.orbit - b.orbit) })),
    orbits: order.map((from) => orbits.entries[from]!),
  };
}

/** Standard normals times a scale. */
function randomPoint({ random }: IsotropyContext, size: number, scale: number, index: number): Float64Array {
  const x = new Float64Array(size);
  normals(random('isotropy', index), x);
  return x.map((value) => scale * value);
}

interface Found {
  /** In the basis of the fixed space. */
  readonly found: readonly Float64Array[];
  readonly method: FixedSpaceReport['method'];
  readonly complete: boolean;
  readonly statement: string;
}

/** The stationary points of f on a subspace: all of them by homotopy where they can be counted, else by many starts. */
function stationaryOn(context: IsotropyContext, model: HostModel, basis: Matrix, unit: number, place: number, { starts = 200, paths = 100, tolerance = 1e-10, iterations = 200 }: IsotropyOptions): Found {
  const k = basis.cols;
  if (k === 0) return { found: [new Float64Array(0)], method: 'origin', complete: true, statement: 'The fixed space is the origin, which is stationary for that reason alone.' };
  const reduced = reducedModel(model, basis);
  const counted = countedOn(context, basis, unit, place, paths);
  const known = typeof counted === 'string' ? [] : counted.real.map((y) => polish(reduced, y).x);
  if (typeof counted !== 'string' && counted.solutions === counted.bezout) {
    return { found: known, method: 'homotopy', complete: true, statement: `All ${counted.bezout} complex solutions are known: the fixed space holds no other stationary point.` };
  }
  const why = typeof counted === 'string' ? counted : `${counted.solutions} of ${counted.bezout} complex solutions are isolated`;
  const size = unit * Math.sqrt(basis.rows);
  const [gradient, image] = [new Float64Array(k), new Float64Array(k)];
  const probe = randomPoint(context, k, size / Math.sqrt(k), 1);
  reduced.gradient(probe, gradient);
  reduced.product(probe, probe, image);
  const settings = { goal: tolerance * (norm(gradient) + norm(image)), far: 1e4 * size, maxIterations: iterations };
  const scales = new Float64Array(starts);
  uniforms(context.random('isotropy scale', place), scales);
  const begin = [new Float64Array(k), ...Array.from(scales, (u, j) => randomPoint(context, k, (size / Math.sqrt(k)) * Math.exp(3 * u - 2), 2 + j))];
  const [search, finish] = k <= 40 ? [toStationary, polish] : [toStationaryByProducts, polishByProducts];
  const ends = begin.map((y) => search(reduced, y, settings)).filter(({ end }) => end === 'stationary').map(({ x }) => tidied(reduced, finish(reduced, x).x, 1e-9 * size, settings.goal));
  return { found: [...known, ...ends], method: 'multistart', complete: false, statement: `From ${starts} starts, so that others are not excluded: ${why}.` };
}

/** Coordinates up to `zero` taken as 0, where that leaves the point stationary. */
function tidied(model: HostModel, y: Float64Array, zero: number, goal: number): Float64Array {
  const neat = y.map((value) => (Math.abs(value) <= zero ? 0 : value));
  const gradient = new Float64Array(y.length);
  model.gradient(neat, gradient);
  return norm(gradient) <= goal ? neat : y;
}

interface Counted {
  readonly bezout: number;
  readonly solutions: number;
  readonly real: readonly Float64Array[];
}

/** By homotopy; or why it does not apply. */
function countedOn(context: IsotropyContext, basis: Matrix, unit: number, place: number, paths: number): Counted | string {
  const residual = polynomialResidual(context, basis.rows);
  if (typeof residual === 'string') return `stationary points of this objective cannot be counted, as ${residual}`;
  const { degree, at } = residual;
  const bezout = (2 * degree - 1) ** basis.cols;
  if (bezout > paths) return `there may be ${bezout} solutions, more than the ${paths} paths allowed`;
  const moved = tangentInside(context, basis, lift(basis, randomPoint(context, basis.cols, unit, 1)));
  if (moved > 0) return `the group moves points within the fixed space, along ${moved} dimensions`;
  const system = gradientSystem({ ...residual, at: (y) => at(lift(basis, y)) }, basis.cols);
  const { found } = solutionsOf(system, (attempt) => context.random('isotropy homotopy', 10 * place + attempt), 3);
  return { bezout, solutions: found.length, real: found.filter(({ real }) => real).map(({ x }) => x.slice(0, basis.cols).map((value) => system.unit * value)) };
}

/** The dimension of what the orbit through x has in common with the fixed space. */
function tangentInside(context: IsotropyContext, basis: Matrix, x: Float64Array): number {
  const at = context.scratch();
  context.device.write(at, x);
  const { orbit } = deflatedHessian(context, at);
  if (orbit.cols === 0 || basis.cols === 0) return 0;
  const inner = matrix(basis.cols, orbit.cols);
  for (let k = 0; k < orbit.cols; k++) along(basis, Float64Array.from({ length: orbit.rows }, (_, i) => orbit.data[i * orbit.cols + k]!)).forEach((value, i) => (inner.data[i * orbit.cols + k] = value));
  return thinSvd(inner).s.filter((cosine) => cosine > 1 - 1e-8).length;
}

function describe(context: IsotropyContext, model: HostModel, space: FixedSpace, point: Point, coordinates: Float64Array): Omit<IsotropyPoint, 'orbit' | 'reached'> {
  const n = model.size;
  const [gradient, hessian] = [new Float64Array(n), matrix(n, n)];
  model.gradient(point.data, gradient);
  model.hessian(point.data, hessian);
  const at = context.scratch();
  context.device.write(at, point.data);
  const orbit = deflatedHessian(context, at).orbit.cols;
  return { point, coordinates, value: model.value(point.data), gradientNorm: norm(gradient), ...splitHessian(hessian, space, orbit, tangentInside(context, space.basis, point.data)) };
}
