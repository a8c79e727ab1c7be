import type { Point, Scale } from '@lowland/core';
import { frobeniusNorm, gram, matrix, multiply, symmetricEigen, type Matrix } from '@lowland/linalg';

import { denseOperator, operatorTimes, rowNorms } from './host-operators.ts';
import type { Incoherence } from './incoherence.ts';
import type { HostOperator } from './linear-map.ts';
import { weightedSum, type MeasuredLoss } from './loss.ts';
import { factorsOf, type FactoredProblem } from './problem.ts';

/**
 * The sizes that tolerances are relative to.
 *
 * gradient: the norms of the terms that cancel in grad f, one by one: c a*(a(X)) V, c a*(data) V, C V, ridge U, and
 * 4 balance U U^T U, 4 balance U V^T V; the same for V. Hessian: the third derivative along a unit direction is
 * at most 3 c |a|^2 sqrt(|U|^2 + |V|^2) + 24 balance sqrt(|U|^2 + |V|^2), and 12 c |a|^2 |X| for X X^T (spectral norms).
 *
 * Of another loss the parts of psi' take the place of a(X) and data, and with N^2 = |U|^2 + |V|^2 (4 |X|^2 for X X^T) the third derivative is
 * at most 3 c |a|^2 max(w psi'') N + c |a|^3 max(w |psi'''|) N^3 (12 -> 6 N) at this point. Rows beyond alpha by d add 72 weight d.
 */
export function scaleOf(problem: FactoredProblem): Scale {
  const { symmetric, map, weight, ridge, balance, linear, loss, incoherence, data } = problem;
  const slope = symmetric ? 2 * weight : weight;
  let squares = 0;
  for (const b of problem.data) squares += b * b;

  const fitNorms = (w: Float64Array, left: Matrix, right: Matrix): number => slope * productNorms(map.adjoint(w), left, right, symmetric);

  return {
    zeroValue: loss === undefined ? (weight / 2) * squares : weight * weightedSum(loss, data.length, (k) => loss.psi.value(0, data[k]!)),
    gradient(x: Point) {
      const { left, right } = factorsOf(problem, x);
      const image = new Float64Array(map.length);
      map.image(left, right, image);
      let sum = 0;
      if (loss === undefined) sum += fitNorms(image, left, right) + fitNorms(data, left, right);
      else for (const part of partsOf(loss, image, data)) sum += fitNorms(part, left, right);
      if (incoherence !== undefined) for (const factor of symmetric ? [left] : [left, right]) sum += hingeGradient(incoherence, factor);
      if (linear !== undefined) {
        const c = denseOperator(matrix(map.rows, map.cols, linear));
        sum += (symmetric ? 2 : 1) * productNorms(c, left, right, symmetric);
      }
      sum += ridge * (symmetric ? frobeniusNorm(left) : frobeniusNorm(left) + frobeniusNorm(right));
      if (balance > 0) {
        const [u, v] = [gram(left), gram(right)];
        for (const factor of [left, right]) for (const g of [u, v]) sum += 4 * balance * frobeniusNorm(multiply(factor, g));
      }
      return sum;
    },
    hessianLipschitz(x: Point) {
      const { left, right } = factorsOf(problem, x);
      if (loss !== undefined || incoherence !== undefined) return lossLipschitz(problem, left, right);
      const curvature = weight * map.normSquared();
      if (symmetric) return 12 * curvature * Math.sqrt(normSquared(left));
      return (3 * curvature + 24 * balance) * Math.sqrt(normSquared(left) + normSquared(right));
    },
  };
}

/** |Z V|_F + |Z^T U|_F, or |Z X|_F alone. */
function productNorms(z: HostOperator, left: Matrix, right: Matrix, symmetric: boolean): number {
  const here = frobeniusNorm(operatorTimes(z, right, false));
  return symmetric ? here : here + frobeniusNorm(operatorTimes(z, left, true));
}

/** The square of the spectral norm, from the r x r Gram matrix. NaN or infinite factors give NaN. */
function normSquared(a: Matrix): number {
  const g = gram(a);
  return g.data.every(Number.isFinite) ? Math.max(0, symmetricEigen(g).values[0]!) : NaN;
}

/** The parts of w psi'(z) that cancel: what it is at z, and what the datum takes off. */
function partsOf({ psi, weights }: MeasuredLoss, image: Float64Array, data: Float64Array): readonly [Float64Array, Float64Array] {
  const weight = (k: number): number => weights?.[k] ?? 1;
  const total = image.map((z, k) => weight(k) * psi.magnitude(z, data[k]!).first);
  const left = image.map((z, k) => weight(k) * psi.first(z, data[k]!));
  // p - q = psi' and p + q = magnitude
  return [total.map((sum, k) => (sum + left[k]!) / 2), total.map((sum, k) => (sum - left[k]!) / 2)];
}

/** The norm of the gradient of the row penalty in one factor. */
function hingeGradient({ weight, alpha }: Incoherence, factor: Matrix): number {
  let squares = 0;
  for (const norm of rowNorms(factor)) squares += (4 * weight * Math.max(0, norm - alpha) ** 3) ** 2;
  return Math.sqrt(squares);
}

function lossLipschitz({ symmetric, map, weight, balance, loss, incoherence, data }: FactoredProblem, left: Matrix, right: Matrix): number {
  const size = Math.sqrt(symmetric ? 4 * normSquared(left) : normSquared(left) + normSquared(right));
  let [second, third] = [1, 0];
  if (loss !== undefined) {
    const image = new Float64Array(map.length);
    map.image(left, right, image);
    second = 0;
    image.forEach((z, k) => {
      const w = loss.weights?.[k] ?? 1;
      second = Math.max(second, w * loss.psi.second(z, data[k]!));
      third = Math.max(third, w * loss.psi.third(z, data[k]!));
    });
  }
  const norm = Math.sqrt(map.normSquared());
  const fit = weight * ((symmetric ? 6 : 3) * second * norm ** 2 * size + third * (norm * size) ** 3) + 24 * balance * size;
  if (incoherence === undefined) return fit;
  const over = Math.max(...(symmetric ? [left] : [left, right]).flatMap((factor) => [...rowNorms(factor)])) - incoherence.alpha;
  return fit + 72 * incoherence.weight * Math.max(0, over);
}
