/**
 * Where in the partition of Li et al. a point of a factorization lies, and what is proved there.
 */
import { type Analysis, type Context, createPoint, type DataMap, LowlandError, type MaybePromise, type Point, type Vec } from '@lowland/core';
import { columns, frobeniusNorm, matrix, type Matrix, multiply, norm, scaleColumns, subtract, symmetricEigen, thinSvd } from '@lowland/linalg';

import { type Factored, factorsAt } from '../factored.ts';
import { noiseOf, type Transfer, transferOf } from './transfer.ts';

/**
 * `R1`: a column is too short, so the Hessian has a negative direction; `R2`: near the minimisers, curvature is positive off the orbit;
 * `R3'`, `R3''`: neither, and the gradient is large, in `R3''` because the point is.
 */
export type Region = 'R1' | 'R2' | "R3'" | "R3''";

export interface RegionsOptions {
  /** The matrix that is looked for, where the objective does not hold it: measurements of a planted matrix. */
  readonly planted?: DataMap['matrix'];
  /** With `planted`: that of the objective, 1/2 |a(X) - y|^2 (`sum`, default) or 1/(2m) of it (`mean`). */
  readonly normalisation?: 'sum' | 'mean';
}

export interface Regions {
  readonly region: Region;
  /** Singular values of the minimiser W* that thresholds are made of: sigma_r and sigma_1. */
  readonly minimiser: { readonly least: number; readonly largest: number };
  /** |M - M_r|_2, M_r the best that the factors can make of M: what the target has beyond their rank, or below zero; rounding counts as 0. */
  readonly beyond: number;
  /** sigma_r and sigma_1 of the point, and its distance to the orbit of W*. */
  readonly at: { readonly least: number; readonly largest: number; readonly distance: number };
  /** sigma_r <= thresholds.least: R1; distance <= thresholds.distance: R2; sigma_1 >= thresholds.largest: R3''. */
  readonly thresholds: { readonly least: number; readonly distance: number; readonly largest: number };
  /** What holds at the point, with its own numbers; false statements are left out. */
  readonly guarantee: Guarantee;
  /** For measurements y = a(M) + w: the verdict holds if their delta_3r is at most this, 0 where noise drowns it; null for a factorization itself. */
  readonly survives: number | null;
  /** What noise takes off the verdict: |a*(w)|_2 / m of curvatures, |a*(w) X|_F / m of gradients; null for a factorization itself. */
  readonly noise: number | null;
  /** In words: what is proved, and what is only recalled. */
  readonly statement: string;
}

export type Guarantee =
  | { readonly kind: 'negative-curvature'; /** lambda_min is at most this. */ readonly curvature: number; /** A unit direction with it. */ readonly direction: Point }
  | { readonly kind: 'positive-curvature'; /** Curvature off the orbit is at least this. */ readonly lower: number; /** The Hessian's norm is at most this. */ readonly upper: number }
  | {
      readonly kind: 'large-gradient';
      /** |grad f|_F of the factorization at the point. */
      readonly gradient: number;
      /** The bound proved for the region; null where none is. */
      readonly proved: number | null;
      /** |grad f|_F over sigma_r^4 / sigma_1: recalled to be above 1/9 in R3', and never seen below .1227. */
      readonly ratio: number;
    };

type Needs = 'value' | 'factors';
type Uses = 'target' | 'lift';

