import type { Evaluated, Point } from '@lowland/core';
import { dot, frobeniusNorm, multiply, subtract, type Matrix } from '@lowland/linalg';

import { rowNorms } from './host-operators.ts';
import { hinge, type Incoherence } from './incoherence.ts';
import type { MeasuredLoss } from './loss.ts';
import { factorsOf, type FactoredProblem } from './problem.ts';

/** The value at a host point with its residual and data, both in the scale phi = 1/2 |rho|^2; of another loss the derivatives in the measurements. */
export interface HostValue extends Evaluated {
  readonly residual: Float64Array;
  readonly data: Float64Array;
  /** Where the loss is not least squares or rows are penalised: phi - <grad phi, X>, row penalties of X X^T included. */
  readonly intercept: Evaluated | undefined;
}

const roundoff = 2 ** -53;

/** The fit at z = a(X): its value, the sum of absolute values, what rounding in z does to it in steps, its derivatives. */
interface HostFit {
  readonly value: number;
  readonly absoluteSum: number;
  readonly rounding: number;
  readonly residual: Float64Array;
  readonly data: Float64Array;
  readonly intercept: Evaluated;
}

/**
 * The value of a factored problem on the host, and what rounding can do to it.
 *
 * A residual rho carries the rounding of its own sum, delta = (depth + rank) 2^-53 (sum of absolute values), which moves the fit by
 * |rho| delta + delta^2/2: that is how it counts in `absoluteSum`, in the unit of `terms` steps. The second part is all there is
 * where columns cancel and the computed residual is 0. So do the entries of U^T U - V^T V, and with another loss psi'(z) takes the place of
 * rho and psi''(z) that of 1.
 */
export function evaluate(problem: FactoredProblem, x: Point): HostValue {
  const { map, rank, ridge, balance, linear, loss, incoherence } = problem;
  const { left, right } = factorsOf(problem, x);
  const fit = loss === undefined ? squaresAt(problem, left, right) : lossAt(problem, loss, left, right);
  let { rounding } = fit;

  let linearValue = 0;
  let linearMagnitude = 0;
  if (linear !== undefined) {
    const product = multiply(left, right, { transposeB: true });
    const [nu, nv] = [rowNorms(left), rowNorms(right)];
    for (let k = 0; k < linear.length; k++) {
      const size = Math.abs(linear[k]!) * nu[Math.floor(k / map.cols)]! * nv[k % map.cols]!;
      linearValue += linear[k]! * product.data[k]!;
      linearMagnitude += size;
      rounding += rank * size;
    }
  }

  let imbalance = 0;
  if (balance > 0) {
    const difference = frobeniusNorm(subtract(multiply(left, left, { transposeA: true }), multiply(right, right, { transposeA: true })));
    const chain = Math.max(map.rows, map.cols) + 4;
    const size = frobeniusNorm(left) ** 2 + frobeniusNorm(right) ** 2;
    imbalance = balance * difference ** 2;
    rounding += 2 * balance * chain * (difference + chain * roundoff * size) * size;
  }

  const rows = incoherence === undefined ? undefined : hingesAt(incoherence, problem.symmetric ? [left] : [left, right]);
  if (rows !== undefined) rounding += rows.rounding;
  const penalties = (ridge / 2) * dot(x.data, x.data) + imbalance + (rows?.value ?? 0);
  const terms = map.length + x.data.length + (linear?.length ?? 0) + rank * rank;
  const counted = (value: number, absoluteSum: number): Evaluated => ({ value, absoluteSum, terms });
  return {
    ...counted(fit.value + linearValue + penalties, fit.absoluteSum + linearMagnitude + penalties + rounding / terms),
    residual: fit.residual,
    data: fit.data,
    // The linear term is its own gradient's product with X.
    intercept:
      loss === undefined && incoherence === undefined
        ? undefined
        : counted(fit.intercept.value + (rows?.intercept ?? 0), fit.intercept.absoluteSum + (rows?.interceptMagnitude ?? 0) + rounding / terms),
  };
}

