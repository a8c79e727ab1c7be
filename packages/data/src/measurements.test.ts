import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';

import { npyBytes } from './npy.ts';
import { readData } from './read.ts';
import { failure, file } from './testing.ts';
import type { LoadedData } from './types.ts';

type Value = Uint8Array | string | number | readonly number[] | { readonly shape: readonly number[]; readonly values: readonly number[] };

/** An array as numpy.savez would store it: a scalar, text, a vector or what its shape says. */
function array(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'number') return npyBytes([], Float64Array.of(value));
  if (typeof value === 'string') {
    const header = `{'descr': '<U${value.length}', 'fortran_order': False, 'shape': (), }`.padEnd(117) + '\n';
    const letters = Uint32Array.from(Array.from(value), (letter) => letter.codePointAt(0)!);
    return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(header), Buffer.from(letters.buffer)]);
  }
  if ('shape' in value) return npyBytes(value.shape, Float64Array.from(value.values));
  return npyBytes([value.length], Float64Array.from(value));
}
const npz = (arrays: Record<string, Value>): Uint8Array => zipSync(Object.fromEntries(Object.entries(arrays).map(([key, value]) => [`${key}.npy`, array(value)])));
const read = (arrays: Record<string, Value>, name = 'y.npz'): Promise<LoadedData> => readData(file(name, npz(arrays)));

const matrices = { shape: [2, 1, 2], values: [1, 2, 3, 4] };
const sparse = { y: [1, 2], shape: [3, 4], measurement: [0, 0, 1], row: [0, 2, 1], col: [3, 0, 1], value: [0.5, 1, -1] };
const seeded = { y: [1, 2, 3], shape: [3, 4], ensemble: 'gaussian', seed: 7 };

