/**
 * All critical points of a polynomial section (rigour.md F2).
 */
import type { Context, StreamKey, Vec } from '@lowland/core';
import { matrix, norm, symmetricEigen } from '@lowland/linalg';

import type { SecondOrder } from '../classify/hessian.ts';
import { continues, realCurves, settle } from '../homotopy/continua.ts';
import { gradientSystem } from '../homotopy/gradient-system.ts';
import type { PolynomialSystem } from '../homotopy/polynomial-system.ts';
import { solutionsOf } from '../homotopy/solutions.ts';
import type { PlanePolynomial } from './plane-polynomial.ts';

export interface SectionPoint {
  /** What it is, and no more: where `gradientNorm` is not 0 the objective falls off the section. */
  readonly label: 'critical in this plane' | 'critical on this line';
  /** Its coordinates in units of the directions. */
  readonly at: readonly number[];
  readonly value: number;
  /** Descending directions in the section; null where the Hessian on it is singular. */
  readonly index: number | null;
  /** Eigenvalues of the Hessian on the section, ascending. */
  readonly eigenvalues: Float64Array;
  /** |grad f| in all of space. */
  readonly gradientNorm: number;
  /** Whether there is proof that a critical point is here and no other nearby. */
  readonly isolated: boolean;
  /** Whether it lies in the window. */
  readonly inside: boolean;
}

export interface SectionPoints {
  /** `complete`: there are no others. Elsewhere isolated points can be missing, and `reason` says why. */
  readonly status: 'complete' | 'curve of critical points' | 'degenerate at infinity' | 'degenerate points';
  readonly reason: string | null;
  /** (2 L - 1)^2 on a plane, 2 L - 1 on a line: isolated complex solutions at most. */
  readonly bezout: number;
  /** Those that were proved to be there. */
  readonly solutions: number;
  /** Real ones, by value. */
  readonly points: readonly SectionPoint[];
  /** Real curves of critical points in the window: s and t in turn. */
  readonly curves: readonly Float64Array[];
}

/** A section as what it is cut out of sees it. */
export interface Section {
  /** out = the point at these coordinates. */
  place(at: readonly number[], out: Vec): void;
  /** Orthogonal. */
  readonly directions: readonly Vec[];
  readonly lengths: readonly number[];
  /** Half the side of the window. */
  readonly radius: number;
}

/**
 * The zeros of the gradient of f(s, t) = 1/2 |T l(s, t)|^2 by the homotopy of `all-stationary-points`: two polynomials of degree 2 L - 1, which have at
 * most (2 L - 1)^2 isolated zeros. Real ones are polished by Newton's method on f itself, since expanded coefficients lose digits.
 *
 * @param polynomial f on the section in units of the directions, whatever the window: what lies far from the nodes is known less well
 */
export function criticalPoints(context: Context<SecondOrder>, polynomial: PlanePolynomial, section: Section, key: (attempt: number) => StreamKey): SectionPoints {
  const { directions, radius } = section;
  const n = directions.length;
  const bezout = (polynomial.degree - 1) ** n;
  const nothing = { bezout, solutions: 0, points: [], curves: [] };
  if (isFlat(polynomial, n)) return { ...nothing, status: 'curve of critical points', reason: `f is constant on the ${n === 1 ? 'line' : 'plane'}: every point of it is critical there.` };
  const system = gradientSystem({ length: polynomial.basis.nodes.length, degree: polynomial.basis.degree, at: (x) => polynomial.residual(x[0]!, x[1] ?? 0), rounding: () => polynomial.rounding() }, n);
  const { found, infinite, unresolved } = solutionsOf(system, key, 3);
  const scale = system.unit;
  const describe = describer(context, polynomial, section);
  const points = found.filter(({ real }) => real).map(({ x }) => describe([...x.subarray(0, n)].map((value) => scale * value + 0), true));
  const complete = found.length === bezout;
  const { degenerate, curves, continuum, lost } = complete ? { degenerate: [], curves: [], continuum: false, lost: 0 } : leftOver(system, unresolved, radius / scale);
  points.push(...degenerate.map((x) => describe(x.map((value) => scale * value + 0), false)));
  const away = infinite + lost;
  const status = complete ? 'complete' : continuum ? 'curve of critical points' : away > 0 ? 'degenerate at infinity' : 'degenerate points';
  return {
    status,
    reason: complete ? null : whyNot(found.length, bezout, continuum, away, degenerate.length),
    bezout,
    solutions: found.length,
    points: points.sort((a, b) => a.value - b.value),
    curves: curves.map((curve) => curve.map((value) => scale * value)),
  };
}

