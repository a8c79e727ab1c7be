/**
 * Measurement matrices from data: written out, or drawn again from their seed by the rule that their name and version stand for.
 */
import { latticeNormals, normals, streamKey, uniforms, type Measurements, type SeededEnsemble } from '@lowland/core';
import { matrix } from '@lowland/linalg';

import { denseMap, rankOneMap, sparseMap, type MeasuredMap } from './maps.ts';
import { wrong } from './wrong.ts';

/** @throws LOWLAND_E_CERTIFICATE where lists have other lengths, or the ensemble is not known */
export function measuredMap({ rows, cols, values: { length }, ensemble }: Measurements): MeasuredMap {
  switch (ensemble.kind) {
    case 'dense':
      requireNumbers(ensemble.matrices, length * rows * cols);
      return denseMap(length, (visit) => {
        for (let k = 0; k < length; k++) visit(ensemble.matrices.subarray(k * rows * cols, (k + 1) * rows * cols), k);
      });
    case 'sparse':
      requireEntries(ensemble, length, rows, cols);
      return sparseMap(length, ensemble);
    case 'rank-one': {
      const { left, right = left, complex } = ensemble;
      if (complex === true) throw wrong('the vectors are complex, the factors real');
      requireNumbers(left, length * rows);
      requireNumbers(right, length * cols);
      return rankOneMap(matrix(length, rows, left), matrix(length, cols, right));
    }
    case 'seeded':
      return drawnMap(ensemble, length, rows, cols);
    default:
      throw wrong('coded diffraction measures complex matrices, the factors are real');
  }
}

function drawnMap({ name, version, seed, nonzeros = 0 }: SeededEnsemble, length: number, rows: number, cols: number): MeasuredMap {
  if ((version as number) !== 1) throw wrong(`version ${String(version)} of the rule is not known here`);
  switch (name) {
    case 'gaussian':
    case 'lattice':
      return denseMap(length, (visit) => {
        eachDrawn(seed, length, rows * cols, visit, name === 'lattice' ? latticeNormals : normals);
      });
    case 'gaussian-symmetric':
      if (rows !== cols) throw wrong('symmetric measurement matrices are square');
      return denseMap(length, (visit) => {
        const symmetric = new Float64Array(rows * rows);
        eachDrawn(seed, length, rows * rows, (drawn, k) => {
          for (let e = 0; e < drawn.length; e++) symmetric[e] = (drawn[e]! + drawn[(e % rows) * rows + Math.floor(e / rows)]!) / 2;
          visit(symmetric, k);
        });
      });
    case 'sparse':
      return drawnSparse(seed, length, rows, cols, nonzeros);
    case 'rank-one':
    case 'rank-one-symmetric': {
      const other = name === 'rank-one' ? cols : 0;
      if (other === 0 && rows !== cols) throw wrong('a_k a_k^T is square');
      const [a, b] = [matrix(length, rows), matrix(length, other)];
      eachDrawn(seed, length, rows + other, (drawn, k) => {
        a.data.set(drawn.subarray(0, rows), k * rows);
        b.data.set(drawn.subarray(rows), k * other);
      });
      return rankOneMap(a, other === 0 ? a : b);
    }
    default:
      throw wrong(`"${name}" measures complex matrices, the factors are real`);
  }
}

/** `size` numbers of the stream (seed, `ensemble`, k) for every k, in the same memory. */
export function eachDrawn(seed: number, length: number, size: number, visit: (drawn: Float64Array, k: number) => void, rule: typeof normals = normals): void {
  const drawn = new Float64Array(size);
  for (let k = 0; k < length; k++) {
    rule(streamKey(seed, 'ensemble', k), drawn);
    visit(drawn, k);
  }
}

/** Normals times the root of rows cols / nonzeros, at cells from the stream (seed, `ensemble cells`, k). */
function drawnSparse(seed: number, length: number, rows: number, cols: number, nonzeros: number): MeasuredMap {
  if (!Number.isSafeInteger(nonzeros) || nonzeros < 1) throw wrong('a sparse ensemble says how many nonzeros its matrices have');
  const scale = Math.sqrt((rows * cols) / nonzeros);
  const count = length * nonzeros;
  const entries = { measurement: new Int32Array(count), row: new Int32Array(count), col: new Int32Array(count), value: new Float64Array(count) };
  const places = new Float64Array(nonzeros);
  eachDrawn(seed, length, nonzeros, (drawn, k) => {
    uniforms(streamKey(seed, 'ensemble cells', k), places);
    for (let e = 0; e < nonzeros; e++) {
      const cell = Math.floor(places[e]! * rows * cols);
      const at = k * nonzeros + e;
      entries.measurement[at] = k;
      entries.row[at] = Math.floor(cell / cols);
      entries.col[at] = cell % cols;
      entries.value[at] = scale * drawn[e]!;
    }
  });
  return sparseMap(length, entries);
}

export function requireNumbers(list: Float64Array, length: number): void {
  if (list.length !== length) throw wrong(`a list has ${list.length} numbers in place of ${length}`);
  if (!list.every(Number.isFinite)) throw wrong('a number of the measurements is not finite');
}

function requireEntries({ measurement, row, col, value }: Extract<Measurements['ensemble'], { kind: 'sparse' }>, length: number, rows: number, cols: number): void {
  requireNumbers(value, measurement.length);
  if (row.length !== measurement.length || col.length !== measurement.length) throw wrong('lists of entries differ in length');
  const inside = (list: Int32Array, end: number): boolean => list.every((index) => index >= 0 && index < end);
  if (!inside(measurement, length) || !inside(row, rows) || !inside(col, cols)) throw wrong('an entry lies outside its measurement matrix');
}
