/**
 * What comes out of a certificate and its data by itself: digests, factors, offsets.
 */
import { decodeNumbers, fingerprint, type DataMap, type Measurements } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

import type { CertificateDocument, FactorBlock, StoredOffsets } from './document.ts';
import { meansOf, type Means } from './means.ts';
import { wrong } from './wrong.ts';

/** A matrix for factorisation, entries for completion and graphs, measurements; undefined for instances that are their own data. */
export type CertifiedData = DataMap['matrix'] | DataMap['entries'] | DataMap['measurements'] | undefined;

export const isEntries = (data: CertifiedData): data is DataMap['entries'] => data !== undefined && 'row' in data;
export const isMeasurements = (data: CertifiedData): data is Measurements => data !== undefined && 'ensemble' in data;
export const isMatrix = (data: CertifiedData): data is DataMap['matrix'] => data !== undefined && !('row' in data) && !('ensemble' in data);

/** SHA-256 of the numbers that are fitted, in their order; of a seeded ensemble its name, its seed and the version of the rule that draws it. */
export function dataDigest(data: CertifiedData): string {
  if (data === undefined) return fingerprint('none');
  const shape = [data.rows, data.cols];
  if (isMeasurements(data)) {
    const { values, ensemble, linear, weights } = data;
    return fingerprint('measurements', shape, values, ...ensembleParts(ensemble), ...(linear === undefined ? [] : ['linear', linear]), ...(weights === undefined ? [] : ['weights', weights]));
  }
  if (!isEntries(data)) return fingerprint('matrix', shape, data.values);
  const { row, col, values, weights } = data;
  return fingerprint('entries', shape, row, col, values, ...(weights === undefined ? [] : ['weights', weights]));
}

function ensembleParts(ensemble: Measurements['ensemble']): readonly (string | number | Float64Array | Int32Array)[] {
  switch (ensemble.kind) {
    case 'seeded':
      return ['seeded', ensemble.name, ensemble.version, ensemble.seed, ensemble.nonzeros ?? 0];
    case 'dense':
      return ['dense', ensemble.matrices];
    case 'sparse':
      return ['sparse', ensemble.measurement, ensemble.row, ensemble.col, ensemble.value];
    case 'rank-one':
      return ['rank-one', ensemble.complex === true ? 'complex' : 'real', ensemble.left, ...(ensemble.right === undefined ? [] : [ensemble.right])];
    case 'coded-diffraction':
      return ['coded-diffraction', ensemble.masks];
  }
}

/** JSON has no -0. */
export const offsetsDigest = ({ global, rows, cols }: Means): string => fingerprint('offsets', global + 0, rows, cols);

/** The means that the data have, and those of the certificate. */
export interface OffsetsPair {
  readonly stored: Means;
  readonly recomputed: Means;
}

/** @throws LOWLAND_E_CERTIFICATE when offsets are there that do not belong, or miss. */
export function offsetsOf({ problem, evidence: { offsets } }: CertificateDocument, data: CertifiedData): OffsetsPair | undefined {
  const wanted = problem.objective === 'matrix-completion';
  if (wanted !== (offsets !== null)) throw wrong(wanted ? 'the offsets are missing' : 'only completion has offsets');
  if (!wanted || offsets === null || !isEntries(data)) return undefined;
  return { stored: decoded(offsets, problem.rows, problem.cols), recomputed: meansOf(data, problem.center) };
}

const decoded = ({ global, rows, cols }: StoredOffsets, m: number, n: number): Means => ({
  global,
  rows: numbersOf(rows, m, 'evidence.offsets.rows'),
  cols: numbersOf(cols, n, 'evidence.offsets.cols'),
});

/** @throws LOWLAND_E_CERTIFICATE unless the blocks have these names and shapes; columns are left to them where none are given */
export function blocksOf({ evidence: { factors } }: CertificateDocument, expected: readonly (readonly [name: string, rows: number, cols?: number])[]): readonly Matrix[] {
  const names = factors.map(({ name }) => name).join(', ');
  const wanted = expected.map(([name]) => name).join(', ');
  if (names !== wanted) throw wrong(`its factors are ${names}, not ${wanted}`);
  return factors.map((block, k) => {
    const [, rows, cols = factors[0]!.cols] = expected[k]!;
    if (block.rows !== rows || block.cols !== cols) throw wrong(`its factor ${block.name} is ${block.rows} x ${block.cols}, not ${rows} x ${cols}`);
    return matrixOf(block);
  });
}

const matrixOf = ({ name, rows, cols, data }: FactorBlock): Matrix => matrix(rows, cols, numbersOf(data, rows * cols, `evidence.factors ${name}`));

/** @throws LOWLAND_E_CERTIFICATE unless these are so many finite numbers */
export function numbersOf(encoded: string, length: number, what: string): Float64Array {
  const numbers = decodeNumbers(encoded);
  if (numbers?.length === length && numbers.every(Number.isFinite)) return numbers;
  throw wrong(`${what} is no list of ${length} finite numbers`);
}
