import { latticeNormals, LowlandError, streamKey, uniforms, type RankOneEnsemble, type SparseEnsemble, type StreamKey } from '@lowland/core';
import { drawNormals } from '@lowland/linalg';

/**
 * How numbers are drawn: `gaussian`, standard normals; `lattice`, the lattice rule of core: mean 0, variance 1, kurtosis 2.98, subgaussian, not
 * exactly normal, and the same bits on GPUs.
 */
export type DrawingRule = 'gaussian' | 'lattice';
export const drawNumbers = { gaussian: drawNormals, lattice: latticeNormals } as const satisfies Record<DrawingRule, unknown>;

/** The stream of matrix A_k of a seeded ensemble. */
export const ensembleKey = (seed: number, k: number): StreamKey => streamKey(seed, 'ensemble', k);

/**
 * `gaussian` and `lattice`, version 1: iid entries, N(0, 1) or by the lattice rule, A_k row-major from the stream (seed, `ensemble`, k);
 * count x rows x cols. Problems in X X^T symmetrise it, after which E <A_k, X>^2 = |X|_F^2 for symmetric X (variance 1 on the diagonal, 1/2 off it).
 *
 * @throws LOWLAND_E_MEMORY when the matrices are too large to hold
 */
export function drawnMatrices(rule: DrawingRule, seed: number, count: number, rows: number, cols: number): Float64Array {
  const size = rows * cols;
  let matrices: Float64Array;
  try {
    matrices = new Float64Array(count * size);
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_MEMORY', `No memory for ${count} drawn matrices of ${rows} x ${cols} (${8 * count * size} bytes).`, { cause });
  }
  for (let k = 0; k < count; k++) drawNumbers[rule](ensembleKey(seed, k), matrices.subarray(k * size, (k + 1) * size));
  return matrices;
}

/** `visit` for every A_k, one after another in the same memory. */
export function eachDrawn(rule: DrawingRule, seed: number, count: number, size: number, visit: (matrix: Float64Array, k: number) => void): void {
  const matrix = new Float64Array(size);
  const key = ensembleKey(seed, 0);
  for (let k = 0; k < count; k++) {
    drawNumbers[rule]({ ...key, index: k }, matrix);
    visit(matrix, k);
  }
}

/** `rank-one`, version 1: the vectors (a_k, b_k) are the first numbers of the stream (seed, `ensemble`, k); a_k alone without `cols`. */
export function rankOneGaussian(seed: number, count: number, rows: number, cols?: number): RankOneEnsemble {
  const left = new Float64Array(count * rows);
  const right = cols === undefined ? undefined : new Float64Array(count * cols);
  eachDrawn('gaussian', seed, count, rows + (cols ?? 0), (vectors, k) => {
    left.set(vectors.subarray(0, rows), k * rows);
    right?.set(vectors.subarray(rows), k * (cols ?? 0));
  });
  return { kind: 'rank-one', left, ...(right && { right }) };
}

/**
 * `sparse`, version 1: `nonzeros` entries each, at cells drawn one by one: where two meet they add up.
 *
 * @throws LOWLAND_E_ENSEMBLE unless nonzeros is a positive integer
 */
export function sparseGaussian(seed: number, count: number, rows: number, cols: number, nonzeros = 0): SparseEnsemble {
  if (!Number.isSafeInteger(nonzeros) || nonzeros < 1) {
    throw new LowlandError('LOWLAND_E_ENSEMBLE', `Seeded sparse measurements have a number of nonzeros, at least 1; ${nonzeros} was given.`, { details: { nonzeros } });
  }
  const size = rows * cols;
  const scale = Math.sqrt(size / nonzeros);
  const cells = new Int32Array(count * nonzeros);
  const value = new Float64Array(count * nonzeros);
  const draws = new Float64Array(nonzeros);
  for (let k = 0; k < count; k++) {
    uniforms(streamKey(seed, 'ensemble cells', k), draws);
    draws.forEach((u, e) => (cells[k * nonzeros + e] = Math.floor(u * size)));
    drawNormals(ensembleKey(seed, k), value.subarray(k * nonzeros, (k + 1) * nonzeros));
  }
  return {
    kind: 'sparse',
    measurement: cells.map((_, e) => Math.floor(e / nonzeros)),
    row: cells.map((cell) => Math.floor(cell / cols)),
    col: cells.map((cell) => cell % cols),
    value: value.map((entry) => scale * entry),
  };
}

/** (G_k + G_k^T)/2 of n x n matrices, row-major one after another, in place. */
export function symmetriseAll(matrices: Float64Array, n: number): Float64Array {
  for (let from = 0; from < matrices.length; from += n * n) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [from + i * n + j, from + j * n + i];
        matrices[a] = matrices[b] = (matrices[a]! + matrices[b]!) / 2;
      }
    }
  }
  return matrices;
}