function whyNot(found: number, bezout: number, continuum: boolean, away: number, degenerate: number): string {
  const because = [
    ...(continuum ? ['critical points form a curve'] : []),
    ...(away > 0 ? [`${away} of ${bezout} solutions are at infinity`] : []),
    ...(degenerate > 0 ? [`${degenerate === 1 ? 'one real point is degenerate and counts' : `${degenerate} real points are degenerate and count`} more than once`] : []),
  ];
  return `${found} of ${bezout} solutions were isolated; ${because.length === 0 ? 'others are degenerate and not real' : because.join(', and ')}.`;
}

/** Whether f is constant on the section, or all that it is there is rounding. */
function isFlat(polynomial: PlanePolynomial, n: number): boolean {
  const size = norm(polynomial.factor.data);
  const rounding = 1e3 * Number.EPSILON * size ** 2 + 10 * polynomial.residualError * size;
  return polynomial.basis.nodes.every(([s, t]) => {
    if (n === 1 && t !== 0) return true;
    const [alongS, alongT] = polynomial.gradient(s, t);
    return Math.abs(alongS) <= rounding && (n === 1 || Math.abs(alongT) <= rounding);
  });
}

/** What the ends of paths are that are no isolated solutions: on curves, degenerate, or on their way to infinity. */
function leftOver(system: PolynomialSystem, ends: readonly Float64Array[], window: number) {
  const n = system.monomials.variables;
  const degenerate: number[][] = [];
  let [continuum, lost] = [false, 0];
  for (const end of ends) {
    const x = settle(system, end);
    // In the units of the system finite solutions are about as large as 1, unless its leading part all but vanishes there. What settles elsewhere was
    // on its way to infinity, too.
    if (x === undefined || norm(x) > 100 || norm(x.map((value, i) => value - end[i]!)) > 0.1 * Math.max(1, norm(end))) lost++;
    else if (n === 2 && (continuum || continues(system, x))) continuum = true;
    else if (x.subarray(n).every((im) => Math.abs(im) < 1e-4 * Math.max(1, norm(x)))) {
      const real = [...x.subarray(0, n)];
      // Ends at a zero of order m are as exact as the m-th root of rounding.
      if (!degenerate.some((other) => Math.hypot(...other.map((value, j) => value - real[j]!)) < 1e-3 * Math.max(1, norm(x)))) degenerate.push(real);
    }
  }
  return { degenerate: continuum ? [] : degenerate, curves: continuum ? realCurves(system, window) : [], continuum, lost };
}

function describer({ problem, device, scratch }: Context<SecondOrder>, polynomial: PlanePolynomial, { place, directions, lengths, radius }: Section): (at: readonly number[], isolated: boolean) => SectionPoint {
  const n = directions.length;
  const [x, gradient, image] = [scratch(), scratch(), scratch()];
  const sides = directions.map((direction, k) => device.host!(direction).map((value) => value / lengths[k]!));
  const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  /** Slope and Hessian along unit directions. */
  const local = (at: readonly number[]) => {
    place(at, x);
    problem.gradient(x, gradient);
    const whole = device.host!(gradient).slice();
    const hessian = matrix(n, n);
    directions.forEach((direction, k) => {
      problem.hessianVectorProduct(x, direction, image);
      const column = device.host!(image);
      sides.forEach((side, j) => (hessian.data[j * n + k] = inner(side, column) / lengths[k]!));
    });
    return { slope: sides.map((side) => inner(side, whole)), gradientNorm: norm(whole), ...symmetricEigen(hessian) };
  };
  return (start, isolated) => {
    let at = start;
    let here = local(at);
    for (let round = 0; isolated && round < 3; round++) {
      const step = sides.map((_, j) => here.values.reduce((sum, value, k) => sum - (here.vectors.data[j * n + k]! * here.slope.reduce((total, slope, i) => total + slope * here.vectors.data[i * n + k]!, 0)) / value, 0) / lengths[j]!);
      const next = at.map((value, j) => value + step[j]!);
      const there = local(next);
      if (!(Math.hypot(...there.slope) < Math.hypot(...here.slope))) break;
      [at, here] = [next, there];
    }
    return {
      label: n === 1 ? 'critical on this line' : 'critical in this plane',
      at,
      value: polynomial.at(at[0]!, at[1] ?? 0),
      index: isolated ? here.values.filter((value) => value < 0).length : null,
      eigenvalues: here.values.slice().reverse(),
      gradientNorm: here.gradientNorm,
      isolated,
      inside: at.every((value) => Math.abs(value) <= radius),
    };
  };
}
