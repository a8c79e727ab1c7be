/** What the tests of this package share: known problems, seeded points, and runs whose every iterate is kept. */
import {
  anyOf,
  type Backend,
  type Capability,
  type Closed,
  createPoint,
  type DataMap,
  type Layout,
  maxIterations,
  normals,
  type Objective,
  type Observation,
  type Optimizer,
  type Point,
  type RunOptions,
  type Solution,
  solve,
  type StopRule,
  streamKey,
  valueBelow,
} from '@lowland/core';
import { cpu, matrix, multiply, thinQr } from '@lowland/linalg';

export type DenseMatrix = DataMap['matrix'];

/** A diagonal rows x cols matrix. */
export function diagonal(entries: readonly number[], rows = entries.length, cols = rows): DenseMatrix {
  const values = new Float64Array(rows * cols);
  entries.forEach((entry, i) => (values[i * cols + i] = entry));
  return { rows, cols, values };
}

/** Q1 diag(sigma) Q2^T with random orthonormal columns; Q2 = Q1 for `symmetric`. */
export function withSpectrum(sigma: readonly number[], rows: number, cols: number, seed: number, symmetric = false): DenseMatrix {
  const orthonormal = (size: number, index: number) => {
    const draws = matrix(size, sigma.length);
    normals(streamKey(seed, 'spectrum', index), draws.data);
    return thinQr(draws).q;
  };
  const left = orthonormal(rows, 0);
  const right = symmetric ? left : orthonormal(cols, 1);
  const scaled = matrix(rows, sigma.length, left.data.map((x, k) => x * sigma[k % sigma.length]!));
  const product = multiply(scaled, right, { transposeB: true });
  return { rows, cols, values: product.data };
}

/** `count` numbers from 1 down to 1 / kappa, evenly. */
export const linearSpectrum = (count: number, kappa: number): number[] => Array.from({ length: count }, (_, i) => 1 + ((1 / kappa - 1) * i) / (count - 1));

export function randomPoint(layout: Layout, scale: number, seed: number): Point {
  const point = createPoint(layout);
  normals(streamKey(seed, 'test-start'), point.data);
  point.data.forEach((x, i) => (point.data[i] = scale * x));
  return point;
}

/** A point with the given numbers. */
export const pointOf = (layout: Layout, numbers: readonly number[]): Point => createPoint(layout, Float64Array.from(numbers));

/** The middle one, of an odd number of numbers. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

export interface RunSettings {
  readonly point?: Point;
  readonly init?: NonNullable<RunOptions['init']>;
  readonly iterations: number;
  readonly seed?: number;
  readonly stop?: StopRule;
  readonly backend?: Backend;
  readonly trackers?: NonNullable<RunOptions['trackers']>;
}

/** A run with its observations, one an iteration. */
export async function run<P extends Capability, R extends Closed<P>, U extends Capability>(
  objective: Objective<P>,
  optimizer: Optimizer<R, U>,
  { iterations, stop, backend = cpu(), ...rest }: RunSettings,
): Promise<Solution & { readonly trace: readonly Observation[] }> {
  const trace: Observation[] = [];
  const solution = await solve(objective, optimizer, {
    backend,
    every: 1,
    stop: stop === undefined ? maxIterations(iterations) : anyOf(stop, maxIterations(iterations)),
    record: (observation) => trace.push(observation),
    ...rest,
  });
  return { ...solution, trace };
}

/** How many iterations bring the value below the bound; Infinity when the budget does not. */
export async function iterationsTo<P extends Capability, R extends Closed<P>, U extends Capability>(
  bound: number,
  objective: Objective<P>,
  optimizer: Optimizer<R, U>,
  { iterations, ...rest }: RunSettings,
): Promise<number> {
  const { stop, iterations: taken } = await solve(objective, optimizer, { backend: cpu(), stop: anyOf(valueBelow(bound), maxIterations(iterations)), ...rest });
  return stop.rule === 'value-below' ? taken : Infinity;
}
