import type { Evaluated, Point } from '@lowland/core';
import { dot, frobeniusNorm, multiply, subtract } from '@lowland/linalg';

import { rowNorms } from './host-operators.ts';
import { factorsOf, type FactoredProblem } from './problem.ts';

/** The value at a host point with its residual and data, both in the scale phi = 1/2 |rho|^2. */
export interface HostValue extends Evaluated {
  readonly residual: Float64Array;
  readonly data: Float64Array;
}

const roundoff = 2 ** -53;

/**
 * The value of a factored problem on the host, and what rounding can do to it.
 *
 * A residual rho carries the rounding of its own sum, delta = (depth + rank) 2^-53 (sum of absolute values), which moves the fit by
 * |rho| delta + delta^2/2: that is how it counts in `absoluteSum`, in the unit of `terms` steps. The second part is all there is
 * where columns cancel and the computed residual is 0. So do the entries of U^T U - V^T V.
 */
export function evaluate(problem: FactoredProblem, x: Point): HostValue {
  const { map, rank, weight, ridge, balance, linear } = problem;
  const { left, right } = factorsOf(problem, x);
  const root = Math.sqrt(weight);
  const steps = map.depth + rank;

  const residual = new Float64Array(map.length);
  const magnitude = new Float64Array(map.length);
  map.image(left, right, residual);
  map.magnitudes(left, right, magnitude);
  let fit = 0;
  let rounding = 0;
  for (let k = 0; k < residual.length; k++) {
    const b = problem.data[k]!;
    const rho = root * (residual[k]! - b);
    const size = root * (magnitude[k]! + Math.abs(b));
    fit += rho * rho;
    rounding += steps * (Math.abs(rho) + steps * roundoff * size) * size;
    residual[k] = rho;
  }

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

  const penalties = (ridge / 2) * dot(x.data, x.data) + imbalance;
  const terms = map.length + x.data.length + (linear?.length ?? 0) + rank * rank;
  return {
    value: fit / 2 + linearValue + penalties,
    absoluteSum: fit / 2 + linearMagnitude + penalties + rounding / terms,
    terms,
    residual,
    data: root === 1 ? problem.data : problem.data.map((b) => root * b),
  };
}