/**
 * The analysis `regions`, for f = 1/4 |X X^T - M|^2 with M symmetric, of at least as many positive eigenvalues as the factors have columns, and for
 * 1/2 |U V^T - M|^2 + 1/8 |U^T U - V^T V|^2, which is half of it in W = [U; V] (its own numbers are given, so half of those of W).
 *
 * With sigma the singular values of the minimiser W*:
 *
 *     R1    sigma_r(W) <= sigma_r / 2                lambda_min <= 3 sigma_r(W)^2 - sigma_r^2, proved, with its direction
 *     R2    dist(W, W*) <= sigma_r^2 / (8 sigma_1)   curvature off the orbit >= sigma_r(W)^2 + min(0, lambda_min(W W^T - M)), proved
 *     R3''  sigma_1(W) >= 2 sigma_1                  |grad f|_2 >= 3/4 sigma_1(W)^3, proved
 *     R3'   the rest                                 |grad f|_F >= .022 sigma_r^4 / sigma_1, proved for M = W* W*^T
 *
 * Of M = W* W*^T + N with N W* = 0, as noisy targets are, the first three hold as they stand: the direction of R1 lies in the range of W*, where N
 * has no part; R2's least eigenvalue is that with N in it; and R3'' needs no more than that sigma_1^2 is the largest eigenvalue of M. The gradient
 * of R3' loses |N X|_F, in the region at most 2 r^(1/2) sigma_1 |N|_2.
 *
 * Caps are in the spectral norm: in the Frobenius norm, as usually quoted, the last but one fails for large ranks. Measurements have no such
 * point themselves: there the statement is about the planted matrix, and `survives` the largest restricted isometry constant delta_3r for
 * which it carries over to 1/(4m) |a(X X^T) - y|^2, or 1/(2m) |a(U V^T) - y|^2 with the same balancing term
 * (objectives of measurements have none; without it nothing is claimed): no program knows the constant itself. Source: Li, Lu, Arora, Haupt, Liu, Wang and Zhao 2019 (arXiv:1612.09296).
 *
 * @throws LOWLAND_E_CAPABILITY where the objective is another one, or holds no matrix and none is given
 * @throws LOWLAND_E_SHAPE where the planted matrix does not fit; LOWLAND_E_RANK where the matrix has less than the rank of the factors, or a planted
 *   one has more, or is not semidefinite where measurements of X X^T are to recover it
 */
export function regions(given: RegionsOptions = {}): Analysis<Needs, Regions, Uses> {
  return { id: 'regions', requires: ['value', 'factors'], uses: ['target', 'lift'], dtype: 'f64', run: (context, point, host) => regionsAt(context, point, host, given) };
}

async function regionsAt(context: Context<Needs, Uses>, point: Vec, host: Point, { planted, normalisation = 'sum' }: RegionsOptions): Promise<Regions> {
  const { problem } = context;
  const { symmetric, left, right } = factorsAt(host, problem.factors);
  const w = symmetric ? left : stacked(left, right);
  const { target, whole, minimiser, least, largest, beyond, thresholds } = partition(problem.target, left, right, symmetric, planted);
  // Half of the symmetric problem with K = [[0, 2 M], [2 M^T, 0]], whose positive part is W* W*^T.
  const scale = symmetric ? 1 : 0.5;
  if (planted === undefined) requireFactorization(await valueAt(context, point), left, right, target, symmetric);
  const { u, s, v } = thinSvd(w);
  const distance = orbitDistance(w, minimiser.matrix);
  const at = { least: s.at(-1)!, largest: s[0]!, distance };
  const region = regionOf(at, thresholds);

  const error = subtract(multiply(w, w, { transposeB: true }), whole);
  const errorValues = symmetricEigen(error).values;
  const slope = multiply(error, w);
  const guarantee = guaranteeIn();
  const transfer = planted === undefined ? undefined : transferred();
  return {
    region,
    minimiser: { least, largest },
    beyond,
    at,
    thresholds,
    guarantee,
    survives: transfer?.delta ?? null,
    noise: transfer?.noise ?? null,
    statement: statementOf(region, guarantee, transfer, symmetric, beyond),
  };

  function guaranteeIn(): Guarantee {
    if (region === 'R1') {
      const direction = escape(u, v, minimiser.vectors);
      return { kind: 'negative-curvature', curvature: scale * (3 * at.least ** 2 - least ** 2), direction: createPoint(host.layout, direction.data) };
    }
    if (region === 'R2') {
      const [lowest, highest] = [errorValues.at(-1)!, errorValues[0]!];
      return { kind: 'positive-curvature', lower: scale * (at.least ** 2 + Math.min(0, lowest)), upper: scale * (2 * at.largest ** 2 + Math.max(0, highest)) };
    }
    const gradient = scale * frobeniusNorm(slope);
    const unit = (scale * least ** 4) / largest;
    const bound = symmetric ? 0.022 * unit - 2 * Math.sqrt(w.cols) * largest * beyond : 0;
    const proved = region === "R3''" ? scale * 0.75 * at.largest ** 3 : bound > 0 ? bound : null;
    return { kind: 'large-gradient', gradient, proved, ratio: gradient / unit };
  }

  function transferred(): Transfer {
    if (minimiser.rank > left.cols) throw new LowlandError('LOWLAND_E_RANK', `What measurements are to recover has the rank of the factors, ${left.cols}; the planted matrix has rank ${minimiser.rank}. Take factors of so many columns.`, { details: { expected: left.cols, given: minimiser.rank } });
    if (symmetric && beyond > 0) throw new LowlandError('LOWLAND_E_RANK', 'X X^T is recovered from measurements of a semidefinite matrix; the planted one has negative eigenvalues.');
    const factors = symmetric ? { symmetric, left: minimiser.matrix, right: minimiser.matrix } : unstacked(minimiser.matrix, left.rows);
    return transferOf({ symmetric, left, right }, target, guarantee, noiseOf({ ...problem, layout: host.layout }, factors, normalisation));
  }
}

