/**
 * The two phases of gradient descent from a small start on 1/2 |U V^T - M|_F^2, M of rank exactly d, in the variables of their proof: Ye and Du
 * 2021, arXiv:2106.14289.
 */
import { type Context, LowlandError, type Tracker } from '@lowland/core';
import { columns, diagonal, frobeniusNorm, gram, matrix, type Matrix, multiply, norm, subtract, symmetricEigenvalues, thinSvd, transpose } from '@lowland/linalg';

import { factorsAt } from '../factored.ts';
import { combination, movesTracker, stepBetween } from './moves.ts';

/** A and B are the halves (U + V)/2 and (U - V)/2 of the blocks in the singular spaces of M, J and K what of U and V lies outside. */
export interface Blocks {
  readonly a: Matrix;
  readonly b: Matrix;
  /** S - A A^T + B B^T */
  readonly p: Matrix;
  /** A B^T - B A^T */
  readonly q: Matrix;
  readonly j: Matrix;
  readonly k: Matrix;
}

export interface TwoPhase {
  /** Observations so far: iterations, where every one is observed. */
  readonly time: number;
  /** 1 until sigma_d(A) >= sqrt(sigma_d / 2) and |P| <= sigma_d / 4, then 2. */
  readonly stage: 1 | 2;
  /** T0: the first time with sigma_d(A) >= sqrt(sigma_d / 2); null before. */
  readonly t0: number | null;
  /** The first time from T0 on with |P| <= sigma_d / 4 as well, from which the bounds of stage 2 are counted; null before. */
  readonly t1: number | null;
  /** sigma_d(A), |B|_F, |P|, |Q|, |J|, |K|, spectral norms but for B. */
  readonly sizes: { readonly a: number; readonly b: number; readonly p: number; readonly q: number; readonly j: number; readonly k: number };
  /** Errors of the exact recursions over the last move, relative to the size of each side; null where the move was no gradient step. */
  readonly residuals: { readonly a: number; readonly b: number; readonly p: number; readonly j: number; readonly k: number } | null;
  /** Whether the bounds hold here; those of stage 2 are null in stage 1. */
  readonly holds: {
    /** A A^T <= 2 S */
    readonly upper: boolean;
    /** |J| and |K| are at most what they were. */
    readonly outsideFalls: boolean;
    /** |S - U V^T| <= (1 - eta sigma_d / 2)^(t - t1) (2/5) sigma_d */
    readonly contracts: boolean | null;
    /** sigma_d(U), sigma_d(V) >= sqrt(sigma_d / 2) */
    readonly conditioned: boolean | null;
  };
  /** The constants that the theorem leaves open, as measured. */
  readonly constants: {
    /** eps / (sqrt(d) sigma_d(A)), eps the root mean square of the start: the c of (eps^2 / (c^2 d)) I <= A A^T in stage 1. */
    readonly a: number;
    /** |B|_F / (2 d eps): that of |B|_F <= 2 c d eps. */
    readonly b: number;
    /** |J| / (eps sqrt(max(m - d, d))), |K| / (eps sqrt(max(n - d, d))): those of |J| and |K|. */
    readonly j: number;
    readonly k: number;
    /** |B|_F sqrt(sigma_1) / sigma_d: that of stage 2. */
    readonly balance: number;
    /** |S - U V^T| over (1 - eta sigma_d / 2)^(t - t1) (2/5) sigma_d, at most 1 where the bound holds; null in stage 1. */
    readonly contraction: number | null;
  };
}

/**
 * The tracker `two-phase`. With S = diag(sigma), U, V the blocks in the singular spaces of M and k+- = (K^T K +- J^T J)/2, a step is exactly
 *
 *     A+ = A + eta P A - eta Q B - eta A k+ - eta B k-      J+ = J - eta J (V^T V + K^T K)
 *     B+ = B - eta P B + eta Q A - eta A k- - eta B k+      K+ = K - eta K (U^T U + J^T J)
 *     P+ = P - eta P(S-P) - eta (S-P)P + eta^2 (PPP - PSP) - 2 eta (BB^T P + P BB^T) - eta (F C^T + C F^T) - eta^2 C C^T
 *            + eta (E D^T + D E^T) + eta^2 D D^T,           F = A + eta P A,   E = B - eta P B,
 *     C = -A B^T B + B A^T B - A k+ - B k-,   D = A B^T A - B A^T A - A k- - B k+
 *
 * (E with a minus sign: it is printed with a plus). Stage 1 claims A A^T <= 2 S and that |J| and |K| fall (for eta <= 1/(3 sigma_1)), stage 2
 * sigma_d(U), sigma_d(V) >= sqrt(sigma_d / 2) and |S - U V^T| <= (1 - eta sigma_d / 2)^t (2/5) sigma_d: `holds` says which do. Observe every
 * iteration; a resumed run starts its clock anew. Three products with M an observation.
 *
 * @throws LOWLAND_E_RANK at the start where M has not the rank of the factors; LOWLAND_E_CAPABILITY for one factor, a penalty or a balancing term
 */
