import { LowlandError, normals, streamKey, type DataMap, type Measurements } from '@lowland/core';
import { matrix, multiply, thinQr } from '@lowland/linalg';

import { requireNonNegative, requireSize } from '../factored/checks.ts';
import { plantedMatrix } from '../factored/planted.ts';
import { drawnMatrices } from '../matrix-sensing/gaussian.ts';

export interface GenerateConstraintsOptions {
  /** n */
  readonly rows: number;
  /** Rank of the planted X. */
  readonly rank: number;
  /** Number of constraints; 0 (default): three for each degree of freedom. */
  readonly constraints?: number;
  /** tr X; default 2. */
  readonly trace?: number;
}

/**
 * Trace minimisation, C = I, under b_k = <A_k, X> of a planted psd X, A_k symmetric Gaussian over the root of their number.
 *
 * Streams as for sensing: (seed, `planted`, 0), (seed, `ensemble`, k).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_RANK, LOWLAND_E_OPTIONS for options out of range
 */
export function generateConstraints({ rows: n, rank, constraints = 0, trace = 2 }: GenerateConstraintsOptions, seed: number): { readonly data: Measurements; readonly truth: DataMap['matrix'] } {
  const planted = plantedMatrix({ rows: n, cols: n, rank, symmetric: true }, seed);
  const count = constraints === 0 ? 3 * (n * rank - (rank * (rank - 1)) / 2) : constraints;
  if (!(Number.isInteger(count) && count > 0 && trace > 0 && trace < Infinity)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The number of constraints is a positive integer and the trace positive; ${count} and ${trace} were given.`);
  }
  let diagonal = 0;
  for (let i = 0; i < n; i++) diagonal += planted.values[i * n + i]!;
  const values = planted.values.map((value) => (trace / diagonal) * value);
  const matrices = drawnMatrices('gaussian', seed, count, n, n);
  const root = Math.sqrt(count);
  for (let k = 0; k < matrices.length; k++) matrices[k]! /= root;
  const b = Float64Array.from({ length: count }, (_, k) => values.reduce((sum, x, at) => sum + x * matrices[k * n * n + at]!, 0));
  const linear = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
  return { data: { rows: n, cols: n, values: b, ensemble: { kind: 'dense', matrices }, linear }, truth: { rows: n, cols: n, values } };
}

export interface GenerateGraphOptions {
  readonly kind?: 'cycle' | 'complete' | 'bipartite' | 'random';
  /** Number of nodes. */
  readonly size: number;
  /** Of random graphs: how many of the pairs are edges; default 0.5. */
  readonly density?: number;
  /** Weight of every edge; default 1. */
  readonly weight?: number;
}

/**
 * Edges i < j, each listed once: a cycle, all pairs, all pairs of an even and an odd node, or pairs drawn from (seed, `edges`, 0).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_OPTIONS for options out of range
 */
export function generateGraph({ kind = 'random', size: n, density = 0.5, weight = 1 }: GenerateGraphOptions, seed: number): { readonly data: DataMap['entries'] } {
  requireSize(n, n);
  requireNonNegative('density', density);
  const drawn = new Float64Array((n * (n - 1)) / 2);
  if (kind === 'random') normals(streamKey(seed, 'edges'), drawn);
  // an edge where |N(0, 1)| has not more than `density` of its mass below: by rank, so that their number is exact
  const most = kind === 'random' ? Float64Array.from(drawn, Math.abs).sort()[Math.round(Math.min(density, 1) * drawn.length) - 1] ?? -1 : 0;
  const edges: [number, number][] = [];
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const chosen = { cycle: j === i + 1 || (n > 2 && i === 0 && j === n - 1), complete: true, bipartite: (i + j) % 2 === 1, random: Math.abs(drawn[pair++]!) <= most }[kind];
      if (chosen) edges.push([i, j]);
    }
  }
  return {
    data: { rows: n, cols: n, row: Int32Array.from(edges, ([i]) => i), col: Int32Array.from(edges, ([, j]) => j), values: new Float64Array(edges.length).fill(weight) },
  };
}

export interface GenerateOrthogonalCutOptions {
  /** Number of blocks. */
  readonly blocks: number;
  /** d; default 2. */
  readonly size?: number;
  /** Standard deviation of symmetric noise on the entries; default 0. */
  readonly noise?: number;
}

/**
 * Synchronisation: C = -R R^T + noise, R the stack of random orthogonal d x d blocks. Without noise the least value is -N^2 d, at U = R Q alone.
 *
 * Streams (seed, `rotations`, 0), (seed, `noise`, 0).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_OPTIONS for options out of range
 */
export function generateOrthogonalCut({ blocks, size: d = 2, noise = 0 }: GenerateOrthogonalCutOptions, seed: number): { readonly data: DataMap['matrix']; readonly truth: DataMap['matrix'] } {
  requireSize(blocks, d);
  requireNonNegative('noise', noise);
  const n = blocks * d;
  const stack = matrix(n, d);
  normals(streamKey(seed, 'rotations'), stack.data);
  for (let k = 0; k < blocks; k++) {
    const block = stack.data.subarray(k * d * d, (k + 1) * d * d);
    block.set(thinQr(matrix(d, d, block.slice())).q.data);
  }
  const truth = multiply(stack, stack, { transposeB: true });
  const drawn = new Float64Array(n * n);
  normals(streamKey(seed, 'noise'), drawn);
  const values = truth.data.map((value, k) => -value + (noise * (drawn[k]! + drawn[(k % n) * n + Math.floor(k / n)]!)) / Math.SQRT2);
  return { data: { rows: n, cols: n, values }, truth: { rows: n, cols: n, values: truth.data } };
}