/** What the regions of a matrix are made of, whatever the point. */
interface Partition {
  readonly target: Matrix;
  /** The target, or [[0, 2 M], [2 M^T, 0]] of problems in two factors. */
  readonly whole: Matrix;
  readonly minimiser: ReturnType<typeof minimiserOf>;
  readonly least: number;
  readonly largest: number;
  readonly beyond: number;
  readonly thresholds: Regions['thresholds'];
}

/** The regions of the problem's target, or of the matrix planted. @throws as `regions` */
export function partition(held: Context<Needs, Uses>['problem']['target'], left: Matrix, right: Matrix, symmetric: boolean, planted?: DataMap['matrix']): Partition {
  const given = planted ?? (held === undefined ? undefined : { ...held, values: held.data });
  if (given === undefined) throw new LowlandError('LOWLAND_E_CAPABILITY', 'Regions are those of a matrix, and the objective holds none. A factorization without a penalty holds its target; for measurements give the planted matrix (regions({ planted })).');
  if (given.rows !== left.rows || given.cols !== right.rows) {
    throw new LowlandError('LOWLAND_E_SHAPE', `The factors make a ${left.rows} x ${right.rows} matrix; the planted one is ${given.rows} x ${given.cols}.`);
  }
  const target = matrix(given.rows, given.cols, given.values);
  const whole = symmetric ? target : doubled(target);
  const minimiser = minimiserOf(whole, left.cols, symmetric);
  const [least, largest] = [minimiser.s.at(-1)!, minimiser.s[0]!];
  return { target, whole, minimiser, least, largest, beyond: minimiser.beyond, thresholds: { least: least / 2, distance: least ** 2 / (8 * largest), largest: 2 * largest } };
}

export function regionOf(at: Regions['at'], thresholds: Regions['thresholds']): Region {
  if (at.least <= thresholds.least) return 'R1';
  if (at.distance <= thresholds.distance) return 'R2';
  return at.largest >= thresholds.largest ? "R3''" : "R3'";
}

/** z b^T with b the right singular vector of the least singular value and z in range(W*) off the other left singular vectors. */
function escape(u: Matrix, v: Matrix, range: Matrix): Matrix {
  const r = v.cols;
  const others = columns(u, 0, r - 1);
  // z = range y with (others^T range) y = 0: the last right singular vector of an (r - 1) x r matrix, padded to r x r.
  const cross = multiply(others, range, { transposeA: true });
  const padded = matrix(r, r);
  padded.data.set(cross.data);
  const y = thinSvd(padded).v;
  const z = multiply(range, columns(y, r - 1, r));
  const length = norm(z.data);
  const b = columns(v, r - 1, r);
  return multiply(matrix(z.rows, 1, z.data.map((value) => value / length)), b, { transposeB: true });
}

/** The r leading positive levels of M, W* = vectors sqrt(levels), how many there are in all, and the size of the others. */
function minimiserOf(target: Matrix, rank: number, symmetric: boolean): { readonly matrix: Matrix; readonly vectors: Matrix; readonly s: Float64Array; readonly rank: number; readonly beyond: number } {
  const { values, vectors } = symmetricEigen(target);
  const size = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!));
  const positive = values.filter((value) => value > 1e-10 * size).length;
  if (positive < rank) {
    const levels = symmetric ? `${positive} positive eigenvalue${positive === 1 ? '' : 's'}` : `rank ${positive}`;
    throw new LowlandError('LOWLAND_E_RANK', `The regions are those of a matrix of at least the rank of the factors, ${rank}; it has ${levels}. ${positive === 0 ? 'There are no regions.' : `Take factors of ${positive} column${positive === 1 ? '' : 's'}.`}`, { details: { expected: rank, given: positive } });
  }
  const leading = columns(vectors, 0, rank);
  const s = Float64Array.from({ length: rank }, (_, k) => Math.sqrt(values[k]!));
  // [[0, 2 M], [2 M^T, 0]] has each singular value of M twice, and with both signs
  const rest = symmetric ? Math.max(values[rank] ?? 0, -values.at(-1)!) : (values[rank] ?? 0) / 2;
  return { matrix: scaleColumns(leading, s), vectors: leading, s, rank: positive, beyond: rest <= 1e-10 * size ? 0 : rest };
}

