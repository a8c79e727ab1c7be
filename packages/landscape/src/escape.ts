/**
 * The way down out of a stationary point of too low a rank: the singular triples of
 * B = (I − QᵤQᵤᵀ)(−G)(I − QᵥQᵥᵀ) above the penalty (rigour.md A8, step 4), Qᵤ and Qᵥ the singular vectors of X.
 */
import type { Lift, Lifted, StreamKey } from '@lowland/core';
import {
  axpy,
  columns,
  dot,
  frobeniusNorm,
  joinColumns,
  lanczos,
  lanczosSvd,
  matrix,
  multiply,
  multiplyTransposedVector,
  multiplyVector,
  scale,
  subtract,
  symmetricEigen,
  thinSvd,
  type LanczosSvdOptions,
  type LinearOperator,
  type Matrix,
} from '@lowland/linalg';

import type { ThinProduct } from './factored.ts';
import { gradientOperator, imageOf, type GradientImages, type LiftedProblem } from './lifted-point.ts';

export interface Escapes {
  /** Singular triples of B, values above the penalty. Orthonormal among each other and to those of X. */
  readonly triples: ThinProduct;
  /** The largest Ritz value of B, an estimate of ‖B‖ from below. */
  readonly largest: number;
}

/** x ← (I − Q Qᵀ) x. Bound by memory: two passes over Q. */
function projector(q: Matrix): (x: Float64Array) => void {
  const coefficients = new Float64Array(q.cols);
  const inside = new Float64Array(q.rows);
  return (x) => {
    multiplyTransposedVector(q, x, coefficients);
    multiplyVector(q, coefficients, inside);
    axpy(-1, inside, x);
  };
}

/** B: −G between the orthogonal complements of the columns of `left` and `right`. */
function deflatedDescent(gradient: LinearOperator, left: Matrix, right: Matrix): LinearOperator {
  const between = (from: Matrix, to: Matrix, apply: LinearOperator['apply']): LinearOperator['apply'] => {
    const projectIn = projector(from);
    const projectOut = projector(to);
    const input = new Float64Array(from.rows);
    return (x, out) => {
      input.set(x);
      projectIn(input);
      apply(input, out);
      projectOut(out);
      scale(-1, out);
    };
  };
  return {
    rows: gradient.rows,
    cols: gradient.cols,
    apply: between(right, left, gradient.apply),
    applyTransposed: between(left, right, gradient.applyTransposed),
  };
}

/**
 * At most `count` leading triples of B above the penalty. A loose search finds many of them at once; a sharp one for the
 * leading triple alone has the last word on whether there are more. Lanczos from one start finds each of several equal
 * singular values once, so what was found is deflated before the next search.
 *
 * @param effort Multiplies the steps of the sharp search.
 */
export function findEscapes(lift: Lift, lifted: Lifted, product: ThinProduct, count: number, effort: number, key: StreamKey): Escapes {
  const gradient = gradientOperator(lift, lifted);
  const most = Math.min(count, Math.min(lift.rows, lift.cols) - product.s.length);
  let left = product.u;
  let right = product.v;
  const values: number[] = [];
  let largest = 0;
  for (let search = 0; values.length < most; search++) {
    const wanted = most - values.length;
    const sharp = search > 0 || wanted === 1;
    const found = leadingTriples(lift.kind, deflatedDescent(gradient, left, right), {
      key: { ...key, index: 1024 * key.index + search },
      count: sharp ? 1 : wanted,
      block: 1,
      maxSteps: sharp ? Math.ceil(effort * sharpSteps) : 2 * wanted + 30,
      tolerance: sharp ? sharpTolerance : looseTolerance,
    });
    largest = Math.max(largest, found.s[0] ?? 0);
    let above = 0;
    while (above < Math.min(found.s.length, wanted) && found.s[above]! > lift.penalty) above++;
    if (above === 0 && sharp) break;
    values.push(...found.s.subarray(0, above));
    left = joinColumns(left, columns(found.u, 0, above));
    right = joinColumns(right, columns(found.v, 0, above));
    // A single one on top of many is left to the next round.
    if (sharp && values.length > 1) break;
  }
  const from = product.s.length;
  const u = columns(left, from, left.cols);
  const triples = { symmetric: product.symmetric, u, s: Float64Array.from(values), v: product.symmetric ? u : columns(right, from, right.cols) };
  return { triples, largest };
}

const sharpSteps = 200;
const sharpTolerance = 1e-6;
const looseTolerance = 1e-2;

function leadingTriples(kind: Lift['kind'], operator: LinearOperator, asked: LanczosSvdOptions): { u: Matrix; s: Float64Array; v: Matrix } {
  if (kind === 'nuclear') return lanczosSvd(operator, asked);
  const { values, vectors } = lanczos({ size: operator.rows, apply: operator.apply }, { ...asked, which: 'largest' });
  return { u: vectors, s: values, v: vectors };
}

/**
 * An estimate of the extreme of G that a certificate needs: ‖G‖₂ = ‖[[QᵤᵀGQᵥ, ·], [·, B]]‖₂ by the norms of its blocks, or
 * λ_min(G) likewise; close to the truth where the blocks off the diagonal are small. Not a proof.
 */
export function estimateExtreme(lift: Lift, product: ThinProduct, images: GradientImages, largestOutside: number): number {
  const { gv, gtu } = images;
  const inside = multiply(product.u, gv, { transposeA: true });
  const e = frobeniusNorm(subtract(gv, multiply(product.u, inside)));
  const f = frobeniusNorm(subtract(gtu, multiply(product.v, inside, { transposeB: true })));
  const size = thinSvd(matrix(2, 2, Float64Array.of(extremeOf(lift, inside), f, e, largestOutside))).s[0] ?? 0;
  return lift.kind === 'psd' ? -size : size;
}

function extremeOf(lift: Lift, a: Matrix): number {
  if (a.rows === 0) return 0;
  return lift.kind === 'psd' ? Math.max(0, -symmetricEigen(a).values[a.rows - 1]!) : thinSvd(a).s[0]!;
}

/**
 * The triples with values s·(σ_k − penalty), s the exact minimiser of the value along X + s Σ (σ_k − penalty) u_k v_kᵀ:
 * the value falls by `decrease` = ½ (Σ (σ_k − penalty)²)² / |a(D)|², D = Σ (σ_k − penalty) u_k v_kᵀ. For losses that are not least squares s is 1/L,
 * with L|D|² in place of |a(D)|², and the value falls by at least that.
 */
export function scaleEscapes(problem: LiftedProblem, triples: ThinProduct): { triples: ThinProduct; decrease: number } {
  const { penalty, smoothness, leastSquares } = problem.lift;
  const weights = triples.s.map((value) => value - penalty);
  const direction = { ...triples, s: weights };
  const descent = dot(weights, weights);
  const curvature = leastSquares ? squareNorm(imageOf(problem, direction)) : smoothness * descent;
  const step = curvature > 0 ? descent / curvature : 1 / smoothness;
  return { triples: { ...triples, s: weights.map((value) => value * step) }, decrease: (step * descent) / 2 };
}

const squareNorm = (x: Float64Array): number => dot(x, x);
