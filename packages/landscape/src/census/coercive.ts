/**
 * Whether f(x) grows beyond all bounds with |x|: what the Euler audit needs (rigour.md C2).
 */
import { type Context, createPoint, type Layout, layoutLength, type Lift } from '@lowland/core';
import { type Matrix, matrix, symmetricEigenvalues } from '@lowland/linalg';

export interface Coercivity {
  readonly holds: boolean;
  readonly because: string;
}

type Aids = 'symmetry' | 'factors' | 'target' | 'lift' | 'residual';

/**
 * By what the objective says of itself: not where GL(r) acts; yes for a known target under O(r), |X X^T - M|^2 or a balanced |U V^T - M|^2, for
 * lifts with a penalty over a loss that is bounded below, for least squares whose measurements know the trace, and where one combination of quadratic residuals is positive definite.
 */
export function coercivityOf({ problem, device, scratch }: Context<never, Aids>, size: number): Coercivity {
  const { symmetry, target, lift, residual } = problem;
  if (symmetry?.group.startsWith('GL') === true) return { holds: false, because: `the orbits of ${symmetry.group} are not bounded, and f is constant on them` };
  if (target !== undefined && symmetry !== undefined) return { holds: true, because: 'the whole target is fitted, and factors are balanced' };
  if (lift !== undefined && lift.penalty > 0 && Number.isFinite(lift.lowerBound)) return { holds: true, because: 'the factors are penalised and the loss is bounded below' };
  // |a(X)| |e| >= <e, a(X)> = <a*(e), X>, of the size of |x|^2 where a*(e) is definite: its square outgrows a linear term.
  if (lift?.kind === 'psd' && lift.leastSquares && (lift.identity !== undefined || isDefinite(measurementSum(problem.layout, lift)))) {
    return { holds: true, because: 'the measurements bound the trace' };
  }
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
    if (isDefinite(curvature)) return { holds: true, because: 'the sum of the residuals is a definite quadratic form' };
  }
  return { holds: false, because: 'the objective is not known to be coercive' };
}

function isDefinite(a: Matrix): boolean {
  const values = symmetricEigenvalues(a);
  const [high, low] = [values[0]!, values.at(-1)!];
  return low > 1e-10 * high || high < 1e-10 * low;
}

/** a*(1, …, 1) over symmetric X, from the residuals at e_i e_i^T and (e_i + e_j)(e_i + e_j)^T: n (n + 1)/2 evaluations. */
function measurementSum(layout: Layout, lift: Lift): Matrix {
  const n = lift.rows;
  const columns = layoutLength(layout) / n;
  const sum = (i: number, j: number): number => {
    const point = createPoint(layout);
    point.data[i * columns] = 1;
    point.data[j * columns] = 1;
    const { residual, data } = lift.at(point);
    return residual.reduce((total, value, k) => total + value + data[k]!, 0);
  };
  const out = matrix(n, n);
  for (let i = 0; i < n; i++) out.data[i * n + i] = sum(i, i);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) out.data[i * n + j] = out.data[j * n + i] = (sum(i, j) - out.data[i * n + i]! - out.data[j * n + j]!) / 2;
  }
  return out;
}
