/**
 * A census of stationary points: many starts, one entry for each orbit.
 */
import { type Analysis, type Context, LowlandError, normals, type Point, uniforms } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { requireFlat } from '../classify/walk.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { type Action, actionOf, orbitDistance } from '../groups/action.ts';
import { OrbitList } from '../groups/orbit-list.ts';
import { type Audit, eulerAudit } from './audit.ts';
import { polishByProducts, toStationaryByProducts } from './by-products.ts';
import { coercivityOf } from './coercive.ts';
import { type HostModel, hostModel } from './host-model.ts';
import { polish, type Polished, toStationary } from './levenberg-marquardt.ts';
import { type Found, isTwiceDifferentiable, type LevenbergMarquardtOptions } from './step-control.ts';
import { type Continuum, continuumIn, describe, type Seen, standing, type StationaryOrbit } from './stationary-orbit.ts';
import { waysUp } from './ways-up.ts';

export interface CensusOptions {
  /** Random starts; default 2,000. */
  readonly starts?: number;
  /** Starts in each declared fixed space of the group; default a tenth of `starts`, at least 10. */
  readonly fixedStarts?: number;
  /** Eigenvectors that are followed up from each minimum, both ways, the lowest first; default 6. */
  readonly follow?: number;
  /** Root mean square entry of a start of scale 1; default that of the point, or 1 where that is 0. */
  readonly unit?: number | undefined;
  /** Scales of the starts, in units: log-uniform between these; default e^-2 and e. */
  readonly smallest?: number;
  readonly largest?: number;
  /** Stationary is |grad f| up to this part of its size at the unit; default 1e-10. */
  readonly tolerance?: number;
  /** Orbits closer than this are the same, relative to the unit; default 1e-6. */
  readonly same?: number;
  /** Iterations of a start at most; default 200. */
  readonly iterations?: number;
  /** Variables at most, as a Hessian is formed at each orbit; default 300. */
  readonly variables?: number;
  /** Variables up to which Hessians are formed on the way, too, and eigenvectors followed; beyond, ways are found by products alone. Default 300. */
  readonly dense?: number;
  /** That f grows beyond all bounds, where the objective does not say so: the audit needs it. Default false. */
  readonly coercive?: boolean;
  /** Told how far the work is, from time to time. */
  readonly progress?: ((stage: CensusStage, done: number, of: number) => void) | undefined;
}

/** What a census is at: starts, ways up from minima, and what the orbits are. */
export type CensusStage = 'starts' | 'up from minima' | 'orbits';

export interface Census {
  readonly group: string;
  /** What told orbits apart. */
  readonly by: string;
  /** By value, then by index. */
  readonly orbits: readonly StationaryOrbit[];
  /** Position of the orbit that the given point leads to; null where there is none (a point that is 0 is none) or it leads nowhere. */
  readonly given: number | null;
  /** Flat orbits that share their value with others of them: points of continua; null where there are none. */
  readonly continuum: Continuum | null;
  readonly starts: {
    readonly given: 0 | 1;
    readonly random: number;
    readonly fixed: number;
    readonly followed: number;
    readonly unit: number;
    readonly scales: readonly [number, number];
    /** Ends of all starts. */
    readonly stationary: number;
    readonly stuck: number;
    readonly lost: number;
  };
  /** Good-Turing: the chance that the next random start ends at an orbit that no random start has reached. */
  readonly unseen: { readonly estimate: number; readonly seenOnce: number; readonly statement: string };
  readonly audit: Audit;
  /** The least value: the objective's own where it knows it, else of the list; known, too, where that is a lower bound of the objective. */
  readonly least: { readonly value: number; readonly known: boolean };
}

export type CensusAids = 'symmetry' | 'factors' | 'target' | 'lift' | 'residual' | 'truth' | 'scale';
export type CensusContext = Context<SecondOrder, CensusAids>;
export const censusAids: readonly CensusAids[] = ['symmetry', 'factors', 'target', 'lift', 'residual', 'truth', 'scale'];

/**
 * The analysis `census`: stationary points of every index, found by minimising 1/2 |grad f|^2 (Levenberg-Marquardt) from the given point
 * (unless it is 0), from random starts of log-uniform scale, from starts in the fixed spaces of subgroups, which hold their own stationary points (symmetric criticality: Palais
 * 1979), and by eigenvector following from the minima. Points of one orbit are one entry, polished by Newton's method, with the Morse-Bott index: directions of the orbit set apart.
 *
 * A census is no proof of completeness: `unseen` estimates what further starts of the same kind would find (Good 1953), `audit` can prove that
 * something is missing, never that nothing is. For a few variables `all-stationary-points` proves its list complete. Where stationary points
 * fill a continuum, such as all completions of too few entries, every start ends at another of them: `continuum` says so.
 *
 * @throws LOWLAND_E_OPTIONS for more variables than allowed, or scales that are none
 * @throws LOWLAND_E_CAPABILITY where orbits of the symmetry group cannot be told apart
 */
