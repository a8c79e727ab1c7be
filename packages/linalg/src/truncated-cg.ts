/**
 * The trust-region subproblem min over |s| <= radius of <g, s> + 1/2 <s, H s>, solved approximately by conjugate gradients
 * that stop at the boundary or at negative curvature (Steihaug 1983, doi:10.1137/0720042; Toint 1981).
 */
import { type Device, unitRoundoff, type Vec } from '@lowland/core';

/** min <g, s> + 1/2 <s, H s> over |s| <= radius. */
export interface TruncatedCgProblem {
  readonly device: Device;
  readonly gradient: Vec;
  /** out = H v */
  hessian(v: Vec, out: Vec): void;
  readonly radius: number;
  /**
   * M^-1 r, for lengths |s|^2 = <s, M s>: the subproblem in another inner product, and preconditioned by it. r itself, or a vector that is
   * valid until the next call. Default: r.
   */
  readonly precondition?: (r: Vec) => Vec;
}

/** Vectors of the length of the gradient, but `numbers` of length 4. `step` and `hessianStep` are results, the others scratch. */
export interface TruncatedCgWork {
  readonly step: Vec;
  /** H step */
  readonly hessianStep: Vec;
  readonly residual: Vec;
  readonly direction: Vec;
  readonly hessianDirection: Vec;
  readonly numbers: Vec;
}

/** When the inner iteration stops. */
export interface TruncatedCgOptions {
  /** Linear rate: stop at |r| <= |r0| max(sqrt(eps), min(|r0|^theta, kappa)), |r|^2 = <r, M^-1 r>. Default 0.1. */
  readonly kappa?: number;
  /** 1 + theta is the order of convergence. Default 1. */
  readonly theta?: number;
  /** Default: the number of variables. */
  readonly maxIterations?: number;
}

/** Why it stopped, and what the step s is worth. */
export interface TruncatedCgResult {
  readonly stop: 'tolerance' | 'negative-curvature' | 'boundary' | 'max-iterations';
  readonly iterations: number;
  /** -<g, s> - 1/2 <s, H s>, positive unless g = 0. */
  readonly decrease: number;
  /** |s| */
  readonly length: number;
}

/** Work vectors for `truncatedConjugateGradient`, made by `vector` (a context's `scratch`, a memory's `vector`). */
export function truncatedCgWork(vector: (length?: number) => Vec): TruncatedCgWork {
  return {
    step: vector(),
    hessianStep: vector(),
    residual: vector(),
    direction: vector(),
    hessianDirection: vector(),
    numbers: vector(4),
  };
}

/** Two reads and one Hessian-vector product an iteration, and one read before. The lengths |s|, |d| and <s, d> come from recurrences, not from reads. */
export async function truncatedConjugateGradient(
  { device, gradient, hessian, radius, precondition = (r) => r }: TruncatedCgProblem,
  { step, hessianStep, residual, direction, hessianDirection, numbers }: TruncatedCgWork,
  { kappa = 0.1, theta = 1, maxIterations = gradient.length }: TruncatedCgOptions = {},
): Promise<TruncatedCgResult> {
  const { axpy, copy, dot, fill, scal } = device.kernels;
  fill(step, 0);
  fill(hessianStep, 0);
  copy(gradient, residual);
  const steepest = precondition(residual);
  copy(steepest, direction);
  scal(-1, direction);
  dot(residual, steepest, numbers, 0);

  let residualSquare = await device.scalar(numbers, 0);
  const residual0 = Math.sqrt(residualSquare);
  const superlinear = theta === 1 ? residual0 : Math.pow(residual0, theta);
  // Below sqrt(eps) conjugate gradients would only follow rounding, along flat directions to the boundary.
  const tolerance = residual0 * Math.max(Math.sqrt(2 * unitRoundoff[device.dtype]), Math.min(superlinear, kappa));
  let stepSquare = 0;
  let stepDirection = 0;
  let directionSquare = residualSquare;
  let decrease = 0;

  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (Math.sqrt(residualSquare) <= tolerance) {
      return { stop: 'tolerance', iterations: iteration, decrease, length: Math.sqrt(stepSquare) };
    }
    hessian(direction, hessianDirection);
    dot(direction, hessianDirection, numbers, 0);
    const curvature = await device.scalar(numbers, 0);
    const alpha = residualSquare / curvature;
    const nextSquare = stepSquare + 2 * alpha * stepDirection + alpha * alpha * directionSquare;

    if (!(curvature > 0) || nextSquare >= radius * radius) {
      // Along d to the boundary; <r, d> = -<r, M^-1 r> throughout.
      const tau = boundary(stepSquare, stepDirection, directionSquare, radius);
      axpy(tau, direction, step);
      axpy(tau, hessianDirection, hessianStep);
      return {
        stop: curvature > 0 ? 'boundary' : 'negative-curvature',
        iterations: iteration + 1,
        decrease: decrease + tau * residualSquare - 0.5 * tau * tau * curvature,
        length: radius,
      };
    }
    axpy(alpha, direction, step);
    axpy(alpha, hessianDirection, hessianStep);
    axpy(alpha, hessianDirection, residual);
    decrease += 0.5 * alpha * residualSquare;
    const descent = precondition(residual);
    dot(residual, descent, numbers, 0);
    const next = await device.scalar(numbers, 0);
    const beta = next / residualSquare;
    residualSquare = next;
    scal(beta, direction);
    axpy(-1, descent, direction);
    stepSquare = nextSquare;
    stepDirection = beta * (stepDirection + alpha * directionSquare);
    directionSquare = next + beta * beta * directionSquare;
  }
  return { stop: 'max-iterations', iterations: maxIterations, decrease, length: Math.sqrt(stepSquare) };
}

/** The tau >= 0 with |s + tau d| = radius. */
function boundary(stepSquare: number, stepDirection: number, directionSquare: number, radius: number): number {
  const room = Math.max(0, radius * radius - stepSquare);
  const root = Math.sqrt(stepDirection * stepDirection + directionSquare * room);
  return stepDirection > 0 ? room / (stepDirection + root) : (root - stepDirection) / directionSquare;
}
