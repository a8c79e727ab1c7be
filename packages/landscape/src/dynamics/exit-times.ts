/** How long noise takes to leave a minimum, by every way that there is to know it. */
import { type Analysis, type Context, createPoint, LowlandError, type Point, type Vec } from '@lowland/core';
import { dot } from '@lowland/linalg';

import { orbitTangent } from '../classify/orbit-tangent.ts';
import { requireFlat } from '../classify/walk.ts';
import { meanExitTimes, richardson } from './backward-equation.ts';
import { eyringKramers } from './eyring-kramers.ts';
import { type HostTerrain, hostTerrain } from './host-terrain.ts';
import { meanPassageTime } from './mean-passage.ts';
import { lowestPass, minimumNear, notMinimum, type Pass } from './pass.ts';
import { rotationMatrix } from './rates.ts';
import { pathsUntil } from './simulate.ts';

export interface ExitTimesOptions {
  /** 1 / beta, above 0; by default a quarter of the barrier. */
  readonly temperature?: number | undefined;
  /** a of the drift J = a [[0, I], [-I, 0]]; default 0. */
  readonly strength?: number;
  /** gamma of the dynamics with inertia, above 0; 0, the default, is none. */
  readonly friction?: number;
  /** Simulated paths; default 200, 0: none. */
  readonly paths?: number;
  /** Time step of the simulation; default 0.1 / the largest curvature, less with a rotation. */
  readonly step?: number | undefined;
  /** Spacing of the fine grid of the backward equation in two variables; default 1/40 of the way between the minima. */
  readonly spacing?: number | undefined;
}

export interface ExitPoint {
  readonly point: Point;
  readonly value: number;
  /** Descending. */
  readonly eigenvalues: readonly number[];
}

export interface ExitTimes {
  readonly dynamics: 'reversible' | 'nonreversible' | 'underdamped';
  readonly beta: number;
  readonly minimum: ExitPoint;
  readonly saddle: ExitPoint;
  /** The minimum on the other side: paths end on the plane through it that is normal to the way there. */
  readonly beyond: ExitPoint;
  /** f(saddle) - f(minimum) */
  readonly height: number;
  /** The law of Eyring and Kramers: an asymptotic statement, with a relative error of O(1 / beta). */
  readonly eyringKramers: { readonly time: number; readonly rate: number };
  /** By quadrature in one variable, by the backward equation in two; null for more variables and with inertia. */
  readonly exact: { readonly method: 'quadrature' | 'backward-equation'; readonly time: number; readonly grids: readonly { readonly spacing: number; readonly nodes: number; readonly time: number }[] } | null;
  /** Total time over exits, which is the mean where all paths end; null without paths, or where the objective moves no ensembles. */
  readonly simulated: { readonly time: number; readonly standardError: number; readonly paths: number; readonly exits: number; readonly step: number } | null;
}

type Needs = 'value' | 'gradient' | 'hessianVectorProduct';

/**
 * The analysis `exit-times`: the mean time of Langevin dynamics from the minimum at the point until it is as far as the minimum beyond the
 * lowest saddle that is found. The law of Eyring and Kramers is always given, beside what is exact: double quadrature in one variable, the
 * backward equation on two grids and their Richardson extrapolation in two; and a simulation. Sources: Gao, Gürbüzbalaban and Zhu 2018
 * (arXiv:1812.07725); Bovier, Eckhoff, Gayrard and Klein 2004.
 *
 * @throws LOWLAND_E_POINT where the point is no isolated minimum (on the orbit of a continuous symmetry none is), LOWLAND_E_NUMERICAL where no saddle is found
 * @throws LOWLAND_E_SHAPE beyond 200 variables, LOWLAND_E_OPTIONS when an option is out of range
 */
