/**
 * The embedded Runge-Kutta pair of orders 5 and 4 of Dormand and Prince 1980 (doi:10.1016/0771-050X(80)90013-3) on device vectors.
 * Its last stage is the first of the next step.
 */
import type { Device, Vec } from '@lowland/core';

/** Row s gives the point of stage s + 2 from the slopes of the stages before it; the last row is the step itself. */
const stages: readonly (readonly number[])[] = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
/** The step of order 5 less that of order 4, by stages. */
const difference: readonly number[] = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Vectors of one step, all of the length of the point. */
export interface StageVectors {
  /** Slopes of the stages 2 to 6. */
  readonly slopes: readonly [Vec, Vec, Vec, Vec, Vec];
  readonly reached: Vec;
  readonly slopeReached: Vec;
}

/**
 * One step of x' = -g(x) of length h from `point`, with slope g = `first` there: `reached` is the new point, `error` (which may be
 * `slopes[0]`) the difference of the two orders. `evaluate` writes g at the stages inside the step, `evaluateEnd` at its end.
 */
export function dormandPrinceStep(
  { kernels: { axpy, copy, fill } }: Device,
  h: number,
  point: Vec,
  first: Vec,
  { slopes, reached, slopeReached }: StageVectors,
  evaluate: (x: Vec, out: Vec) => void,
  evaluateEnd: () => void,
  error: Vec,
): void {
  const slope = (stage: number) => (stage === 0 ? first : stage === 6 ? slopeReached : slopes[stage - 1]!);
  for (let s = 0; s < stages.length; s++) {
    const row = stages[s]!;
    copy(point, reached);
    for (let k = 0; k < row.length; k++) if (row[k] !== 0) axpy(-h * row[k]!, slope(k), reached);
    if (s < stages.length - 1) evaluate(reached, slopes[s]!);
    else evaluateEnd();
  }
  // The second slope has no part in the difference, so its vector may hold it.
  fill(error, 0);
  for (let k = 0; k < difference.length; k++) if (difference[k] !== 0) axpy(-h * difference[k]!, slope(k), error);
}