export function twoPhase(): Tracker<'factors' | 'target' | 'gradient', TwoPhase> {
  return movesTracker<'factors' | 'target' | 'gradient', TwoPhase>('two-phase', ['factors', 'target', 'gradient'], (context) => {
    const look = start(context);
    return (point, gradient) => {
      const { symmetric, left, right } = factorsAt(point, context.problem.factors);
      if (symmetric) throw new LowlandError('LOWLAND_E_CAPABILITY', 'The two phases are those of two factors; this problem has one.');
      return look(left, right, point.data, gradient);
    };
  });
}

function start({ problem, device }: Context<'factors' | 'target'>): (left: Matrix, right: Matrix, data: Float64Array, gradient: Float64Array) => TwoPhase {
  const { rows, cols, data: entries } = problem.target;
  const { u, s, v } = thinSvd(matrix(rows, cols, entries));
  let bases: { readonly s: Matrix; readonly u: Matrix; readonly v: Matrix } | undefined;
  let time = -1;
  let [t0, t1]: [number | null, number | null] = [null, null];
  let eps = NaN;
  let last: { readonly blocks: Blocks; readonly data: Float64Array; readonly gradient: Float64Array; readonly j: number; readonly k: number } | undefined;
  let eta = NaN;

  return (left, right, data, gradient) => {
    const d = left.cols;
    bases ??= spaces(d);
    time++;
    if (time === 0) {
      eps = norm(data) / Math.sqrt(data.length);
      requirePlainFit(left, right, gradient);
    }
    const { blocks, top, bottom } = blocksOf(left, right, bases);
    const [largest, least] = [s[0]!, s[d - 1]!];
    const sizes = { a: thinSvd(blocks.a).s[d - 1]!, b: frobeniusNorm(blocks.b), p: spectral(blocks.p), q: spectral(blocks.q), j: spectral(blocks.j), k: spectral(blocks.k) };
    if (t0 === null && sizes.a >= Math.sqrt(least / 2)) t0 = time;
    if (t0 !== null && t1 === null && sizes.p <= least / 4) t1 = time;

    const step = last && stepBetween(last.data, data, last.gradient);
    if (step !== undefined) eta = step;
    const residuals = last === undefined || step === undefined ? null : errorsOf(last.blocks, blocks, bases.s, step);
    const slack = 1 + 1e-10;
    const ofStageOne = {
      // the least eigenvalue of 2 S - A A^T
      upper: symmetricEigenvalues(combination([2, bases.s], [-1, multiply(blocks.a, blocks.a, { transposeB: true })])).at(-1)! >= -1e-10 * largest,
      outsideFalls: last === undefined || (sizes.j <= last.j * slack && sizes.k <= last.k * slack),
    };
    let contraction: number | null = null;
    let ofStageTwo: Pick<TwoPhase['holds'], 'contracts' | 'conditioned'> = { contracts: null, conditioned: null };
    if (t1 !== null) {
      const error = spectral(subtract(bases.s, multiply(top, bottom, { transposeB: true })));
      const bound = Math.exp((time - t1) * Math.log1p(-(eta * least) / 2)) * 0.4 * least;
      // once the error is rounding there is nothing left to contract
      contraction = error <= 1e-13 * largest ? 0 : error / bound;
      const conditioned = Math.min(thinSvd(top).s[d - 1]!, thinSvd(bottom).s[d - 1]!) >= Math.sqrt(least / 2);
      ofStageTwo = { contracts: contraction <= 1, conditioned };
    }
    last = { blocks, data, gradient, j: sizes.j, k: sizes.k };
    return {
      time,
      stage: t1 === null ? 1 : 2,
      t0,
      t1,
      sizes,
      residuals,
      holds: { ...ofStageOne, ...ofStageTwo },
      constants: {
        a: eps / (Math.sqrt(d) * sizes.a),
        b: sizes.b / (2 * d * eps),
        j: sizes.j / (eps * Math.sqrt(Math.max(rows - d, d))),
        k: sizes.k / (eps * Math.sqrt(Math.max(cols - d, d))),
        balance: (sizes.b * Math.sqrt(largest)) / least,
        contraction,
      },
    };
  };

  /** A penalty, or a term that balances the factors, has recursions of its own. */
  function requirePlainFit(left: Matrix, right: Matrix, gradient: Float64Array): void {
    const error = subtract(multiply(left, right, { transposeB: true }), matrix(rows, cols, entries));
    const beside = (plain: Matrix, from: number): number => norm(plain.data.map((value, k) => gradient[from + k]! - value));
    const apart = Math.hypot(beside(multiply(error, right), 0), beside(multiply(error, left, { transposeA: true }), left.data.length));
    if (apart <= (device.dtype === 'f64' ? 1e-10 : 1e-4) * frobeniusNorm(error) * Math.hypot(frobeniusNorm(left), frobeniusNorm(right))) return;
    throw new LowlandError('LOWLAND_E_CAPABILITY', 'The two phases are those of 1/2 |U V^T - M|^2 alone; this objective adds to it. Take balance 0 and lambda 0.');
  }

  function spaces(d: number): { readonly s: Matrix; readonly u: Matrix; readonly v: Matrix } {
    const rank = s.filter((value) => value > 1e-10 * s[0]!).length;
    if (rank !== d) throw new LowlandError('LOWLAND_E_RANK', `The two phases are those of a matrix of the rank of the factors, ${d}; it has rank ${rank}.`, { details: { expected: d, given: rank } });
    return { s: diagonal(s.subarray(0, d)), u: columns(u, 0, d), v: columns(v, 0, d) };
  }
}

