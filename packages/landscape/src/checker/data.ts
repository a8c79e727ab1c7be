/**
 * The problem of a certificate as cells, from the data and from nothing else.
 */
import { decodeNumbers, fingerprint, LowlandError, type DataMap } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

import type { CertificateDocument, FactorBlock, StoredOffsets } from './document.ts';
import { meansOf, type Means } from './means.ts';

/** A matrix for factorisation, entries for completion. */
export type CertifiedData = DataMap['matrix'] | DataMap['entries'];

/** phi(X) = 1/2 sum over cells of weight (X_row,col - b)^2, of X = U V^T or X X^T; + penalty |X|_* or tr X. */
export interface Cells {
  readonly row: Int32Array;
  readonly col: Int32Array;
  readonly b: Float64Array;
  /** Positive. */
  readonly weight: Float64Array;
  readonly penalty: number;
}

/** X = left right^T; right is left for X X^T. */
export interface Pair {
  readonly left: Matrix;
  readonly right: Matrix;
}

const isEntries = (data: CertifiedData): data is DataMap['entries'] => 'row' in data;

/** SHA-256 of the numbers that are fitted, in their order. */
export function dataDigest(data: CertifiedData): string {
  const shape = [data.rows, data.cols];
  if (!isEntries(data)) return fingerprint('matrix', shape, data.values);
  const { row, col, values, weights } = data;
  return fingerprint('entries', shape, row, col, values, ...(weights === undefined ? [] : ['weights', weights]));
}

/** JSON has no -0. */
export const offsetsDigest = ({ global, rows, cols }: Means): string => fingerprint('offsets', global + 0, rows, cols);

/** @throws LOWLAND_E_CERTIFICATE when the data are no data of this problem. */
export function cellsOf({ problem }: CertificateDocument, data: CertifiedData, offsets: Means | undefined): Cells {
  const { objective, symmetric, rows, cols, lambda } = problem;
  const whole = objective === 'matrix-factorization';
  if (data.rows !== rows || data.cols !== cols) throw wrong(`the data are ${data.rows} x ${data.cols}, the certificate is about ${rows} x ${cols}`);
  if (symmetric && rows !== cols) throw wrong(`X X^T is square, but the certificate is about ${rows} x ${cols}`);
  if (isEntries(data) === whole) throw wrong(`${objective} is about ${whole ? 'a full matrix' : 'entries'}, the data are ${whole ? 'entries' : 'a full matrix'}`);
  if (!data.values.every(Number.isFinite)) throw wrong('the data have entries that are not finite');
  const penalty = whole && symmetric ? lambda / 2 : lambda;
  return { ...(isEntries(data) ? observed(data, offsets) : everyCell(data, symmetric)), penalty };
}

/** All cells of M: 1/4 |X X^T - M|^2 is 1/2 of weight 1/2, and of M the symmetric part counts. */
function everyCell({ rows, cols, values }: DataMap['matrix'], symmetric: boolean): Omit<Cells, 'penalty'> {
  const row = Int32Array.from(values, (_, k) => Math.floor(k / cols));
  const col = Int32Array.from(values, (_, k) => k % cols);
  const b = symmetric ? values.map((value, k) => (value + values[col[k]! * rows + row[k]!]!) / 2) : values;
  return { row, col, b, weight: new Float64Array(values.length).fill(symmetric ? 1 / 2 : 1) };
}

function observed({ rows, cols, row, col, values, weights }: DataMap['entries'], offsets: Means | undefined): Omit<Cells, 'penalty'> {
  if (row.length !== values.length || col.length !== values.length || (weights !== undefined && weights.length !== values.length)) {
    throw wrong('its lists differ in length');
  }
  const seen = new Set<number>();
  for (let k = 0; k < values.length; k++) {
    const [i, j, w] = [row[k]!, col[k]!, weights?.[k] ?? 1];
    if (!(i >= 0 && i < rows && j >= 0 && j < cols)) throw wrong(`entry ${k} lies outside the matrix`);
    if (!(w >= 0 && w < Infinity)) throw wrong(`the weight of entry ${k} is ${w}`);
    if (seen.has(i * cols + j)) throw wrong(`cell (${i}, ${j}) is given twice`);
    seen.add(i * cols + j);
  }
  const kept = Int32Array.from(values.keys()).filter((k) => weights?.[k] !== 0);
  const pick = (x: Int32Array): Int32Array => kept.map((k) => x[k]!);
  const left = (k: number): number => values[k]! - (offsets === undefined ? 0 : offsets.global + offsets.rows[row[k]!]! + offsets.cols[col[k]!]!);
  return { row: pick(row), col: pick(col), b: Float64Array.from(kept, left), weight: Float64Array.from(kept, (k) => weights?.[k] ?? 1) };
}

/** The means that the data have, and those of the certificate. */
export interface OffsetsPair {
  readonly stored: Means;
  readonly recomputed: Means;
}

/** @throws LOWLAND_E_CERTIFICATE when offsets are there that do not belong, or miss. */
export function offsetsOf({ problem: { objective, center, rows, cols }, evidence: { offsets } }: CertificateDocument, data: CertifiedData): OffsetsPair | undefined {
  const wanted = objective === 'matrix-completion';
  if (wanted !== (offsets !== null) || (!wanted && center !== 'none')) throw wrong(wanted ? 'the offsets are missing' : 'factorisation has no offsets');
  if (offsets === null || !isEntries(data)) return undefined;
  return { stored: decoded(offsets, rows, cols), recomputed: meansOf(data, center) };
}

const decoded = ({ global, rows, cols }: StoredOffsets, m: number, n: number): Means => ({
  global,
  rows: numbersOf(rows, m, 'evidence.offsets.rows'),
  cols: numbersOf(cols, n, 'evidence.offsets.cols'),
});

/** @throws LOWLAND_E_CERTIFICATE when the blocks are no factors of this problem. */
export function pairOf({ problem: { symmetric, rows, cols }, evidence: { factors } }: CertificateDocument): Pair {
  const names = factors.map(({ name }) => name).join(', ');
  const expected = symmetric ? 'X' : 'U, V';
  if (names !== expected) throw wrong(`its factors are ${names}, not ${expected}`);
  const [left, right = left] = factors.map(blockOf);
  if (left!.rows !== rows || right!.rows !== cols || left!.cols !== right!.cols) throw wrong(`its factors do not multiply to a ${rows} x ${cols} matrix`);
  return { left: left!, right: right! };
}

const blockOf = ({ name, rows, cols, data }: FactorBlock): Matrix => matrix(rows, cols, numbersOf(data, rows * cols, `evidence.factors ${name}`));

function numbersOf(encoded: string, length: number, what: string): Float64Array {
  const numbers = decodeNumbers(encoded);
  if (numbers?.length === length && numbers.every(Number.isFinite)) return numbers;
  throw wrong(`${what} is no list of ${length} finite numbers`);
}

export const wrong = (what: string): LowlandError => new LowlandError('LOWLAND_E_CERTIFICATE', `This certificate cannot be checked on these data: ${what}.`);
