import { fingerprint, LowlandError, type Capability, type DataMap, type Measurements, type Objective } from '@lowland/core';
import { matrix, multiply } from '@lowland/linalg';

import { requireAllFinite, requireLength, requireRank, requireSize, requireTruth, requireUnweighted } from '../factored/checks.ts';
import type { Given } from '../factored/literal.ts';
import { once } from '../factored/once.ts';
import { drawnMatrices } from '../matrix-sensing/gaussian.ts';
import { digestOf } from '../matrix-sensing/sensing.ts';
import { heldNumbers, sensingMap } from '../matrix-sensing/sensing-map.ts';
import { meritOf, type MeritName, type MeritOptions } from './checks.ts';
import { denseCost } from './cost.ts';
import { stackedEquations, type NormalEquations } from './normal-equations.ts';
import { constrainedObjective, type ConstrainedCapability } from './objective.ts';
import type { ConstrainedProblem } from './problem.ts';
import { gaussianStart } from './start.ts';

export interface ConstrainedFactorizationOptions extends MeritOptions {
  /** The A_k with b_k in `values`, and C in `linear`. */
  readonly constraints: Measurements;
  /** A least-squares part of phi: 1/2 |q(X) - data|^2. */
  readonly fit?: Omit<Measurements, 'linear'>;
  /** Columns of U, 1 … rows. */
  readonly rank: number;
  /** The matrix that was planted, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/** Merit functions that are convex in X = U U^T have sizes and, where phi is linear, a convex problem that certificates are about. */
export type MeritCapability<O> =
  | ConstrainedCapability
  | ([Given<O, 'merit', 'penalty'>] extends ['penalty' | 'augmented'] ? 'scale' | ('fit' extends keyof O ? never : 'lift') : never);

/**
 * Equality-constrained factored problems,
 *
 *     min phi(U U^T) subject to <A_k, U U^T> = b_k,   phi(X) = <C, X> + 1/2 |q(X) - data|^2,   U: rows x rank,
 *
 * as one of three merit functions h, with c = a(U U^T) - b and S the gradient of the Lagrangian by X = U U^T:
 *
 *     penalty     h = phi + (gamma/2) |c|^2                  S = G + gamma a*(c)
 *     augmented   h = phi + <l, c> + (gamma/2) |c|^2         S = G + a*(l + gamma c), l given
 *     fletcher    h = phi + <l(U), c> + (gamma/2) |c|^2      S = G + a*(l(U)) where c = 0; see `bindFletcher`
 *
 * G = grad phi. In the first two grad h = 2 S U. A_k and C count by their symmetric parts. C = I is trace minimisation; without C and fit
 * phi = 0, pure feasibility. The problem itself is the capability `constraints`, which methods use that keep multipliers.
 *
 * A second-order point of the first two whose columns are linearly dependent is global, phi being convex: spurious second-order
 * points have full column rank. This says nothing of where a rank-deficient start leads: some feasible ones lead to spurious points
 * (the ring of founding-papers 11.2; test beside this file).
 *
 * Certificates of the first two are about the least value of the merit function. That is never above the least value of the problem itself,
 * and the same for the augmented Lagrangian with exact multipliers: so a certificate at the end of a run, with the multipliers that it
 * found, proves a lower bound of the problem.
 *
 * The penalty and augmented Lagrangian cost a product with the map and its adjoint each. `fletcher` also forms the count x count matrix
 * <A_i U, A_j U>, O(count^2 rows rank + count^3), and is NaN where it is singular, as at U = 0 or with more constraints than variables.
 *
 * Sources: Burer, Monteiro 2003 (doi:10.1007/s10107-002-0352-8); Eftekhari 2022 (arXiv 2112.13269); Fletcher 1970.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE, LOWLAND_E_INDEX, LOWLAND_E_ENSEMBLE for constraints or a fit that are not right
 * @throws LOWLAND_E_EMPTY without constraints
 * @throws LOWLAND_E_WEIGHT when constraints or fit have weights
 * @throws LOWLAND_E_RANK unless 1 <= rank <= rows
 * @throws LOWLAND_E_OPTIONS for a weight that is not positive, a merit function that is not known, multipliers that nothing uses
 * @throws LOWLAND_E_OPTIONS for Fletcher's merit function of more constraints than the degrees of freedom, n r - r (r - 1)/2
 */
export function constrainedFactorization<const O extends ConstrainedFactorizationOptions>(options: O & ConstrainedFactorizationOptions): Objective<MeritCapability<O> | 'predict'> {
  return create(prepare(options), options.rank) as Objective<MeritCapability<O> | 'predict'>;
}

type Prepared = Omit<ConstrainedProblem, 'rank'> & { readonly truth: DataMap['matrix'] | undefined; readonly digest: () => string; readonly given: Omit<ConstrainedFactorizationOptions, keyof MeritOptions> };

function prepare(options: ConstrainedFactorizationOptions): Prepared {
  const { constraints, fit, truth, ...given } = options;
  const { rows, cols, values, linear } = constraints;
  requireSize(rows, cols);
  if (rows !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `U U^T is square; these constraints are of ${rows} x ${cols} matrices.`);
  if (values.length === 0) throw new LowlandError('LOWLAND_E_EMPTY', 'There is no constraint. Use matrix sensing for problems without.');
  requireUnweighted(constraints, 'A constraint');
  requireAllFinite('A right side', values);
  if (linear !== undefined) requireLength('The linear cost', linear.length, rows * rows);
  requireTruth(truth, rows, rows);
  const merit = meritOf(given, values.length);
  const multipliers = merit.kind === 'augmented' ? merit.multipliers : undefined;
  return {
    rows,
    cost: linear && denseCost({ rows, cols, values: linear }),
    fit: fit && leastSquares(fit, rows),
    constraints: { map: sensingMap(constraints, true), bounds: values, normal: equationsOf(constraints) },
    merit,
    truth,
    given: options,
    digest: once(() => {
      const parts = [digestOf(constraints), ...(fit === undefined ? [] : [digestOf(fit)])];
      return parts.length === 1 && multipliers === undefined ? parts[0]! : fingerprint('constrained', ...parts, ...(multipliers === undefined ? [] : [multipliers]));
    }),
  };
}

function leastSquares(fit: Omit<Measurements, 'linear'>, rows: number): ConstrainedProblem['fit'] {
  if (fit.rows !== rows || fit.cols !== rows) throw new LowlandError('LOWLAND_E_SHAPE', `The fit measures ${fit.rows} x ${fit.cols} matrices, U U^T is ${rows} x ${rows}.`);
  requireUnweighted(fit, 'The fit of a constrained problem');
  requireAllFinite('A measured value', fit.values);
  return { map: sensingMap(fit, true), data: fit.values, weight: 1 };
}

/** Matrices that are held anyway are stacked at once. */
function equationsOf({ rows: n, values, ensemble }: Measurements): NormalEquations {
  const count = values.length;
  const symmetric = (matrices: Float64Array): Float64Array =>
    matrices.map((value, k) => {
      const at = k % (n * n);
      return (value + matrices[k - at + (at % n) * n + Math.floor(at / n)]!) / 2;
    });
  if (ensemble.kind === 'dense') return stackedEquations(n, count, symmetric(ensemble.matrices));
  if (ensemble.kind === 'seeded' && ensemble.name === 'gaussian' && count * n * n <= heldNumbers) return stackedEquations(n, count, symmetric(drawnMatrices('gaussian', ensemble.seed, count, n, n)));
  return stackedEquations(n, count);
}

function create(prepared: Prepared, rank: number): Objective<never> {
  const { truth, digest, given: _given, ...parts } = prepared;
  requireRank(rank, parts.rows, parts.rows);
  requireIndependent(parts, rank);
  const problem: ConstrainedProblem = { ...parts, rank };
  const { kind, weight } = parts.merit;
  return constrainedObjective(problem, {
    id: 'constrained-factorization',
    scale: scaleInWords(kind),
    options: { rank, merit: kind, weight },
    digest,
    truth: truth === undefined ? {} : { distance: (x) => distanceOf(x.data, rank, truth) },
    predicts: true,
    initial: (key) => gaussianStart(problem, key),
    grow: (next) => create(prepared, next),
    augmented: (multipliers) => create(prepare({ ...prepared.given, merit: 'augmented', weight, multipliers }), rank) as unknown as Objective<Capability>,
  });
}

/** Fletcher's multipliers solve for l in a*(l) U, and symmetric A have A U in a space of n r - r (r - 1)/2 dimensions: more of them are dependent at every U. */
function requireIndependent({ rows, constraints: { bounds }, merit: { kind } }: Omit<ConstrainedProblem, 'rank'>, rank: number): void {
  const most = rows * rank - (rank * (rank - 1)) / 2;
  if (kind !== 'fletcher' || bounds.length <= most) return;
  throw new LowlandError(
    'LOWLAND_E_OPTIONS',
    `Fletcher's merit function needs constraints that are independent at some U: at most ${most} for ${rows} x ${rank} factors, their degrees of freedom; there are ${bounds.length}. Take fewer constraints, a larger rank, or the merit penalty or augmented.`,
    { details: { constraints: bounds.length, most } },
  );
}

/** |U U^T - truth|_F */
function distanceOf(u: Float64Array, rank: number, truth: DataMap['matrix']): number {
  const factor = matrix(truth.rows, rank, u);
  const product = multiply(factor, factor, { transposeB: true });
  return Math.sqrt(product.data.reduce((sum, value, k) => sum + (value - truth.values[k]!) ** 2, 0));
}

export function scaleInWords(kind: MeritName): string {
  const middle = kind === 'penalty' ? '' : kind === 'augmented' ? ' + <l, c>' : ' + <l(U), c>';
  return `phi(U U^T)${middle} + (gamma/2) |c|^2, c = a(U U^T) - b`;
}
