/** How fast noise comes back to a minimum and how long it stays, for three Langevin dynamics. */
import { type Analysis, type Context, LowlandError, normals, type Point, type Vec } from '@lowland/core';
import { identity, type Matrix, matrix, multiply, norm, thinSvd } from '@lowland/linalg';

import { orbitTangent } from '../classify/orbit-tangent.ts';
import { requireFlat } from '../classify/walk.ts';
import { actionOf } from '../groups/action.ts';
import { acrossOrbits } from './across-orbits.ts';
import { hostTerrain } from './host-terrain.ts';
import { combination } from './moves.ts';
import { minimumNear, notMinimum } from './pass.ts';
import { driftMatrix, nonreversibleRate, rotationMatrix, underdampedRate } from './rates.ts';
import { pathsUntil, type PathOptions } from './simulate.ts';

export interface RecurrenceOptions {
  /** 1 / beta; by default so that the noise of the softest direction is a third of the neighbourhood. */
  readonly temperature?: number | undefined;
  /** R, the distance of the starts; default 1. */
  readonly from?: number;
  /** eps, the neighbourhood; default R / 10. */
  readonly radius?: number | undefined;
  /** Having entered, a path has left when it is so many radii away; default 3. */
  readonly leave?: number;
  /** How long paths are watched after they entered, in units of 1 / m; default 10. */
  readonly watch?: number;
  /** a of the nonreversible drift; default 1. */
  readonly strength?: number;
  /** gamma of the dynamics with inertia; default 2 sqrt(m), the best. */
  readonly friction?: number | undefined;
  /** Simulated paths of each dynamics; default 200, 0: none. */
  readonly paths?: number;
}

export interface Recurrence {
  /** Dimension of the orbit of the symmetry through the minimum; 0: an isolated one. */
  readonly orbit: number;
  /**
   * What rates and times are of: the quadratic at an isolated minimum; or, at one that has an orbit, the distance to this orbit, to first order in
   * it: the orbit bends away from its tangent by R^2, so R has to be small against |x|.
   */
  readonly validity: 'quadratic at the minimum' | 'first order across the orbit';
  /** m: the least eigenvalue of the Hessian, those along the orbit, which are 0, left out. */
  readonly least: number;
  readonly largest: number;
  /** tr(H) / n, n less the orbit's dimension: what no antisymmetric drift can exceed. */
  readonly mean: number;
  readonly temperature: number;
  readonly from: number;
  readonly radius: number;
  readonly dynamics: readonly {
    readonly name: 'reversible' | 'nonreversible' | 'underdamped';
    /** m, min Re eig((I + J) H), and min Re (gamma - sqrt(gamma^2 - 4 m)) / 2. */
    readonly rate: number;
    /**
     * From when on the mean path of every start at distance R stays within eps of the minimum: exact for quadratics, for others that of the
     * Hessian at the minimum. (1 / rate) log(R / eps) to leading order.
     */
    readonly enters: number;
    /** Null without paths, or where the objective moves no ensembles. */
    readonly simulated: {
      readonly step: number;
      /** Mean time of first entry, of the paths that entered in time, in directions drawn at random. */
      readonly enters: number;
      readonly entered: number;
      /** Share of those that left again while they were watched. */
      readonly leaves: number;
      readonly paths: number;
    } | null;
  }[];
}

type Needs = 'value' | 'gradient' | 'hessianVectorProduct';
type Aids = 'ensemble' | 'symmetry' | 'factors';

/**
 * The analysis `recurrence`: for reversible, nonreversible and underdamped Langevin dynamics the time to come from R to eps of a minimum, and
 * the share of paths that leave again. With m the least eigenvalue of the Hessian the times are of the order of 1/m, 1 / min Re eig((I + J) H)
 * and, at the friction 2 sqrt(m), 1 / sqrt(m). Source: Gao, Gürbüzbalaban and Zhu 2018 (arXiv:1812.07725).
 *
 * At a minimum with a bounded orbit all is across it: distances are to the orbit, H and J are B^T H B and B^T J B for an orthonormal basis B of the
 * complement of its tangent. H vanishes along the orbit, so x' = -(I + J) H x closes on B^T x, to first order. J need not commute
 * with the group: the nonreversible rate is that at this point of the orbit.
 *
 * @throws LOWLAND_E_POINT where the point is no minimum, isolated or up to a bounded orbit; LOWLAND_E_CAPABILITY where orbits cannot be told apart here; LOWLAND_E_SHAPE beyond 200 variables; LOWLAND_E_OPTIONS for eps >= R
 */