export function census(options: CensusOptions = {}): Analysis<SecondOrder, Census, CensusAids> {
  return {
    id: 'census',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: censusAids,
    dtype: 'f64',
    run: (context, _point, host) => takeCensus(context, host, options).census,
  };
}

export interface CensusTaken {
  readonly census: Census;
  readonly action: Action;
  readonly model: HostModel;
  /** Length of a point of the unit. */
  readonly size: number;
  /** |grad f| that counts as 0. */
  readonly goal: number;
  /** The orbit that a stationary point lies in; undefined for one that is not on the list. */
  orbitOf(x: Float64Array): number | undefined;
}

/** The census with what it was taken by, for analyses that go on from it. */
export function takeCensus(context: CensusContext, host: Point, options: CensusOptions): CensusTaken {
  const { starts = 2000, fixedStarts = Math.max(10, Math.ceil(starts / 10)), smallest = Math.exp(-2), largest = Math.E } = options;
  const { tolerance = 1e-10, same = 1e-6, iterations = 200, variables = 300, dense = 300, follow = 6, coercive = false, progress } = options;
  requireFlat(context, 'census');
  const n = host.data.length;
  if (n > variables) throw new LowlandError('LOWLAND_E_OPTIONS', `A census of ${n} variables forms a Hessian at each orbit; ${variables} variables are allowed. Take a smaller problem, or allow more.`, { details: { expected: variables, given: n } });
  if (!(smallest > 0 && largest >= smallest && largest < Infinity)) throw new LowlandError('LOWLAND_E_OPTIONS', `Scales of starts are positive and ascend; ${smallest} and ${largest} were given.`);
  const { problem } = context;
  const action = actionOf(host.layout, problem.symmetry, problem.factors);
  const model = hostModel(context, n);
  const unit = options.unit ?? (norm(host.data) / Math.sqrt(n) || 1);
  const size = unit * Math.sqrt(n);
  const goal = tolerance * gradientScale(model, startAt(context, n, unit, 0));
  const settings = { goal, far: 1e4 * size * Math.max(1, largest), maxIterations: iterations };

  const search = n <= dense ? bySteps(model) : byProducts(model);
  const list = new OrbitList<Entry>(action, same, size);
  const ends = { stationary: 0, stuck: 0, lost: 0 };
  const from = (x: Float64Array, kind: keyof Seen, own = settings): void => {
    const found = search.toStationary(x, own);
    ends[found.end]++;
    if (found.end !== 'stationary') return;
    const at = list.place(found.x, () => ({ x: found.x, seen: { given: 0, random: 0, fixed: 0, followed: 0 } }));
    list.entries[at]!.seen[kind]++;
  };
  const given = host.data.some((value) => value !== 0);
  // Whatever the unit: the point is stationary to what its own size lets one expect.
  if (given) from(host.data.slice(), 'given', { ...settings, goal: Math.max(goal, tolerance * gradientScale(model, startAt(context, n, norm(host.data) / Math.sqrt(n), 0))), far: Math.max(settings.far, 1e4 * norm(host.data)) });
  const draws = new Float64Array(starts + fixedStarts * action.fixedSpaces);
  uniforms(context.random('census scale', 0), draws);
  const scaleOf = (k: number): number => unit * smallest * (largest / smallest) ** draws[k]!;
  for (let k = 0; k < starts; k++) {
    progress?.('starts', k, draws.length);
    from(startAt(context, n, scaleOf(k), 1 + k), 'random');
  }
  let [fixed, origin] = [0, false];
  for (let k = starts; k < draws.length; k++) {
    progress?.('starts', k, draws.length);
    const x = action.intoFixedSpace(startAt(context, n, scaleOf(k), 1 + k), (k - starts) % action.fixedSpaces);
    const zero = x.every((value) => value === 0);
    // Nothing is random about a fixed space that is one point.
    if (zero && origin) continue;
    origin ||= zero;
    fixed++;
    from(x, 'fixed');
  }
  let followed = 0;
  for (const x of waysUp(model, list.entries, { follow: n <= dense ? follow : 0, goal, size, orbit: problem.symmetry?.dimension ?? 0, progress })) {
    followed++;
    from(x, 'followed');
  }
  const described = list.entries.map(({ x, seen }, k) => {
    progress?.('orbits', k, list.entries.length);
    return describe(context, action, model, host, representative(action, model, search, x, size, goal), seen, size);
  });
  const optimum = problem.truth?.optimum;
  const least = Math.min(optimum ?? Infinity, ...described.map(({ value }) => value));
  const atZero = Math.abs(model.value(new Float64Array(n)));
  const room = 1e-9 * Math.max(Math.abs(least), Number.isFinite(atZero) ? atZero : 0);
  const { lift } = problem;
  const lowest = lift === undefined ? -Infinity : lift.lowerBound + (lift.offset ?? 0);
  const kept = described.map((entry, k) => ({ entry, k })).sort((a, b) => (Math.abs(a.entry.value - b.entry.value) > room ? a.entry.value - b.entry.value : (a.entry.index ?? 0) - (b.entry.index ?? 0) || a.k - b.k));
  const orbits = kept.map(({ entry }): StationaryOrbit => ({ ...entry, ...standing(entry, least, room, n) }));
  const seenOnce = orbits.filter(({ seen }) => seen.random === 1).length;
  const reached = orbits.some(({ seen }) => seen.random > 0);
  const place = new Map(kept.map(({ k }, position) => [k, position]));
  return {
    action,
    model,
    size,
    goal,
    orbitOf(x) {
      const at = list.find(x);
      return at < 0 ? undefined : place.get(at);
    },
    census: {
      group: action.group,
      by: action.by,
      orbits,
      given: given ? positionOf(orbits, ({ seen }) => seen.given > 0) : null,
      continuum: continuumIn(orbits, room),
      starts: { given: given ? 1 : 0, random: starts, fixed, followed, unit, scales: [smallest, largest], ...ends },
      unseen: {
        estimate: reached ? seenOnce / starts : 1,
        seenOnce,
        statement: !reached ? 'No random start ended at a stationary point: nothing is known of what there is. Start at another scale (unit).' : 'Estimated chance that one more start of the same distribution reaches an orbit that none has reached; it does not say that the list is complete.',
      },
      audit: eulerAudit(orbits.map(({ index, nullity, orbit }) => ({ index, nullity, euler: orbit.euler })), coercive ? { holds: true, because: 'you say so' } : coercivityOf(context, n)),
      least: { value: least, known: optimum !== undefined || least <= lowest + room },
    },
  };
}

