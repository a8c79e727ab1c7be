import { LowlandError, normals, streamKey, uniforms, type DataMap } from '@lowland/core';

import { requireNonNegative } from '../factored/checks.ts';
import { planted, type PlantedOptions } from '../factored/planted.ts';
import { respond, type Response } from '../factored/response.ts';

export interface GenerateEntriesOptions extends PlantedOptions {
  /** Number of observed cells; 0 (default): `density` decides. */
  readonly observations?: number;
  /** Share of the cells that is observed; default 0.3. */
  readonly density?: number;
  /** Standard deviation of the noise on each observed entry; entries have mean square 1. Default 0. */
  readonly noise?: number;
  /** What is seen of an entry (with its noise): itself (default), a label that is 1 with probability 1/(1 + e^-x), or a count. */
  readonly response?: Response;
}

/**
 * Uniformly chosen cells of a planted matrix, with noise; where it is symmetric, cells of the upper triangle, counted among rows (rows + 1)/2.
 * Entries are drawn from the factors: the whole matrix is formed when somebody reads `truth.values`.
 * Streams (seed, `cells`, 0) and (seed, `noise`, 0), and (seed, `response`, k) for labels and counts.
 *
 * @throws LOWLAND_E_OPTIONS when more cells are asked for than there are, or none
 */
export function generateEntries(options: GenerateEntriesOptions, seed: number): { readonly data: DataMap['entries']; readonly truth: DataMap['matrix'] } {
  const { observations = 0, density = 0.3, noise = 0, symmetric = false, response = 'value' } = options;
  requireNonNegative('noise', noise);
  const { matrix: truth, at } = planted(options, seed);
  const { rows, cols } = truth;
  const total = symmetric ? (rows * (rows + 1)) / 2 : rows * cols;
  const count = observations === 0 ? Math.round(density * total) : observations;
  if (!Number.isInteger(count) || count < 1 || count > total) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `From 1 to ${total} cells of a ${rows} x ${cols} matrix can be observed; ${count} were asked for.`, { details: { count, total } });
  }
  const chosen = choose(total, count, seed);
  const cells = symmetric ? upperTriangle(rows, chosen) : chosen;
  const values = new Float64Array(count);
  normals(streamKey(seed, 'noise'), values);
  for (let e = 0; e < count; e++) values[e] = at(Math.floor(cells[e]! / cols), cells[e]! % cols) + noise * values[e]!;
  return { data: { rows, cols, row: cells.map((cell) => Math.floor(cell / cols)), col: cells.map((cell) => cell % cols), values: respond(response, values, seed) }, truth };
}

/** The cells (i, j), i <= j, with these places in the order of rows; places ascend. */
function upperTriangle(rows: number, places: Int32Array): Int32Array {
  let row = 0;
  let first = 0;
  return places.map((place) => {
    while (place >= first + rows - row) {
      first += rows - row;
      row++;
    }
    return row * rows + row + (place - first);
  });
}

/** `count` of the numbers 0 … total - 1, each set equally likely, ascending: the first steps of a Fisher-Yates shuffle. */
function choose(total: number, count: number, seed: number): Int32Array {
  const draws = new Float64Array(count);
  uniforms(streamKey(seed, 'cells'), draws);
  if (total > 16 * count) return chooseFew(total, draws);
  const cells = Int32Array.from({ length: total }, (_, k) => k);
  for (let k = 0; k < count; k++) {
    const other = k + Math.floor(draws[k]! * (total - k));
    [cells[k], cells[other]] = [cells[other]!, cells[k]!];
  }
  return cells.slice(0, count).sort();
}

/** The same where few of many are chosen: of the shuffled cells only those that have moved are kept. */
function chooseFew(total: number, draws: Float64Array): Int32Array {
  const moved = new Map<number, number>();
  const chosen = Int32Array.from(draws, (draw, k) => {
    const other = k + Math.floor(draw * (total - k));
    const cell = moved.get(other) ?? other;
    moved.set(other, moved.get(k) ?? k);
    return cell;
  });
  return chosen.sort();
}
