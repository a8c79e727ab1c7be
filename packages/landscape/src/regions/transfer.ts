/**
 * From a factorization to measurements of its target (rigour.md D2): how much isometry a verdict needs, noise included.
 */
import { type Layout, type Lift, LowlandError, type Oracles } from '@lowland/core';
import { frobeniusNorm, matrix, type Matrix, multiply, subtract, symmetricEigen } from '@lowland/linalg';

import { type Factored, pointOf } from '../factored.ts';
import type { Guarantee } from './regions.ts';

export interface Transfer {
  /** The verdict holds for the measurements if their delta_3r is at most this; 0: noise drowns it. */
  readonly delta: number;
  /** What noise w takes off before: |a*(w)|_2 / m of curvatures, |a*(w) X|_F / m of gradients. */
  readonly noise: number;
}

type Measured = Partial<Pick<Oracles<'lift'>, 'lift'>> & Pick<Oracles<'factors'>, 'factors'> & { readonly layout: Layout };

/**
 * N = a*(w) / m, dense: of f = (c/2) |a(X) - y|^2 the gradient in X at the planted M is -c a*(w).
 *
 * @param normalisation that of the objective: c = 1 (sum) or 1/m (mean)
 *
 * @throws LOWLAND_E_CAPABILITY unless the objective is least squares of measurements without a penalty or linear term
 */
export function noiseOf({ lift, factors, layout }: Measured, planted: Factored, normalisation: 'sum' | 'mean'): Matrix {
  if (lift === undefined || !lift.leastSquares || lift.hasLinearTerm || lift.penalty > 0) {
    throw new LowlandError('LOWLAND_E_CAPABILITY', 'Regions carry over to least squares of measurements without a penalty or a linear term; this objective is another one.');
  }
  const { residual, apply } = lift.at(pointOf(layout, factors, planted));
  const scale = normalisation === 'mean' ? 1 : residual.length;
  return dense(lift, apply, -1 / scale);
}

function dense({ rows, cols }: Lift, apply: ReturnType<Lift['at']>['apply'], scale: number): Matrix {
  const out = matrix(rows, cols);
  const [unit, column] = [new Float64Array(cols), new Float64Array(rows)];
  for (let j = 0; j < cols; j++) {
    unit[j] = 1;
    apply(unit, column, false);
    unit[j] = 0;
    for (let i = 0; i < rows; i++) out.data[i * cols + j] = scale * column[i]!;
  }
  return out;
}

/**
 * With |<a(P), a(Q)>/m - <P, Q>| <= delta |P|_F |Q|_F for matrices whose ranks add up to 3 r, 1/(4m) |a(X X^T) - y|^2 differs from
 * 1/4 |X X^T - M|^2, E = X X^T - M, N = a*(w)/m, by
 *
 *     curvature along D    at most delta (1/2 |X D^T + D X^T|_F^2 + |E|_F |D D^T|_F) + |N|_2
 *     gradient             at most delta |E|_F |X|_2 + |N X|_F
 *
 * so verdicts survive up to the quotient of what they have to spare. 1/(2m) |a(U V^T) - y|^2 + 1/8 |U^T U - V^T V|^2 likewise, E = U V^T - M,
 * D = (A, C), |(A, C)|_F = 1:
 *
 *     curvature            at most delta (|A V^T + U C^T|_F^2 + 2 |E|_F |A C^T|_F) + |N|_2
 *     gradient             at most delta |E|_F (|U|_2^2 + |V|_2^2)^(1/2) + |(N V, N^T U)|_F
 */
export function transferOf({ symmetric, left, right }: Factored, target: Matrix, guarantee: Guarantee, n: Matrix): Transfer {
  const error = subtract(multiply(left, right, { transposeB: true }), target);
  const size = frobeniusNorm(error);
  // |X|^2, or |U|^2 + |V|^2: of a direction of length 1, 1/2 |X D^T + D X^T|^2 <= 2 |X|^2 and |A V^T + U C^T|^2 <= |U|^2 + |V|^2
  const reach = symmetric ? squareNorm(left) : squareNorm(left) + squareNorm(right);
  if (guarantee.kind === 'large-gradient') {
    const noise = Math.hypot(frobeniusNorm(multiply(n, right)), symmetric ? 0 : frobeniusNorm(multiply(n, left, { transposeA: true })));
    return quotient(guarantee.gradient, noise, size * Math.sqrt(reach));
  }
  const noise = Math.sqrt(squareNorm(n));
  if (guarantee.kind === 'positive-curvature') return quotient(guarantee.lower, noise, symmetric ? 2 * reach + size : reach + size);
  const [a, c] = halves(guarantee.direction.data, left, right, symmetric);
  const moved = subtract(multiply(a, right, { transposeB: true }), scaled(multiply(left, c, { transposeB: true }), -1));
  const pair = multiply(a, c, { transposeB: true });
  const along = error.data.reduce((sum, value, k) => sum + value * pair.data[k]!, 0);
  const [square, twice] = symmetric ? [frobeniusNorm(moved) ** 2 / 2, 1] : [frobeniusNorm(moved) ** 2, 2];
  const balance = symmetric ? 0 : balanceCurvature(left, right, a, c);
  return quotient(-(square + twice * along + balance), noise, square + twice * size * frobeniusNorm(pair));
}

const quotient = (has: number, noise: number, needs: number): Transfer => ({ delta: Math.max(0, has - noise) / needs, noise });

/** |A|_2^2 */
function squareNorm(a: Matrix): number {
  return symmetricEigen(multiply(a, a, a.rows <= a.cols ? { transposeB: true } : { transposeA: true })).values[0] ?? 0;
}

/** The parts (A, C) of a direction; D twice for X X^T. */
function halves(direction: Float64Array, left: Matrix, right: Matrix, symmetric: boolean): readonly [Matrix, Matrix] {
  const a = matrix(left.rows, left.cols, direction.subarray(0, left.data.length));
  return [a, symmetric ? a : matrix(right.rows, right.cols, direction.subarray(left.data.length))];
}

/** Of 1/8 |B|^2, B = U^T U - V^T V: 1/4 |dB|^2 + 1/2 <B, A^T A - C^T C>, dB = A^T U + U^T A - C^T V - V^T C. */
function balanceCurvature(u: Matrix, v: Matrix, a: Matrix, c: Matrix): number {
  const gram = (x: Matrix, y: Matrix): Matrix => multiply(x, y, { transposeA: true });
  const b = subtract(gram(u, u), gram(v, v));
  const first = subtract(gram(a, u), gram(c, v));
  const db = subtract(first, scaled(transposed(first), -1));
  const second = subtract(gram(a, a), gram(c, c));
  return frobeniusNorm(db) ** 2 / 4 + b.data.reduce((sum, value, k) => sum + value * second.data[k]!, 0) / 2;
}

const scaled = ({ rows, cols, data }: Matrix, factor: number): Matrix => matrix(rows, cols, data.map((value) => factor * value));
const transposed = ({ rows, cols, data }: Matrix): Matrix => matrix(cols, rows, Float64Array.from(data, (_, k) => data[(k % rows) * cols + Math.floor(k / rows)]!));
