/**
 * How near measurements come to an isometry on matrices of low rank: exactly where that can be computed, else a lower bound that says so (rigour.md D3).
 */
import { type Analysis, type Context, integer, type Infer, LowlandError, options, parseOptions, type Point, type Vec } from '@lowland/core';
import { matrix, type Matrix, symmetricEigenvalues } from '@lowland/linalg';

import { columnsOf } from '../factored.ts';
import { alternate } from './alternating.ts';
import { coordinates, gramOf, type MeasuredForm, measuredForm } from './measured-form.ts';
import { largestOnCircle } from './scan.ts';

export const ripOptions = options({
  restrictedRank: integer({ min: 0, default: 0, summary: 'k of delta_k; 0: twice the columns of the factors' }),
  starts: integer({ min: 1, default: 20, summary: 'random starts of the search for each extreme' }),
  fullSpace: integer({ min: 0, default: 300, summary: 'up to this dimension of the space of X its whole spectrum is computed, which bounds every delta from above' }),
});
export type RipOptions = Partial<Infer<typeof ripOptions>>;

/** What is known of a number: it is no less, and where `upper` is not null no more. */
export interface Known {
  readonly lower: number;
  readonly upper: number | null;
}

export interface RestrictedIsometry {
  /** k: the rank of the matrices X. */
  readonly rank: number;
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  /** Of the space of all X, and how many measurements there are: fewer see nothing of some X of full rank. */
  readonly dimension: number;
  readonly measurements: number;
  /**
   * `full-space`: from the spectrum of a* a on all matrices, exact where k is full; `scan`: rank one of 2 x 2, enclosed; `alternating`: values attained by
   * matrices that were found, so that delta is at least this.
   */
  readonly method: 'full-space' | 'scan' | 'alternating';
  /** Whether both ends of delta agree, up to rounding. */
  readonly exact: boolean;
  /** The extremes of c |a(X)|^2 over X of rank k and length 1, c as the objective has it: 1 (sum) or 1/m (mean). */
  readonly least: { readonly lower: number; readonly upper: number };
  readonly largest: { readonly lower: number; readonly upper: number };
  /** delta_k at that scale: max(largest - 1, 1 - least). */
  readonly delta: Known;
  /** delta_k after the best scaling: (largest - least) / (largest + least). */
  readonly optimal: Known;
  readonly statement: string;
}

type Needs = 'lift' | 'factors';

const agreement = 1e-9;

/**
 * The restricted isometry constants of measurements,
 *
 *     (1 - delta_k) |X|_F^2 <= c |a(X)|^2 <= (1 + delta_k) |X|_F^2   for all X of rank at most k,
 *
 * c = 1/m for objectives with the normalisation `mean`, else 1: `delta` at this scale, `optimal` at the best one. X is symmetric for problems in X X^T,
 * where A_k counts by its symmetric part.
 *
 * Exact are: k as large as the matrix, from the spectrum of c a* a on an orthonormal basis (off the diagonal (E_ij + E_ji)/sqrt 2); rank one of symmetric
 * 2 x 2 matrices, by a scan of the circle with interval bounds. With fewer measurements than the space has dimensions the full-space constant is 1 at best. All
 * else is a lower bound by alternating maximisation of both signs, with that of the full space as an upper bound where it is computed. To find delta_k is
 * NP-hard in general (Tillmann, Pfetsch 2014, arXiv:1205.2081): no sampled value is called the constant here.
 *
 * @throws LOWLAND_E_CAPABILITY unless the objective is least squares of linear measurements
 * @throws LOWLAND_E_OPTIONS for options out of range
 */
export function rip(given: RipOptions = {}): Analysis<Needs, RestrictedIsometry> {
  const settings = parseOptions(ripOptions, given, 'analysis "rip"');
  return { id: 'rip', requires: ['lift', 'factors'], dtype: 'f64', run: (context, _x: Vec, host) => ripOf(context, host, settings) };
}

