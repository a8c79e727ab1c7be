/**
 * Whether f(x) grows beyond all bounds with |x|: what the Euler audit needs (rigour.md C2).
 */
import type { Context } from '@lowland/core';
import { matrix, symmetricEigenvalues } from '@lowland/linalg';

export interface Coercivity {
  readonly holds: boolean;
  readonly because: string;
}

type Aids = 'symmetry' | 'factors' | 'target' | 'lift' | 'residual';

/**
 * By what the objective says of itself: not where GL(r) acts; yes for a known target under O(r), |X X^T - M|^2 or a balanced |U V^T - M|^2, for
 * lifts with a penalty over a loss that is bounded below, and where one combination of quadratic residuals is positive definite.
 */
export function coercivityOf({ problem, device, scratch }: Context<never, Aids>, size: number): Coercivity {
  const { symmetry, target, lift, residual } = problem;
  if (symmetry?.group.startsWith('GL') === true) return { holds: false, because: `the orbits of ${symmetry.group} are not bounded, and f is constant on them` };
  if (target !== undefined && symmetry !== undefined) return { holds: true, because: 'the whole target is fitted, and factors are balanced' };
  if (lift !== undefined && lift.penalty > 0 && Number.isFinite(lift.lowerBound)) return { holds: true, because: 'the factors are penalised and the loss is bounded below' };
  if (residual?.degree === 2) {
    // w^T r is quadratic with the Hessian J(e_j)^T w - J(0)^T w in column j; where that is definite, |r| grows as |x|^2.
    const [x, weights, out] = [scratch(), scratch(residual.length), scratch()];
    device.write(weights, new Float64Array(residual.length).fill(1));
    const combined = (at: Float64Array): Float64Array => {
      device.write(x, at);
      residual.vjp(x, weights, out);
      return device.host!(out).slice();
    };
    const origin = combined(new Float64Array(size));
    const curvature = matrix(size, size);
    for (let j = 0; j < size; j++) {
      const unit = new Float64Array(size);
      unit[j] = 1;
      curvature.data.set(combined(unit).map((value, i) => value - origin[i]!), j * size);
    }
    const values = symmetricEigenvalues(curvature);
    const [high, low] = [values[0]!, values[size - 1]!];
    if (low > 1e-10 * high || high < 1e-10 * low) return { holds: true, because: 'the sum of the residuals is a definite quadratic form' };
  }
  return { holds: false, because: 'the objective is not known to be coercive' };
}
