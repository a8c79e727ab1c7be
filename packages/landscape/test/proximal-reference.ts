/**
 * An independent solver for small convex problems: accelerated proximal gradient on the dense matrix X itself
 * (Beck and Teboulle 2009, FISTA), with restarts. It shares nothing with the factored route but the small SVD.
 */
import { matrix, multiply, scaleColumns, symmetricEigen, thinSvd, type Matrix } from '@lowland/linalg';

/** min over X of ½|A vec(X) − b|² + penalty |X|_* (tr X over X psd): `map` has one row for each measurement. */
export interface DenseProblem {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly map: Matrix;
  readonly data: Float64Array;
  readonly penalty: number;
}

const times = (a: Matrix, x: Float64Array, transposed = false): Float64Array =>
  multiply(a, matrix(x.length, 1, x), { transposeA: transposed }).data;

const sumOfSquares = (x: Float64Array): number => x.reduce((sum, value) => sum + value * value, 0);

/** The convex value at X. */
export function convexValue(problem: DenseProblem, x: Float64Array): number {
  const image = times(problem.map, x);
  const residual = image.map((value, i) => value - problem.data[i]!);
  const spectrum = thinSvd(matrix(problem.rows, problem.cols, x)).s;
  return sumOfSquares(residual) / 2 + problem.penalty * spectrum.reduce((sum, value) => sum + value, 0);
}

/** argmin over Y of ½|Y − X|² + threshold |Y|_* (tr Y over Y psd). */
export function shrink(problem: Pick<DenseProblem, 'symmetric' | 'rows' | 'cols'>, x: Float64Array, threshold: number): Float64Array {
  const a = matrix(problem.rows, problem.cols, x);
  if (problem.symmetric) {
    const { values, vectors } = symmetricEigen(a);
    const kept = values.map((value) => Math.max(0, value - threshold));
    return multiply(scaleColumns(vectors, kept), vectors, { transposeB: true }).data;
  }
  const { u, s, v } = thinSvd(a);
  return multiply(scaleColumns(u, s.map((value) => Math.max(0, value - threshold))), v, { transposeB: true }).data;
}

/** The best X found in so many iterations from a start. */
export function proximalGradient(problem: DenseProblem, start: Float64Array, iterations: number): { x: Float64Array; value: number } {
  const { map, data, penalty } = problem;
  const gram = map.rows <= map.cols ? multiply(map, map, { transposeB: true }) : multiply(map, map, { transposeA: true });
  const smoothness = Math.max(symmetricEigen(gram).values[0] ?? 0, 1e-300) * (1 + 1e-9);
  let best = { x: start, value: convexValue(problem, start) };
  let x = start;
  let y = start;
  let momentum = 1;
  let last = best.value;
  for (let k = 0; k < iterations; k++) {
    const residual = times(map, y).map((value, i) => value - data[i]!);
    const gradient = times(map, residual, true);
    const next = shrink(problem, y.map((value, i) => value - gradient[i]! / smoothness), penalty / smoothness);
    const value = convexValue(problem, next);
    if (value < best.value) best = { x: next, value };
    const grown = value > last ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const weight = value > last ? 0 : (momentum - 1) / grown;
    const before = x;
    y = next.map((entry, i) => entry + weight * (entry - before[i]!));
    x = next;
    momentum = grown;
    last = value;
  }
  return best;
}