function squaresAt({ map, rank, weight, data }: FactoredProblem, left: Matrix, right: Matrix): HostFit {
  const root = Math.sqrt(weight);
  const steps = map.depth + rank;
  const residual = new Float64Array(map.length);
  const magnitude = new Float64Array(map.length);
  map.image(left, right, residual);
  map.magnitudes(left, right, magnitude);
  let squares = 0;
  let rounding = 0;
  let product = 0;
  let absoluteProduct = 0;
  for (let k = 0; k < residual.length; k++) {
    const b = data[k]!;
    const rho = root * (residual[k]! - b);
    const size = root * (magnitude[k]! + Math.abs(b));
    squares += rho * rho;
    product += rho * root * b;
    absoluteProduct += Math.abs(rho * root * b);
    rounding += steps * (Math.abs(rho) + steps * roundoff * size) * size;
    residual[k] = rho;
  }
  return {
    value: squares / 2,
    absoluteSum: squares / 2,
    rounding,
    residual,
    data: root === 1 ? data : data.map((b) => root * b),
    // 1/2 |rho|^2 - <rho, rho + b>
    intercept: { value: -squares / 2 - product, absoluteSum: squares / 2 + absoluteProduct, terms: residual.length },
  };
}

/** A logarithm of the smallest numbers: what a derivative that is off moves the intercept by is that times |z|, or times this. */
const largestExponent = 745;

function lossAt({ map, rank, weight, data }: FactoredProblem, { psi, weights }: MeasuredLoss, left: Matrix, right: Matrix): HostFit {
  const steps = map.depth + rank;
  const residual = new Float64Array(map.length);
  const magnitude = new Float64Array(map.length);
  map.image(left, right, residual);
  map.magnitudes(left, right, magnitude);
  let value = 0;
  let absoluteSum = 0;
  let rounding = 0;
  let intercept = 0;
  let interceptMagnitude = 0;
  for (let k = 0; k < residual.length; k++) {
    const [z, y] = [residual[k]!, data[k]!];
    const c = weights === undefined ? weight : weight * weights[k]!;
    const slope = psi.first(z, y);
    const size = psi.magnitude(z, y);
    value += c * psi.value(z, y);
    absoluteSum += c * size.value;
    rounding += c * steps * (Math.abs(slope) + steps * roundoff * magnitude[k]! * psi.second(z, y)) * magnitude[k]!;
    intercept += c * (psi.value(z, y) - slope * z);
    interceptMagnitude += c * (size.value + (Math.abs(z) + largestExponent) * size.first);
    residual[k] = c * slope;
  }
  return { value, absoluteSum, rounding, residual, data, intercept: { value: intercept, absoluteSum: interceptMagnitude, terms: residual.length } };
}

/** weight sum of (|u_i| - alpha)_+^4, and with psi the hinge of the row squares q_i, weight sum of psi(q_i) - psi'(q_i) q_i. */
function hingesAt({ weight, alpha }: Incoherence, factors: readonly Matrix[]): { value: number; rounding: number; intercept: number; interceptMagnitude: number } {
  const sums = { value: 0, rounding: 0, intercept: 0, interceptMagnitude: 0 };
  for (const factor of factors) {
    for (const norm of rowNorms(factor)) {
      const q = norm * norm;
      const [value, slope] = [weight * hinge.value(q, alpha, 0), weight * hinge.first(q, alpha, 0)];
      sums.value += value;
      // The norm is off by (rank + 4)/2 units; the fourth power takes that of the difference four times.
      sums.rounding += (factor.cols + 8) * (2 * slope + 6 * (factor.cols + 8) * roundoff * weight * hinge.second(q, alpha, 0) * q) * q;
      sums.intercept += value - slope * q;
      sums.interceptMagnitude += value + slope * q;
    }
  }
  return sums;
}
