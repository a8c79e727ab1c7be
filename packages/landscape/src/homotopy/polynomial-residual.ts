/**
 * The residual of an objective as a polynomial on the host.
 */
import type { Context } from '@lowland/core';

import { largestDegree } from '../slice/lagrange.ts';
import { residualRounding } from '../slice/residual-rounding.ts';
import type { PolynomialResidual } from './gradient-system.ts';

/** r where f = 1/2 |r|^2 and r is a polynomial; elsewhere why not, in words that follow a colon. */
export function polynomialResidual(context: Context<'value', 'residual'>, n: number): PolynomialResidual | string {
  const { problem, device, scratch } = context;
  const { residual } = problem;
  if (residual?.degree === undefined) return 'its residual is no polynomial of the variables';
  if (residual.degree > largestDegree) return `its residual has degree ${residual.degree}, and ${largestDegree} is the largest that is interpolated`;
  const { length, degree } = residual;
  const [x, value, r] = [scratch(), scratch(1), scratch(length)];
  const at = (point: Float64Array): Float64Array => {
    device.write(x, point);
    residual.evaluate(x, r);
    return device.host!(r);
  };
  // Linear terms and penalties that are no squares are not in the residual.
  for (const shift of [0.3, -0.7]) {
    const half = at(Float64Array.from({ length: n }, (_, i) => shift + 0.1 * i)).reduce((sum, entry) => sum + entry * entry, 0) / 2;
    problem.value(x, value);
    const f = device.host!(value)[0]!;
    if (!(Math.abs(half - f) <= 1e-9 * Math.abs(f))) return 'it is not half the square of its residual';
  }
  const rounding = residualRounding(context, residual);
  return { length, degree, at, rounding: () => rounding(x) };
}
