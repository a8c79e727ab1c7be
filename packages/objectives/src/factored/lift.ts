import type { Lift, Lifted, Point } from '@lowland/core';
import { frobeniusNorm, matrix, type Matrix, symmetricEigenvalues, thinSvd } from '@lowland/linalg';

import { evaluate } from './evaluate.ts';
import { withDiagonal } from './host-operators.ts';
import { hinge, type Incoherence } from './incoherence.ts';
import { weightedSum } from './loss.ts';
import { once } from './once.ts';
import { factorsOf, type FactoredProblem } from './problem.ts';
import { isSmooth, smoothnessOf } from './smoothness.ts';
import { traceDirection } from './trace-direction.ts';

/**
 * The convex problem behind a factored one: min phi(X) + penalty |X|_* over all X, or + penalty tr X over X psd, with
 *
 *     phi(X) = 1/2 |rho|^2 + <C, X>,   rho = sqrt(weight) (a(X) - data),   grad phi = sqrt(weight) a*(rho) + C,
 *
 * or with another loss phi(X) = weight sum of w_k psi(a(X)_k) + <C, X>, grad phi = weight a*(w psi'(a(X))) + C. The row penalty of X X^T is
 * a convex function of the diagonal, sum of lambda (sqrt(X_ii) - alpha)_+^4, and belongs to phi; that of U V^T is no function of the product:
 * such problems have no lift.
 *
 * The factored value is never below the convex one: |x|^2/2 >= |X|_* (and = tr X for X X^T), balance >= 0.
 * The data of the dual are sqrt(weight) data, as stored doubles.
 *
 * @param beyond what the problem does not know of itself, as in `Lift`
 */
export function liftOf(problem: FactoredProblem, beyond: Pick<Lift, 'identity' | 'offset' | 'about'> = {}): Lift {
  const { symmetric, map, weight, linear, loss, incoherence, data } = problem;
  const smoothness = smoothnessOf(problem);
  // |x|^2 is tr X X^T itself, and at least twice |U V^T|_*.
  const penalty = symmetric ? problem.ridge / 2 : problem.ridge;
  const identity = once(() => beyond.identity ?? (symmetric && loss === undefined && incoherence === undefined && (linear !== undefined || penalty === 0) ? traceDirection(problem) : undefined));
  const linearSize = once(() => (linear === undefined ? undefined : sizeOf(matrix(map.rows, map.cols, linear), symmetric)));
  const lowerBound = once(() => {
    if (linear !== undefined) return -Infinity;
    return loss === undefined ? 0 : weight * weightedSum(loss, data.length, (k) => loss.psi.least(data[k]!));
  });
  return {
    kind: symmetric ? 'psd' : 'nuclear',
    rows: map.rows,
    cols: map.cols,
    penalty,
    get lowerBound() {
      return lowerBound();
    },
    get smoothness() {
      return isSmooth(problem) ? smoothness.constant : Infinity;
    },
    hasLinearTerm: linear !== undefined,
    get linearSize() {
      return linearSize();
    },
    leastSquares: loss === undefined && incoherence === undefined,
    attained: penalty > 0 || loss === undefined || loss.psi.attained,
    ...beyond,
    get identity() {
      return identity();
    },
    at: (x) => liftedAt(problem, x, beyond.offset ?? 0),
  };
}

function liftedAt(problem: FactoredProblem, x: Point, offset: number): Lifted {
  const { symmetric, map, weight, linear, loss, incoherence } = problem;
  const { intercept, ...evaluated } = evaluate(problem, x);
  const measured = map.adjoint(loss === undefined ? scaled(Math.sqrt(weight), evaluated.residual) : evaluated.residual, linear);
  const z = incoherence === undefined ? measured : withDiagonal(measured, hingeSlopes(problem, incoherence, x));
  const lifted: Lifted = {
    ...evaluated,
    value: evaluated.value + offset,
    absoluteSum: evaluated.absoluteSum + Math.abs(offset),
    terms: evaluated.terms + 1,
    ...(intercept !== undefined && { intercept }),
    apply(v, out, transposed) {
      if (transposed) z.applyTransposed(v, out);
      else z.apply(v, out);
    },
    maxRowCount: z.maxRowCount,
    gradientRounding: z.rounding,
  };
  // A Gram matrix of more than 3000 rows takes seconds and 72 MB: the other rules of rigour.md A1 are for those.
  if (Math.min(map.rows, map.cols) > 3000) return lifted;
  return { ...lifted, gram: (out) => (symmetric ? z.dense(out) : z.gram(out)) };
}

/** weight psi'(X_ii), X_ii = |x_i|^2 */
function hingeSlopes(problem: FactoredProblem, { weight, alpha }: Incoherence, x: Point): Float64Array {
  const { left } = factorsOf(problem, x);
  return Float64Array.from({ length: left.rows }, (_, i) => {
    let square = 0;
    for (let k = 0; k < left.cols; k++) square += left.data[i * left.cols + k]! ** 2;
    return weight * hinge.first(square, alpha, 0);
  });
}

/** Up to this smaller side the spectrum takes a second or so. */
const spectrumSide = 1000;

/** |C|_2 from above, or max(0, -lambda_min(C)), by the spectrum with its rounding. */
function sizeOf(c: Matrix, symmetric: boolean): number | undefined {
  const side = Math.min(c.rows, c.cols);
  if (side > spectrumSide) return undefined;
  const rounding = Math.max(c.rows, c.cols) * 2 ** -50 * frobeniusNorm(c);
  if (symmetric) return Math.max(0, rounding - symmetricEigenvalues(c).at(-1)!);
  return thinSvd(c).s[0]! + rounding;
}

function scaled(factor: number, x: Float64Array): Float64Array {
  return factor === 1 ? x : x.map((entry) => factor * entry);
}