describe('NPZ of measurements', () => {
  it('reads explicit matrices and a linear term', async () => {
    const loaded = await read({ y: [5, 6], matrices, linear: { shape: [1, 2], values: [-1, 1] } });
    expect(loaded).toMatchObject({
      form: 'measurements',
      format: 'npz',
      data: {
        rows: 1,
        cols: 2,
        values: Float64Array.of(5, 6),
        ensemble: { kind: 'dense', matrices: Float64Array.of(1, 2, 3, 4) },
        linear: Float64Array.of(-1, 1),
      },
    });
  });

  it('reads weights, and the seed of sparse matrices with their number of entries', async () => {
    const loaded = await read({ ...seeded, ensemble: 'sparse', nonzeros: 2, weights: [1, 0, 2] });
    expect(loaded.data).toMatchObject({ ensemble: { kind: 'seeded', name: 'sparse', seed: 7, version: 1, nonzeros: 2 }, weights: Float64Array.of(1, 0, 2) });
    const others = await Promise.all([read({ ...seeded, ensemble: 'sparse', nonzeros: 3, weights: [1, 0, 2] }, '3.npz'), read({ ...seeded, ensemble: 'sparse', nonzeros: 2, weights: [1, 0, 3] }, '4.npz')]);
    expect(new Set([loaded, ...others].map(({ digest }) => digest)).size).toBe(3);
  });

  it('reads sparse matrices, and knows the content without the extension', async () => {
    const loaded = await read(sparse, 'measured.data');
    expect(loaded.data).toEqual({
      rows: 3,
      cols: 4,
      values: Float64Array.of(1, 2),
      ensemble: { kind: 'sparse', measurement: Int32Array.of(0, 0, 1), row: Int32Array.of(0, 2, 1), col: Int32Array.of(3, 0, 1), value: Float64Array.of(0.5, 1, -1) },
    });
  });

  it('reads the masks of coded diffraction', async () => {
    const masks = { shape: [2, 3, 2], values: Array.from({ length: 12 }, (_, k) => k) };
    const loaded = await read({ y: [1, 2, 3, 4, 5, 6], masks });
    expect(loaded.data).toMatchObject({ rows: 3, cols: 3, ensemble: { kind: 'coded-diffraction', masks: Float64Array.from(masks.values) } });
    expect(await failure(() => read({ y: [1, 2, 3, 4, 5], masks }))).toMatchObject({ code: 'LOWLAND_E_DATA_SHAPE' });
    expect(await failure(() => read({ y: [1, 2, 3], masks: { shape: [1, 3, 4], values: masks.values } }))).toMatchObject({ code: 'LOWLAND_E_DATA_SHAPE' });
  });

  it('reads the seed of an ensemble, and notes arrays that it does not know', async () => {
    const loaded = await read({ ...seeded, truth: [1] });
    expect(loaded.data).toEqual({ rows: 3, cols: 4, values: Float64Array.of(1, 2, 3), ensemble: { kind: 'seeded', name: 'gaussian', seed: 7, version: 1 } });
    expect(loaded.notes).toEqual(['arrays ignored: truth']);
  });

  it('reads vectors of rank-one matrices, one or two of them', async () => {
    const left = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
    const right = { shape: [2, 1], values: [7, 8] };
    const [two, one] = await Promise.all([read({ y: [1, 2], left, right }, 'two.npz'), read({ y: [1, 2], left }, 'one.npz')]);
    const numbers = Float64Array.from(left.values);
    expect(two.data).toEqual({ rows: 3, cols: 1, values: Float64Array.of(1, 2), ensemble: { kind: 'rank-one', left: numbers, right: Float64Array.of(7, 8) } });
    expect(one.data).toEqual({ rows: 3, cols: 3, values: Float64Array.of(1, 2), ensemble: { kind: 'rank-one', left: numbers } });
    const swapped = await read({ y: [1, 2], left, right: { shape: [2, 1], values: [8, 7] } }, 'swapped.npz');
    expect(new Set([two.digest, one.digest, swapped.digest]).size).toBe(3);
  });

  it.each(['lattice', 'gaussian-symmetric', 'rank-one', 'rank-one-symmetric', 'rank-one-complex', 'coded-diffraction'])('reads the seed of the ensemble %s', async (ensemble) => {
    expect((await read({ ...seeded, ensemble })).data).toMatchObject({ ensemble: { kind: 'seeded', name: ensemble, seed: 7, version: 1 } });
  });

  it('gives other digests to other ensembles', async () => {
    const digests = await Promise.all([read(seeded, '1.npz'), read({ ...seeded, seed: 8 }, '2.npz'), read(sparse, '3.npz'), read({ ...sparse, row: [0, 2, 2] }, '4.npz')]);
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(4);
  });

  const cases: readonly (readonly [what: string, arrays: Record<string, Value>, code: string, message: string])[] = [
    ['no values', { matrices }, 'KEYS', 'y.npz: there is no array y (arrays: matrices)'],
    ['no matrices', { y: [1, 2] }, 'KEYS', 'y.npz: nothing says what the A_k are'],
    ['two kinds of matrices', { ...sparse, matrices }, 'KEYS', 'y.npz: matrices and measurement both say'],
    ['left vectors of another number', { y: [1], left: { shape: [2, 2], values: [1, 2, 3, 4] } }, 'SHAPE', 'y.npz: left has the shape (2, 2); expected (1, 2)'],
    ['no shape', { y: [1], ensemble: 'gaussian', seed: 1 }, 'KEYS', 'y.npz: there is no array shape'],
    ['no seed', { y: [1], ensemble: 'gaussian', shape: [2, 2] }, 'KEYS', 'y.npz: there is no seed'],
    ['another ensemble', { ...seeded, ensemble: 'rademacher' }, 'KEYS', 'y.npz: ensemble is "rademacher"'],
    ['another version', { ...seeded, version: 2 }, 'KEYS', 'y.npz: version is 2'],
    ['a fractional seed', { ...seeded, seed: 1.5 }, 'SHAPE', 'y.npz: seed is (1.5)'],
    ['a count that does not fit', { y: [1, 2, 3], matrices }, 'SHAPE', 'y.npz: matrices has the shape (2, 1, 2); expected (3, 1, 2)'],
    ['a shape that does not fit', { y: [1, 2], matrices, shape: [2, 2] }, 'SHAPE', 'y.npz: shape is (2, 2); expected (1, 2)'],
    ['a linear term that does not fit', { y: [1, 2], matrices, linear: [1, 2] }, 'SHAPE', 'y.npz: linear has the shape (2); expected (1, 2)'],
    ['weights that do not fit', { y: [1, 2], matrices: { shape: [2, 1, 1], values: [1, 2] }, weights: [1] }, 'SHAPE', 'y.npz: weights has the shape (1); expected (2)'],
    ['sparse matrices without a number of entries', { ...seeded, ensemble: 'sparse' }, 'KEYS', 'y.npz: there is no nonzeros'],
    ['matrices with two dimensions', { y: [1], matrices: { shape: [1, 2], values: [1, 2] } }, 'SHAPE', 'y.npz: matrices has the shape (1, 2); expected 3 dimensions'],
    ['lists of unequal length', { ...sparse, row: [0, 1] }, 'SHAPE', 'y.npz: row has the shape (2); expected (3)'],
    ['a fractional size', { ...seeded, shape: [2.5, 2] }, 'SHAPE', 'y.npz: shape is (2.5, 2)'],
    ['text as values', { ...seeded, y: 'abc' }, 'SHAPE', 'y.npz: y holds text'],
    ['no measurement', { ...seeded, y: [] }, 'SHAPE', 'y.npz: y is empty'],
    ['an index too large', { ...sparse, col: [4, 0, 1] }, 'INDEX', 'y.npz: element 0 of col is 4; expected whole numbers from 0 to 3'],
    ['a negative index', { ...sparse, row: [0, -1, 1] }, 'INDEX', 'y.npz: element 1 of row is -1'],
    ['a fractional index', { ...sparse, measurement: [0, 0, 0.5] }, 'INDEX', 'y.npz: element 2 of measurement is 0.5'],
    ['a repeated entry', { ...sparse, row: [0, 0, 1], col: [3, 3, 1] }, 'DUPLICATE_CELL', 'y.npz: elements 0 and 1 both give the entry'],
    ['NaN', { ...seeded, y: [1, NaN] }, 'NOT_FINITE', 'y.npz: element 1 of y is NaN'],
    ['an infinity', { ...sparse, value: [1, Infinity, 1] }, 'NOT_FINITE', 'y.npz: element 1 of value is Infinity'],
    ['a truncated array', { ...seeded, y: npyBytes([2], Float64Array.of(1, 2)).subarray(0, 140) }, 'TRUNCATED', 'y.npz[y] (byte 140): the file ends after 140 bytes; expected 144'],
  ];
  it.each(cases)('refuses %s', async (_, arrays, code, message) => {
    const error = await failure(() => read(arrays));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });

  it('refuses an archive that is cut off', async () => {
    const bytes = npz(seeded);
    const error = await failure(() => readData(file('cut.npz', bytes.subarray(0, bytes.length - 30))));
    expect(error.code).toBe('LOWLAND_E_DATA_TRUNCATED');
    expect(error.message).toContain('cut.npz (byte ');
  });
});
