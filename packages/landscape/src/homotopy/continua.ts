/**
 * Solutions of a polynomial system that are not isolated: whether a point lies on a curve of them, and the curve where it is real.
 */
import { matrix, norm, thinSvd } from '@lowland/linalg';

import { evaluatorOf, type ComplexVector, type PolynomialSystem, type SystemEvaluator } from './polynomial-system.ts';

/** Directions whose singular value is below this part of the largest one are left alone. */
const cut = 1e-6;
/** How far along the null space of the Jacobian another solution is looked for, relative to the point. */
const reach = 0.1;

/** Singular values and vectors of the Jacobian as a real map of 2n numbers. */
function jacobianOf({ jacobianRe, jacobianIm }: SystemEvaluator, n: number) {
  const whole = matrix(2 * n, 2 * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [re, im] = [jacobianRe[i * n + j]!, jacobianIm[i * n + j]!];
      whole.data[i * 2 * n + j] = whole.data[(n + i) * 2 * n + n + j] = re;
      whole.data[i * 2 * n + n + j] = -im;
      whole.data[(n + i) * 2 * n + j] = im;
    }
  }
  return thinSvd(whole);
}

const column = ({ cols, data }: { readonly cols: number; readonly data: Float64Array }, k: number): Float64Array => Float64Array.from({ length: data.length / cols }, (_, i) => data[i * cols + k]!);

/** Gauss-Newton from x to a solution, across the null space of the Jacobian; undefined where there is none nearby. */
export function settle(system: PolynomialSystem, start: ComplexVector): ComplexVector | undefined {
  const { variables: n, degree } = system.monomials;
  const evaluator = evaluatorOf(system);
  const x = start.slice();
  for (let round = 0; round < 40; round++) {
    evaluator.at(x);
    const size = Math.max(1, norm(x));
    if (!(size < 1e3)) return undefined;
    if (norm(evaluator.value) <= 1e-12 * size ** degree) return x;
    const { u, s, v } = jacobianOf(evaluator, n);
    s.forEach((value, k) => {
      if (!(value > cut * s[0]!)) return;
      const part = column(u, k).reduce((sum, entry, i) => sum + entry * evaluator.value[i]!, 0) / value;
      for (let i = 0; i < 2 * n; i++) x[i]! -= part * v.data[i * 2 * n + k]!;
    });
  }
  return undefined;
}

/** Whether solutions go on from the solution x: there is another one a tenth of its size away along the null space of the Jacobian, and one halfway. */
export function continues(system: PolynomialSystem, x: ComplexVector): boolean {
  const { variables: n } = system.monomials;
  const evaluator = evaluatorOf(system);
  evaluator.at(x);
  const { s, v } = jacobianOf(evaluator, n);
  const far = reach * Math.max(1, norm(x));
  return [...s.keys()].some((k) => {
    if (s[k]! > 1e-4 * Math.max(s[0]!, 1e-4)) return false;
    const along = column(v, k);
    return [0.5, 1].every((part) => {
      const there = settle(system, x.map((value, i) => value + part * far * along[i]!));
      if (there === undefined) return false;
      const away = norm(there.map((value, i) => value - x[i]!));
      return away > 0.6 * part * far && away < 2 * part * far;
    });
  });
}

/** Real curves of solutions of a system in two variables that are within [-window, window]^2, as points in a row. */
export function realCurves(system: PolynomialSystem, window: number): Float64Array[] {
  const evaluator = evaluatorOf(system);
  const step = window / 80;
  const curves: Float64Array[] = [];
  const inside = (x: Float64Array): boolean => Math.abs(x[0]!) <= window && Math.abs(x[1]!) <= window;
  const near = (x: Float64Array): boolean => curves.some((curve) => {
    for (let k = 0; k < curve.length; k += 2) if (Math.hypot(curve[k]! - x[0]!, curve[k + 1]! - x[1]!) < 1.5 * step) return true;
    return false;
  });
  /** The direction of the curve; undefined where the Jacobian has not just one null direction. */
  const tangent = (x: Float64Array): Float64Array | undefined => {
    evaluator.at(x);
    const real = matrix(2, 2, evaluator.jacobianRe.slice());
    const { s, v } = thinSvd(real);
    return s[1]! <= 1e-5 * s[0]! ? column(v, 1) : undefined;
  };
  const follow = (start: Float64Array, sign: 1 | -1): { readonly points: Float64Array[]; readonly closed: boolean } => {
    const points: Float64Array[] = [];
    let x = start;
    let along: Float64Array | undefined = tangent(x)?.map((value) => sign * value);
    while (along !== undefined && points.length < 2000) {
      const ahead = settle(system, Float64Array.of(x[0]! + step * along[0]!, x[1]! + step * along[1]!, 0, 0));
      if (ahead === undefined || Math.hypot(ahead[0]! - x[0]!, ahead[1]! - x[1]!) > 2 * step) break;
      points.push(ahead);
      if (!inside(ahead)) break;
      if (points.length > 3 && Math.hypot(ahead[0]! - start[0]!, ahead[1]! - start[1]!) < 0.75 * step) return { points: [...points, start], closed: true };
      const before: Float64Array = along;
      const turned = tangent(ahead);
      along = turned !== undefined && turned[0]! * before[0]! + turned[1]! * before[1]! < 0 ? turned.map((value) => -value) : turned;
      x = ahead;
    }
    return { points, closed: false };
  };
  for (let i = -4; i <= 4; i++) {
    for (let j = -4; j <= 4; j++) {
      const start = settle(system, Float64Array.of((i * window) / 4.3, (j * window) / 4.3, 0, 0));
      if (start === undefined || !inside(start) || near(start) || tangent(start) === undefined) continue;
      const ahead = follow(start, 1);
      const back = ahead.closed ? [] : follow(start, -1).points;
      const points = [...back.reverse(), start, ...ahead.points];
      if (points.length > 2) curves.push(Float64Array.from(points.flatMap((x) => [x[0]!, x[1]!])));
    }
  }
  return curves;
}