export function exitTimes({ temperature, strength = 0, friction = 0, paths = 200, step, spacing }: ExitTimesOptions = {}): Analysis<Needs, ExitTimes, 'ensemble' | 'symmetry'> {
  if (friction > 0 && strength !== 0) throw new LowlandError('LOWLAND_E_OPTIONS', 'Give a strength of the rotation or a friction, not both: the dynamics with inertia has no rotation here.');
  return {
    id: 'exit-times',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['ensemble', 'symmetry'],
    dtype: 'f64',
    run(context: Context<Needs, 'ensemble' | 'symmetry'>, point: Vec, host: Point): ExitTimes {
      requireFlat(context, 'exit-times');
      requireNoOrbit(context, point);
      const terrain = hostTerrain(context, host.data.length, 'exit-times');
      const pass = lowestPass(terrain, minimumNear(terrain, host.data));
      const { minimum, saddle, beyond } = pass;
      const height = saddle.value - minimum.value;
      const beta = 1 / (temperature ?? height / 4);
      const j = rotationMatrix(terrain.size, strength);
      const law = eyringKramers({ minimum: terrain.hessian(minimum.point), saddle: terrain.hessian(saddle.point), height, beta }, friction > 0 ? { friction } : { j });
      const shown = ({ point, value, eigenvalues }: Pass['saddle']): ExitPoint => ({ point: createPoint(host.layout, point), value, eigenvalues: [...eigenvalues] });
      return {
        dynamics: friction > 0 ? 'underdamped' : strength === 0 ? 'reversible' : 'nonreversible',
        beta,
        minimum: shown(minimum),
        saddle: shown(saddle),
        beyond: shown(beyond),
        height,
        eyringKramers: law,
        exact: friction > 0 ? null : exactly(terrain, pass, beta),
        simulated: paths === 0 ? null : simulated(context, terrain, pass, beta, law.time),
      };
    },
  };

  function exactly(terrain: HostTerrain, { minimum, saddle, beyond }: Pass, beta: number): ExitTimes['exact'] {
    const ceiling = saddle.value + 12 / beta;
    if (terrain.size === 1) {
      const [from, to] = [minimum.point[0]!, beyond.point[0]!];
      const side = Math.sign(to - from);
      const potential = (x: number): number => terrain.value(Float64Array.of(side * x));
      let lowest = side * from;
      for (let width = Math.abs(to - from) / 8; potential(lowest) < saddle.value + 40 / beta && width < 1e300; width *= 1.5) lowest -= width;
      return { method: 'quadrature', time: meanPassageTime({ potential, beta, from: side * from, to: side * to, lowest }), grids: [] };
    }
    if (terrain.size !== 2) return null;
    const level = towards(minimum.point, beyond.point);
    const fine = spacing ?? Math.hypot(beyond.point[0]! - minimum.point[0]!, beyond.point[1]! - minimum.point[1]!) / 40;
    const grids = [1.5 * fine, fine].map((h) => {
      const value = (x: number, y: number): number => terrain.value(Float64Array.of(x, y));
      const { time, nodes } = meanExitTimes({ value, beta, strength, start: [minimum.point[0]!, minimum.point[1]!], target: (x, y) => level(Float64Array.of(x, y)), ceiling, spacing: h });
      return { spacing: h, nodes, time };
    });
    return { method: 'backward-equation', time: richardson(grids[0]!.time, grids[1]!.time, 1.5), grids };
  }

  function simulated(context: Context<Needs, 'ensemble'>, terrain: HostTerrain, { minimum, saddle, beyond }: Pass, beta: number, expected: number): ExitTimes['simulated'] {
    const curvature = Math.max(minimum.eigenvalues[0]!, -saddle.eigenvalues.at(-1)!, saddle.eigenvalues[0]!);
    const dt = step ?? (friction > 0 ? Math.min(0.1 / Math.sqrt(curvature), 0.1 / friction) : 0.02 / (curvature * (1 + strength ** 2)));
    const level = towards(minimum.point, beyond.point);
    const starts = new Float64Array(paths * terrain.size);
    for (let k = 0; k < paths; k++) starts.set(minimum.point, k * terrain.size);
    const { seed } = context.random('exit-times', 0);
    const steps = Math.ceil((20 * expected) / dt);
    const found = pathsUntil(context, terrain.size, starts, (x) => level(x) >= 0, steps, { step: dt, temperature: 1 / beta, strength, friction: friction > 0 ? friction : undefined }, seed);
    if (found === undefined) return null;
    const exits = found.at;
    const ended = exits.filter((at) => at >= 0);
    const total = dt * exits.reduce((sum, at) => sum + (at >= 0 ? at : steps), 0);
    const time = ended.length === 0 ? NaN : total / ended.length;
    return { time, standardError: time / Math.sqrt(ended.length), paths, exits: ended.length, step: dt };
  }
}

/** @throws LOWLAND_E_POINT on an orbit of a continuous symmetry */
function requireNoOrbit(context: Context<never, 'symmetry'>, point: Vec): void {
  const dimension = orbitTangent(context, point).cols;
  if (dimension === 0) return;
  const { group } = context.problem.symmetry!;
  throw notMinimum(`it lies on an orbit of ${group}, of dimension ${dimension}. The law of Eyring and Kramers weighs an isolated minimum against an isolated saddle, by sqrt(|det H_s| / det H_m), and det H_m is 0 along an orbit: there the law has the volumes of both orbits and another power of beta, for which nothing is built here. Take an objective without continuous symmetry (for factors one column, where the orbit is two points), or ask "escape-times" for the saddle above this minimum, "connect" for the height of the way, "recurrence" for the rates across the orbit`);
}

/** (x - beyond) . (beyond - minimum), over the length of the way. */
function towards(minimum: Float64Array, beyond: Float64Array): (x: Float64Array) => number {
  const way = beyond.map((x, i) => x - minimum[i]!);
  const length = Math.sqrt(dot(way, way));
  return (x) => {
    let sum = 0;
    for (let i = 0; i < way.length; i++) sum += (x[i]! - beyond[i]!) * way[i]!;
    return sum / length;
  };
}