function ripOf({ problem, random }: Context<Needs>, { layout }: Point, { restrictedRank: asked, starts, fullSpace }: Infer<typeof ripOptions>): RestrictedIsometry {
  const { lift, factors } = problem;
  if (!lift.leastSquares) throw new LowlandError('LOWLAND_E_CAPABILITY', 'Restricted isometry is one of linear measurements under least squares; this loss is another one.');
  const form = measuredForm(layout, lift);
  const { rows, cols, symmetric, dimension, measurements } = form;
  const full = Math.min(rows, cols);
  const rank = Math.min(full, asked === 0 ? 2 * columnsOf(layout, factors) : asked);
  const gram = dimension <= fullSpace ? gramOf(form) : undefined;
  const levels = gram === undefined ? undefined : symmetricEigenvalues(gram);
  // A map into fewer dimensions has a kernel: no rounding about it.
  const whole = { least: levels === undefined || measurements < dimension ? 0 : Math.max(0, levels.at(-1)!), largest: levels?.[0] ?? form.most };

  const at = { rank, symmetric, rows, cols, dimension, measurements };
  if (rank === full && levels !== undefined) return concluded({ ...at, method: 'full-space', least: both(whole.least), largest: both(whole.largest) }, true);
  if (rank === 1 && symmetric && rows === 2 && gram !== undefined) {
    const conic = conicOf(form, gram);
    const [a, b, c, d, e] = conic;
    const [high, low] = [largestOnCircle(conic, 1e-12), largestOnCircle([-a, -b, -c, -d, -e], 1e-12)];
    return concluded({ ...at, method: 'scan', least: { lower: -low.upper, upper: -low.lower }, largest: high }, true);
  }
  const found = alternate(form, { rank, starts, key: random('rip', 0), gram, most: whole.largest });
  const least = rank === full && measurements < dimension ? 0 : Math.max(0, found.least.value);
  return concluded(
    { ...at, method: 'alternating', least: { lower: whole.least, upper: least }, largest: { lower: found.largest.value, upper: Math.max(whole.largest, found.largest.value) } },
    levels !== undefined,
  );
}

const both = (value: number): { lower: number; upper: number } => ({ lower: value, upper: value });

/** q(t) = <v v^T, H v v^T> for v = (cos t, sin t), from its values at five angles. */
function conicOf(form: MeasuredForm, gram: Matrix): [number, number, number, number, number] {
  const value = (t: number): number => {
    const [c, s] = [Math.cos(t), Math.sin(t)];
    const x = coordinates(form, matrix(2, 2, Float64Array.of(c * c, c * s, c * s, s * s)));
    return x.reduce((sum, xi, i) => sum + xi * x.reduce((inner, xj, j) => inner + gram.data[i * 3 + j]! * xj, 0), 0);
  };
  const q = [value(0), value(Math.PI / 4), value(Math.PI / 2), value((3 * Math.PI) / 4)] as const;
  const extra = value(Math.PI / 8);
  // cos 2t: 1, 0, -1, 0; sin 2t: 0, 1, 0, -1; cos 4t: 1, -1, 1, -1; sin 4t vanishes at these, and is 1 at pi / 8
  const a = (q[0] + q[1] + q[2] + q[3]) / 4;
  const [b, c, d] = [(q[0] - q[2]) / 2, (q[1] - q[3]) / 2, (q[0] - q[1] + q[2] - q[3]) / 4];
  return [a, b, c, d, extra - a - Math.SQRT1_2 * (b + c)];
}

type Extremes = Omit<RestrictedIsometry, 'delta' | 'optimal' | 'exact' | 'statement'>;

function concluded(found: Extremes, bounded: boolean): RestrictedIsometry {
  const { least, largest } = found;
  const own = (low: number, high: number): number => Math.max(high - 1, 1 - low);
  const scaled = (low: number, high: number): number => (high === 0 ? 1 : (high - low) / (high + low));
  const delta = { lower: own(least.upper, largest.lower), upper: bounded ? own(least.lower, largest.upper) : null };
  const optimal = { lower: scaled(least.upper, largest.lower), upper: bounded ? scaled(least.lower, largest.upper) : null };
  const exact = optimal.upper !== null && optimal.upper - optimal.lower <= agreement && delta.upper! - delta.lower <= agreement * (1 + delta.lower);
  return { ...found, delta, optimal, exact, statement: statementOf(found, delta, optimal, exact) };
}

function statementOf({ rank, method, dimension, measurements }: Extremes, delta: Known, optimal: Known, exact: boolean): string {
  const digits = (value: number): string => value.toPrecision(4);
  if (exact) {
    const how = method === 'full-space' && measurements < dimension ? `: ${measurements} measurements of ${dimension} dimensions see nothing of some matrix` : method === 'scan' ? ', enclosed by interval bounds' : '';
    return `delta_${rank} = ${digits(delta.lower)} at the scale of the objective, ${digits(optimal.lower)} after the best scaling${how}.`;
  }
  const above = optimal.upper === null ? '' : measurements < dimension ? '; the bound of the full space is trivial, 1' : `; at most ${digits(delta.upper!)} and ${digits(optimal.upper)}, from the full space`;
  return `delta_${rank} is at least ${digits(delta.lower)} at the scale of the objective, ${digits(optimal.lower)} after the best scaling: lower bounds, by matrices that were found${above}.`;
}
