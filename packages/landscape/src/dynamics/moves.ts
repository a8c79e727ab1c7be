/** What a tracker can say of the last move of a run. */
import { blockOf, type Context, createPoint, type MaybePromise, type Point, type State, type Tracker } from '@lowland/core';
import { dot, matrix, type Matrix } from '@lowland/linalg';

/** A tracker that sees the live point and grad f there, on the host. */
export function movesTracker<R extends 'gradient' | 'factors' | 'target', T>(
  id: string,
  requires: readonly (R | 'gradient')[],
  make: (context: Context<R | 'gradient'>) => (point: Point, gradient: Float64Array) => T,
): Tracker<R | 'gradient', T> {
  return {
    id,
    requires,
    start(context) {
      const { device, problem } = context;
      const slope = context.scratch();
      const look = make(context);
      return (state: State): MaybePromise<T> => {
        problem.gradient(state.point, slope);
        const [x, g] = [device.read(state.point), device.read(slope)];
        if (x instanceof Float64Array && g instanceof Float64Array) return look(createPoint(problem.layout, x.slice()), g.slice());
        return Promise.all([x, g]).then(([point, gradient]) => look(createPoint(problem.layout, Float64Array.from(point)), Float64Array.from(gradient)));
      };
    },
  };
}

/** The step eta with to = from - eta gradient, as far as rounding shows; undefined where the move was none of gradient descent. */
export function stepBetween(from: Float64Array, to: Float64Array, gradient: Float64Array): number | undefined {
  const moved = to.map((x, i) => x - from[i]!);
  const square = dot(gradient, gradient);
  if (square === 0) return undefined;
  const eta = -dot(moved, gradient) / square;
  const rest = moved.reduce((sum, x, i) => sum + (x + eta * gradient[i]!) ** 2, 0);
  const rounding = Number.EPSILON * Math.sqrt(dot(to, to));
  return eta > 0 && Math.sqrt(rest) <= 1e-8 * Math.sqrt(dot(moved, moved)) + 4 * rounding ? eta : undefined;
}

/** A block of numbers in the order of a point, as a matrix. */
export function blockMatrixOf(point: Point, name: string): Matrix {
  const [rows = 1, cols = 1] = point.layout.blocks.find((block) => block.name === name)?.shape ?? [];
  return matrix(rows, cols, blockOf(point, name));
}

/** The sum of coefficient times matrix, all of one shape. */
export function combination(...terms: readonly (readonly [number, Matrix])[]): Matrix {
  const [, first] = terms[0]!;
  const out = matrix(first.rows, first.cols);
  for (const [coefficient, { data }] of terms) for (let k = 0; k < data.length; k++) out.data[k]! += coefficient * data[k]!;
  return out;
}