function positionOf(orbits: readonly StationaryOrbit[], holds: (orbit: StationaryOrbit) => boolean): number | null {
  const at = orbits.findIndex(holds);
  return at < 0 ? null : at;
}

/** Standard normals times a scale. */
function startAt({ random }: CensusContext, n: number, scale: number, index: number): Float64Array {
  const x = new Float64Array(n);
  normals(random('census', index), x);
  return x.map((value) => scale * value);
}

/** |grad f| + |H x| at a point of the unit: what gradients are small against. */
function gradientScale(model: HostModel, x: Float64Array): number {
  const [gradient, image] = [new Float64Array(x.length), new Float64Array(x.length)];
  model.gradient(x, gradient);
  model.product(x, x, image);
  return norm(gradient) + norm(image);
}

/**
 * The canonical point, polished. Where a minimum is degenerate, starts end well before what should vanish has: the largest cut is taken
 * that leaves a stationary point.
 */
function representative(action: Action, model: HostModel, { polish }: Search, x: Float64Array, size: number, goal: number): Polished {
  for (const cut of [1e-3, 1e-6, 0]) {
    const canonical = polish(action.canonical(x, cut * size));
    if (canonical.gradientNorm <= goal && isTwiceDifferentiable(model, canonical.x) && orbitDistance(action, canonical.x, x) <= 2 * cut * size + 1e-6 * size) return canonical;
  }
  return polish(x);
}

interface Entry {
  readonly x: Float64Array;
  readonly seen: { given: number; random: number; fixed: number; followed: number };
}

/** How starts are brought to stationary points. */
interface Search {
  toStationary(x: Float64Array, settings: LevenbergMarquardtOptions): Found;
  polish(x: Float64Array): Polished;
}

const bySteps = (model: HostModel): Search => ({ toStationary: (x, settings) => toStationary(model, x, settings), polish: (x) => polish(model, x) });
const byProducts = (model: HostModel): Search => ({ toStationary: (x, settings) => toStationaryByProducts(model, x, settings), polish: (x) => polishByProducts(model, x) });
