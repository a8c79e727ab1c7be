/**
 * The least-squares solution of least norm of A x = b, for an operator A of any shape and rank (Paige and Saunders 1982,
 * doi:10.1145/355984.355989).
 */
import { type Context, type Device, unitRoundoff, type Vec } from '@lowland/core';

export interface LsqrProblem {
  readonly device: Device;
  /** out = A x */
  apply(x: Vec, out: Vec): void;
  /** out = A^T y */
  applyTransposed(y: Vec, out: Vec): void;
}

/** `solution`, `direction`, `right` and `rightNext` are as long as x, `left` and `leftNext` as b, `numbers` has length 1. */
export interface LsqrWork {
  readonly solution: Vec;
  readonly direction: Vec;
  readonly right: Vec;
  readonly rightNext: Vec;
  readonly left: Vec;
  readonly leftNext: Vec;
  readonly numbers: Vec;
}

export interface LsqrOptions {
  readonly maxIterations: number;
  /** Ends where |A^T r| <= tolerance |A|_F |r| or |r| <= tolerance |b|, r = b - A x; |A|_F as the bidiagonal matrix tells; at least the unit roundoff. */
  readonly tolerance: number;
}

export interface LsqrResult {
  readonly iterations: number;
  /** |b - A x|, from the recurrence. */
  readonly residual: number;
}

export function lsqrWork(context: Context<never>, rows: number): LsqrWork {
  const { scratch } = context;
  return {
    solution: scratch(),
    direction: scratch(),
    right: scratch(),
    rightNext: scratch(),
    left: scratch(rows),
    leftNext: scratch(rows),
    numbers: scratch(1),
  };
}

/**
 * Golub and Kahan's bidiagonalisation of A from b, and the solution of its least-squares problem updated along. In exact arithmetic
 * the iterates are those of conjugate gradients on A^T A x = A^T b from zero, hence in the range of A^T: the limit has the least norm.
 *
 * One product with A, one with A^T and two reads an iteration. `b` stays as it is; the result is in `work.solution`.
 */
export async function lsqr(
  { device, apply, applyTransposed }: LsqrProblem,
  b: Vec,
  { solution, direction, right, rightNext, left, leftNext, numbers }: LsqrWork,
  { maxIterations, tolerance: wanted }: LsqrOptions,
): Promise<LsqrResult> {
  const { axpy, copy, dot, fill, scal } = device.kernels;
  /** x /= |x|; gives the length. */
  const normalize = async (x: Vec): Promise<number> => {
    dot(x, x, numbers);
    const length = Math.sqrt(await device.scalar(numbers));
    if (length > 0) scal(1 / length, x);
    return length;
  };

  const tolerance = Math.max(wanted, unitRoundoff[device.dtype]);
  fill(solution, 0);
  copy(b, left);
  const size = await normalize(left);
  if (size === 0) return { iterations: 0, residual: 0 };
  applyTransposed(left, right);
  let alpha = await normalize(right);
  copy(right, direction);
  let residual = size;
  let rhoBar = alpha;
  let frobeniusSquare = alpha * alpha;

  let iterations = 0;
  while (iterations < maxIterations && alpha > 0) {
    iterations++;
    apply(right, leftNext);
    scal(-alpha, left);
    axpy(1, leftNext, left);
    const beta = await normalize(left);
    applyTransposed(left, rightNext);
    scal(-beta, right);
    axpy(1, rightNext, right);
    alpha = await normalize(right);

    const rho = Math.sqrt(rhoBar * rhoBar + beta * beta);
    const cosine = rhoBar / rho;
    const sine = beta / rho;
    const theta = sine * alpha;
    rhoBar = -cosine * alpha;
    axpy((cosine * residual) / rho, direction, solution);
    scal(-theta / rho, direction);
    axpy(1, right, direction);
    residual *= sine;
    frobeniusSquare += beta * beta + alpha * alpha;
    // |A^T r| = |r| alpha |cosine|
    if (residual <= tolerance * size || alpha * Math.abs(cosine) <= tolerance * Math.sqrt(frobeniusSquare)) break;
  }
  return { iterations, residual };
}
