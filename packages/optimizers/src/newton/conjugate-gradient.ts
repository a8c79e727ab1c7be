/**
 * Conjugate gradients for Newton systems H s = -g, where H may be singular or indefinite (Nocedal and Wright 2006, algorithm 7.1).
 */
import { type Context, type Device, unitRoundoff, type Vec } from '@lowland/core';

export interface NewtonSystem {
  readonly device: Device;
  readonly gradient: Vec;
  /** out = H v */
  curvature(v: Vec, out: Vec): void;
}

/** Vectors of the length of the gradient; `numbers` of length 1. `step` is the result. */
export interface NewtonWork {
  readonly step: Vec;
  readonly residual: Vec;
  readonly direction: Vec;
  readonly product: Vec;
  readonly numbers: Vec;
}

export interface NewtonStep {
  readonly stop: 'tolerance' | 'negative-curvature' | 'max-iterations';
  readonly iterations: number;
  /** |g|^2 */
  readonly square: number;
  /** -<g, s> - 1/2 <s, H s>; positive unless g = 0. */
  readonly decrease: number;
}

export interface NewtonAccuracy {
  readonly maxIterations: number;
  /** Stop at |H s + g| <= forcing |g|, given |g|^2. Below sqrt(eps) iterations would only follow rounding: that is the least. */
  forcing(square: number): number;
}

/** Work vectors for systems of `length` unknowns; default all variables. */
export function newtonWork(context: Context<never>, length?: number): NewtonWork {
  const vector = () => context.scratch(length);
  return { step: vector(), residual: vector(), direction: vector(), product: vector(), numbers: context.scratch(1) };
}

/** min(kappa, sqrt(|g| / |g|_max)), from the squares: superlinear convergence, whatever the units (Dembo, Eisenstat and Steihaug 1982, doi:10.1137/0719025). */
export function superlinear(kappa: number, square: number, largestSquare: number): number {
  return square < largestSquare ? Math.min(kappa, Math.sqrt(Math.sqrt(square / largestSquare))) : kappa;
}

/**
 * s = 0, s_1, s_2, … until the residual is small or a direction of curvature that is not positive beyond rounding appears. Then s is
 * what was reached, or, when it is the first direction, -g scaled by the size of the curvature. On a singular H without negative
 * curvature s tends to the solution of least norm where there is one.
 *
 * One product with H and two reads an iteration, one read before.
 */
export async function newtonStep(
  { device, gradient, curvature }: NewtonSystem,
  { step, residual, direction, product, numbers }: NewtonWork,
  { forcing, maxIterations }: NewtonAccuracy,
): Promise<NewtonStep> {
  const { axpy, copy, dot, fill, scal } = device.kernels;
  const eps = 2 * unitRoundoff[device.dtype];
  fill(step, 0);
  copy(gradient, residual);
  copy(gradient, direction);
  scal(-1, direction);
  dot(gradient, gradient, numbers);

  const square = await device.scalar(numbers);
  if (square === 0) return { stop: 'tolerance', iterations: 0, square, decrease: 0 };
  const goal = square * Math.max(eps, forcing(square) ** 2);
  let residualSquare = square;
  let directionSquare = square;
  let steepest = 0;
  let decrease = 0;

  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    curvature(direction, product);
    dot(direction, product, numbers);
    const bend = await device.scalar(numbers);
    steepest = Math.max(steepest, Math.abs(bend) / directionSquare);
    if (!(bend > eps * steepest * directionSquare)) {
      if (iteration > 1) return { stop: 'negative-curvature', iterations: iteration, square, decrease };
      const scale = bend < 0 ? square / -bend : 1;
      axpy(scale, direction, step);
      return { stop: 'negative-curvature', iterations: iteration, square, decrease: scale * square - 0.5 * scale * scale * bend };
    }
    const alpha = residualSquare / bend;
    axpy(alpha, direction, step);
    axpy(alpha, product, residual);
    decrease += 0.5 * alpha * residualSquare;
    dot(residual, residual, numbers);
    const next = await device.scalar(numbers);
    if (!(next > goal)) return { stop: 'tolerance', iterations: iteration, square, decrease };
    const beta = next / residualSquare;
    residualSquare = next;
    scal(beta, direction);
    axpy(-1, residual, direction);
    directionSquare = next + beta * beta * directionSquare;
  }
  return { stop: 'max-iterations', iterations: maxIterations, square, decrease };
}