export function recurrence({ temperature, from = 1, radius = from / 10, leave = 3, watch = 10, strength = 1, friction, paths = 200 }: RecurrenceOptions = {}): Analysis<Needs, Recurrence, Aids> {
  if (!(radius > 0 && radius < from && leave > 1 && watch > 0)) throw new LowlandError('LOWLAND_E_OPTIONS', `The neighbourhood is smaller than the distance of the starts, and paths leave beyond it; radius ${radius}, from ${from}, leave ${leave}, watch ${watch} were given.`);
  return {
    id: 'recurrence',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['ensemble', 'symmetry', 'factors'],
    dtype: 'f64',
    run(context: Context<Needs, Aids>, point: Vec, host: Point): Recurrence {
      requireFlat(context, 'recurrence');
      const n = host.data.length;
      const { symmetry, factors } = context.problem;
      const orbit = orbitTangent(context, point).cols;
      if (orbit > 0 && symmetry!.group.startsWith('GL')) throw notMinimum(`its orbit under ${symmetry!.group} is not bounded, noise wanders off along it for ever, and curvatures change on the way. Take a balancing term or a penalty, which leave O(r)`);
      const whole = hostTerrain(context, n, 'recurrence');
      const terrain = orbit === 0 ? whole : acrossOrbits(whole, actionOf(host.layout, symmetry, factors));
      const { point: minimum, eigenvalues } = minimumNear(terrain, host.data);
      const basis = orbit === 0 ? identity(n) : terrain.modes(minimum).vectors;
      // In the basis of its modes the Hessian is diagonal.
      const hessian = orbit === 0 ? terrain.hessian(minimum) : diagonal(eigenvalues);
      const [least, largest] = [eigenvalues.at(-1)!, eigenvalues[0]!];
      const heat = temperature ?? least * (radius / 3) ** 2;
      const gamma = friction ?? 2 * Math.sqrt(least);
      const rotation = rotationMatrix(n, strength);
      const j = orbit === 0 ? rotation : multiply(basis, multiply(rotation, basis), { transposeA: true });
      const starts = startsAround(context, minimum, basis);
      const reversible = Math.log(from / radius) / least;
      const turned = nonreversibleRate(hessian, j);
      const damped = underdampedRate(least, gamma);
      const step = 0.05 / largest;
      return {
        orbit,
        validity: orbit === 0 ? 'quadratic at the minimum' : 'first order across the orbit',
        least,
        largest,
        mean: eigenvalues.reduce((sum, value) => sum + value, 0) / eigenvalues.length,
        temperature: heat,
        from,
        radius,
        dynamics: [
          { name: 'reversible', rate: least, enters: reversible, simulated: simulated({ step, temperature: heat }) },
          { name: 'nonreversible', rate: turned, enters: nonreversibleEntry(driftMatrix(hessian, j), turned), simulated: simulated({ step: step / (1 + strength ** 2), temperature: heat, strength }) },
          { name: 'underdamped', rate: damped, enters: underdampedEntry(eigenvalues, gamma, damped), simulated: simulated({ step: Math.min(0.1 / gamma, 0.1 / Math.sqrt(largest)), temperature: heat, friction: gamma }) },
        ],
      };

      function simulated(options: PathOptions): Recurrence['dynamics'][number]['simulated'] {
        if (paths === 0) return null;
        const plain = context as unknown as Context<never, 'ensemble'>;
        const { seed } = context.random('recurrence', 0);
        const distance = orbit > 0 ? (x: Float64Array): number => terrain.distance(x, minimum) : (x: Float64Array): number => {
          let sum = 0;
          for (let i = 0; i < n; i++) sum += (x[i]! - minimum[i]!) ** 2;
          return Math.sqrt(sum);
        };
        const rate = options.friction === undefined ? least : damped;
        const inward = pathsUntil(plain, n, starts, (x) => distance(x) <= radius, Math.ceil((20 * Math.log(from / radius)) / rate / options.step), options, seed);
        if (inward === undefined) return null;
        const entered = [...inward.at.entries()].filter(([, at]) => at >= 0);
        if (entered.length === 0) return { step: options.step, enters: NaN, entered: 0, leaves: NaN, paths };
        const inside = new Float64Array(entered.length * n);
        entered.forEach(([k], row) => { inside.set(inward.points.subarray(k * n, (k + 1) * n), row * n); });
        const outward = pathsUntil(plain, n, inside, (x) => distance(x) >= leave * radius, Math.ceil(watch / least / options.step), options, seed + paths)!;
        return {
          step: options.step,
          enters: (options.step * entered.reduce((sum, [, at]) => sum + at, 0)) / entered.length,
          entered: entered.length,
          leaves: outward.at.filter((at) => at >= 0).length / entered.length,
          paths,
        };
      }
    },
  };

  /** `paths` starts at distance R, in directions drawn at random from those the orthonormal basis spans. */
  function startsAround(context: Context<Needs, Aids>, minimum: Float64Array, basis: Matrix): Float64Array {
    const n = minimum.length;
    const draws = matrix(paths, basis.cols);
    normals(context.random('recurrence-starts', 0), draws.data);
    const { data: starts } = multiply(draws, basis, { transposeB: true });
    for (let k = 0; k < paths; k++) {
      const row = starts.subarray(k * n, (k + 1) * n);
      const length = norm(row);
      for (let i = 0; i < n; i++) row[i] = minimum[i]! + (from / length) * row[i]!;
    }
    return starts;
  }

  /** From when on |e^(-t A)| R <= eps. */
  function nonreversibleEntry(a: Matrix, rate: number): number {
    const symmetric = a.data.every((value, at) => value === a.data[(at % a.rows) * a.rows + Math.floor(at / a.rows)]);
    if (symmetric) return Math.log(from / radius) / rate;
    return lastAbove(rate, (dt) => {
      const unit = exponential(a, -dt);
      let power = identity(a.rows);
      return () => thinSvd((power = multiply(power, unit))).s[0]!;
    });
  }

  /** From when on the position of every mode h, at rest at the start, is within eps: e^(-s t)(cos w t + (s/w) sin w t), s = gamma / 2, w^2 = h - s^2. */
  function underdampedEntry(eigenvalues: Float64Array, gamma: number, rate: number): number {
    const s = gamma / 2;
    const response = (h: number, t: number): number => {
      const square = h - s * s;
      const w = Math.sqrt(Math.abs(square));
      if (w * t < 1e-6) return Math.exp(-s * t) * (1 + s * t);
      return square > 0 ? Math.exp(-s * t) * (Math.cos(w * t) + (s / w) * Math.sin(w * t)) : ((1 + s / w) * Math.exp((w - s) * t) + (1 - s / w) * Math.exp(-(w + s) * t)) / 2;
    };
    return lastAbove(rate, (dt) => (k) => eigenvalues.reduce((most, h) => Math.max(most, Math.abs(response(h, k * dt))), 0));
  }

  /** The end of the last of many short stretches of time at whose end the response is above eps / R. */
  function lastAbove(rate: number, responses: (dt: number) => (k: number) => number): number {
    const stretches = 2000;
    // The decay may be late by powers of t; twice the time and more is enough for a Jordan block of two.
    const dt = (2 * Math.log(from / radius) + 6) / rate / stretches;
    const response = responses(dt);
    let last = 0;
    for (let k = 1; k <= stretches; k++) if (response(k) > radius / from) last = k;
    return (last + 1) * dt;
  }
}

function diagonal(values: Float64Array): Matrix {
  const out = matrix(values.length, values.length);
  values.forEach((value, k) => (out.data[k * (values.length + 1)] = value));
  return out;
}

/** e^(t A) by scaling and squaring of the Taylor series. */
function exponential(a: Matrix, t: number): Matrix {
  const size = Math.abs(t) * norm(a.data);
  const halvings = Math.max(0, Math.ceil(Math.log2(size + 1e-300)) + 2);
  const scaled = combination([t / 2 ** halvings, a]);
  let term = identity(a.rows);
  let sum = identity(a.rows);
  for (let k = 1; k <= 16; k++) {
    term = combination([1 / k, multiply(term, scaled)]);
    sum = combination([1, sum], [1, term]);
  }
  for (let k = 0; k < halvings; k++) sum = multiply(sum, sum);
  return sum;
}