const spectral = (a: Matrix): number => (a.rows === 0 ? 0 : thinSvd(a).s[0]!);

/** J and K in the coordinates of U and V: zero rows or not, their Gram matrices and recursions are the same. */
function blocksOf(left: Matrix, right: Matrix, { s, u, v }: { readonly s: Matrix; readonly u: Matrix; readonly v: Matrix }): { readonly blocks: Blocks; readonly top: Matrix; readonly bottom: Matrix } {
  const [top, bottom] = [multiply(u, left, { transposeA: true }), multiply(v, right, { transposeA: true })];
  const [a, b] = [combination([0.5, top], [0.5, bottom]), combination([0.5, top], [-0.5, bottom])];
  const cross = multiply(a, b, { transposeB: true });
  return {
    top,
    bottom,
    blocks: {
      a,
      b,
      p: combination([1, s], [-1, multiply(a, a, { transposeB: true })], [1, multiply(b, b, { transposeB: true })]),
      q: subtract(cross, transpose(cross)),
      j: subtract(left, multiply(u, top)),
      k: subtract(right, multiply(v, bottom)),
    },
  };
}

/** What the recursions say of the next blocks. */
export function nextBlocks({ a, b, p, q, j, k }: Blocks, s: Matrix, eta: number): Omit<Blocks, 'q'> {
  const product = (...factors: readonly [Matrix, ...Matrix[]]): Matrix => factors.slice(1).reduce((left, right) => multiply(left, right), factors[0]);
  const outer = (x: Matrix, y: Matrix): Matrix => multiply(x, y, { transposeB: true });
  const [kk, jj] = [gram(k), gram(j)];
  const plus = combination([0.5, kk], [0.5, jj]);
  const minus = combination([0.5, kk], [-0.5, jj]);
  const [at, bt] = [transpose(a), transpose(b)];
  const c = combination([-1, product(a, bt, b)], [1, product(b, at, b)], [-1, product(a, plus)], [-1, product(b, minus)]);
  const d = combination([1, product(a, bt, a)], [-1, product(b, at, a)], [-1, product(a, minus)], [-1, product(b, plus)]);
  const f = combination([1, a], [eta, product(p, a)]);
  const e = combination([1, b], [-eta, product(p, b)]);
  const rest = subtract(s, p);
  const bb = outer(b, b);
  const [u, v] = [combination([1, a], [1, b]), combination([1, a], [-1, b])];
  return {
    a: combination([1, f], [-eta, product(q, b)], [-eta, product(a, plus)], [-eta, product(b, minus)]),
    b: combination([1, e], [eta, product(q, a)], [-eta, product(a, minus)], [-eta, product(b, plus)]),
    p: combination(
      [1, p],
      [-eta, product(p, rest)],
      [-eta, product(rest, p)],
      [eta * eta, product(p, p, p)],
      [-eta * eta, product(p, s, p)],
      [-2 * eta, product(bb, p)],
      [-2 * eta, product(p, bb)],
      [-eta, outer(f, c)],
      [-eta, outer(c, f)],
      [-eta * eta, outer(c, c)],
      [eta, outer(e, d)],
      [eta, outer(d, e)],
      [eta * eta, outer(d, d)],
    ),
    j: combination([1, j], [-eta, product(j, combination([1, gram(v)], [1, kk]))]),
    k: combination([1, k], [-eta, product(k, combination([1, gram(u)], [1, jj]))]),
  };
}

function errorsOf(before: Blocks, after: Blocks, s: Matrix, eta: number): NonNullable<TwoPhase['residuals']> {
  const next = nextBlocks(before, s, eta);
  const size = Math.sqrt(spectral(s));
  const error = (name: 'a' | 'b' | 'p' | 'j' | 'k'): number => frobeniusNorm(subtract(after[name], next[name])) / (name === 'p' ? size * size : size);
  return { a: error('a'), b: error('b'), p: error('p'), j: error('j'), k: error('k') };
}