/** min over orthogonal Psi of |W - W* Psi|_F */
export function orbitDistance(w: Matrix, minimiser: Matrix): number {
  const { u, v } = thinSvd(multiply(minimiser, w, { transposeA: true }));
  return frobeniusNorm(subtract(w, multiply(minimiser, multiply(u, v, { transposeB: true }))));
}

export function stacked(a: Matrix, b: Matrix): Matrix {
  const out = matrix(a.rows + b.rows, a.cols);
  out.data.set(a.data);
  out.data.set(b.data, a.data.length);
  return out;
}

function unstacked(w: Matrix, rows: number): Factored {
  const from = rows * w.cols;
  return { symmetric: false, left: matrix(rows, w.cols, w.data.slice(0, from)), right: matrix(w.rows - rows, w.cols, w.data.slice(from)) };
}

/** [[0, 2 M], [2 M^T, 0]] */
function doubled(m: Matrix): Matrix {
  const size = m.rows + m.cols;
  const out = matrix(size, size);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.cols; j++) {
      out.data[i * size + m.rows + j] = 2 * m.data[i * m.cols + j]!;
      out.data[(m.rows + j) * size + i] = 2 * m.data[i * m.cols + j]!;
    }
  }
  return out;
}

function valueAt({ problem, device, scratch }: Context<Needs, Uses>, point: Vec): MaybePromise<number> {
  const value = scratch(1);
  problem.value(point, value);
  return device.scalar(value);
}

/** The value tells this factorization from others: another balancing weight, a penalty. */
function requireFactorization(value: number, left: Matrix, right: Matrix, target: Matrix, symmetric: boolean): void {
  const fit = frobeniusNorm(subtract(multiply(left, right, { transposeB: true }), target)) ** 2;
  const imbalance = symmetric ? 0 : frobeniusNorm(subtract(multiply(left, left, { transposeA: true }), multiply(right, right, { transposeA: true }))) ** 2;
  const expected = symmetric ? fit / 4 : fit / 2 + imbalance / 8;
  if (Math.abs(value - expected) <= 1e-9 * (Math.abs(expected) + frobeniusNorm(target) ** 2)) return;
  const [wanted, remedy] = symmetric
    ? ['1/4 |X X^T - M|^2', 'Solve without a penalty (lambda 0)']
    : ['1/2 |U V^T - M|^2 + 1/8 |U^T U - V^T V|^2', 'Solve with balance 0.125, the default, and without a penalty (lambda 0)'];
  throw new LowlandError('LOWLAND_E_CAPABILITY', `The regions are those of ${wanted}, which is ${expected} at this point; the objective is ${value}, so another one. ${remedy}.`);
}

function statementOf(region: Region, guarantee: Guarantee, transfer: Transfer | undefined, symmetric: boolean, beyond: number): string {
  const about = transfer === undefined ? '' : 'of the factorization of the planted matrix ';
  // the statement is about balanced factors; an objective of measurements leaves the balance free
  const measured = symmetric ? 'the measurements' : 'the measurements with 1/8 |U^T U - V^T V|^2 added, which the objective lacks,';
  const carries = transfer === undefined ? '' : transfer.delta === 0 ? ` Noise drowns it for ${measured.replace(/,$/, '')}.` : ` For ${measured} it holds if delta_3r <= ${transfer.delta.toPrecision(4)}.`;
  const rest = beyond === 0 ? '' : ` The target is the best that the factors can make of it and a rest of norm ${beyond.toPrecision(4)}; the numbers are those of the whole.`;
  if (guarantee.kind === 'negative-curvature') return `${region}: proved: the least curvature ${about}is at most ${guarantee.curvature.toPrecision(4)}, along the direction given.${carries}${rest}`;
  if (guarantee.kind === 'positive-curvature' && guarantee.lower <= 0) return `${region}: no curvature ${about}off the orbit is proved.${rest}`;
  if (guarantee.kind === 'positive-curvature') return `${region}: proved: the curvature ${about}off the orbit is at least ${guarantee.lower.toPrecision(4)}.${carries}${rest}`;
  const seen = `the gradient ${about}is ${guarantee.gradient.toPrecision(4)}`;
  if (guarantee.proved !== null) return `${region}: ${seen}; proved for the whole region: at least ${guarantee.proved.toPrecision(4)}.${carries}${rest}`;
  return `${region}: ${seen}; for two factors, and for matrices with more than little beyond what the factors can make, no bound over the whole region is proved.${carries}${rest}`;
}
