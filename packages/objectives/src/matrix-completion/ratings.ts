import { LowlandError, normals, streamKey, uniforms, type DataMap } from '@lowland/core';
import { matrix, multiply, scaleColumns } from '@lowland/linalg';

import { requireNonNegative, requireRank, requireSize } from '../factored/checks.ts';

export interface RatingsOptions {
  /** Default 943. */
  readonly rows?: number;
  /** Default 1682. */
  readonly cols?: number;
  /** Ratings given, at most half of the cells; default 100 000. */
  readonly observations?: number;
  /** Tastes beyond the row and column means; default 8. */
  readonly rank?: number;
  /** Standard deviation of what no model explains; default 0.8. */
  readonly noise?: number;
}

/**
 * Ratings from 1 to 5 as people give them: whole numbers, some rows and columns far more often than others.
 *
 *     rating_ij = round(3.5 + a_i + c_j + sum over k of s_k p_ik q_jk + noise), clipped to 1 … 5,
 *
 * a ~ N(0, 0.4^2), c ~ N(0, 0.5^2), p and q standard normal, s_k falling linearly with sum of s_k^2 = 0.7^2. Cells are drawn with
 * odds that fall as 1/(1 + 12 i / rows) over rows and as (1 + 20 j / cols)^(-3/2) over columns, both shuffled: of 100 000
 * cells rows get about 30 to 410 (median 80) and columns 3 to 510 (median 25).
 *
 * Streams (seed, `ratings`, 0 … 4), (seed, `cells`, …), (seed, `noise`, 0).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_RANK, LOWLAND_E_OPTIONS for options out of range
 */
export function generateRatings(options: RatingsOptions, seed: number): DataMap['entries'] {
  const { rows = 943, cols = 1682, observations = 100_000, rank = 8, noise = 0.8 } = options;
  requireSize(rows, cols);
  requireRank(rank, rows, cols);
  requireNonNegative('noise', noise);
  if (!Number.isInteger(observations) || observations < 1 || observations > (rows * cols) / 2) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `From 1 to ${Math.floor((rows * cols) / 2)} ratings can be drawn for ${rows} x ${cols}; ${observations} were asked for.`, {
      details: { observations },
    });
  }
  const gaussian = (index: number, length: number, deviation = 1): Float64Array => {
    const out = new Float64Array(length);
    normals(streamKey(seed, 'ratings', index), out);
    return out.map((value) => deviation * value);
  };
  const rowMeans = gaussian(0, rows, 0.4);
  const colMeans = gaussian(1, cols, 0.5);
  const raw = Float64Array.from({ length: rank }, (_, k) => rank - k);
  const size = Math.sqrt(raw.reduce((sum, s) => sum + s * s, 0));
  const tastes = scaleColumns(matrix(rows, rank, gaussian(2, rows * rank)), raw.map((s) => (0.7 * s) / size));
  const low = multiply(tastes, matrix(cols, rank, gaussian(3, cols * rank)), { transposeB: true });

  const cells = drawCells(rows, cols, observations, seed);
  const values = new Float64Array(observations);
  normals(streamKey(seed, 'noise'), values);
  const row = cells.map((cell) => Math.floor(cell / cols));
  const col = cells.map((cell) => cell % cols);
  for (let e = 0; e < observations; e++) {
    const rating = 3.5 + rowMeans[row[e]!]! + colMeans[col[e]!]! + low.data[cells[e]!]! + noise * values[e]!;
    values[e] = Math.min(5, Math.max(1, Math.round(rating)));
  }
  return { rows, cols, row, col, values };
}

/** Distinct cells by drawing a row and a column until enough new ones are found; ascending. */
function drawCells(rows: number, cols: number, count: number, seed: number): Int32Array {
  const ofRows = cumulated(shuffled(rows, seed, 0, (i) => 1 / (1 + (12 * i) / rows)));
  const ofCols = cumulated(shuffled(cols, seed, 1, (j) => 1 / ((1 + (20 * j) / cols) * Math.sqrt(1 + (20 * j) / cols))));
  const seen = new Uint8Array(rows * cols);
  const cells = new Int32Array(count);
  const draws = new Float64Array(4096);
  let found = 0;
  for (let batch = 0; found < count; batch++) {
    uniforms(streamKey(seed, 'cells', 2 + batch), draws);
    for (let k = 0; k < draws.length && found < count; k += 2) {
      const cell = locate(ofRows, draws[k]!) * cols + locate(ofCols, draws[k + 1]!);
      if (seen[cell] === 1) continue;
      seen[cell] = 1;
      cells[found++] = cell;
    }
  }
  return cells.sort();
}

/** The odds `of(0) … of(count - 1)` in random order. */
function shuffled(count: number, seed: number, index: number, of: (k: number) => number): Float64Array {
  const keys = new Float64Array(count);
  uniforms(streamKey(seed, 'cells', index), keys);
  const order = Int32Array.from({ length: count }, (_, k) => k).sort((a, b) => keys[a]! - keys[b]!);
  const out = new Float64Array(count);
  order.forEach((place, k) => (out[place] = of(k)));
  return out;
}

function cumulated(odds: Float64Array): Float64Array {
  let sum = 0;
  return odds.map((value) => (sum += value));
}

/** The index whose share of [0, 1) holds u. */
function locate(cumulative: Float64Array, u: number): number {
  const at = u * cumulative[cumulative.length - 1]!;
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
