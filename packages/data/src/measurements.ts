import type { Measurements } from '@lowland/core';
import { unzipSync } from 'fflate';

import { dataError } from './fault.ts';
import { loadedData } from './loaded.ts';
import { type NpyArray, parseNpy } from './npy.ts';
import { expectOnly } from './options.ts';
import { readAll, type Source } from './source.ts';
import type { LoadedData, ReadOptions } from './types.ts';

const known = ['y', 'shape', 'matrices', 'left', 'right', 'masks', 'measurement', 'row', 'col', 'value', 'ensemble', 'seed', 'version', 'nonzeros', 'linear', 'weights'] as const;
type Key = (typeof known)[number];

/**
 * Reads an NPZ file of measurements y_k = ⟨A_k, X⟩ of a matrix X (n1 × n2). Its arrays:
 *
 * | key | shape | meaning |
 * |---|---|---|
 * | `y` | m | the measured values |
 * | `matrices` | m × n1 × n2 | the A_k, written out |
 * | or `left` and, unless A_k = a_k a_kᵀ, `right` | m × n1, m × n2 | the a_k and b_k of A_k = a_k b_kᵀ |
 * | or `masks` | L × n × 2 | coded diffraction of a signal of n = n1 = n2 entries: real and imaginary parts of L masks; y_(l n + k) of frequency k behind mask l |
 * | or `measurement`, `row`, `col`, `value` | p each | entry (row, col) of A_measurement, counted from 0, each once |
 * | or `ensemble`, `seed`, and perhaps `version` | scalars | the name of a random ensemble (`gaussian`, `gaussian-symmetric`, `sparse`, `rank-one`, `rank-one-symmetric`, `rank-one-complex`, `coded-diffraction`), its seed, its version (default 1) |
 * | `shape` | 2 | n1 and n2; needed unless `matrices`, `left` or `masks` is there |
 * | `nonzeros` | scalar | entries of each A_k, of the random ensemble `sparse` alone |
 * | `linear` | n1 × n2 | C of a linear term ⟨C, X⟩, if any |
 * | `weights` | m | w_k ≥ 0 of the measurements, if not all 1 |
 *
 * With NumPy: `numpy.savez('data.npz', y=y, matrices=A)`. Other arrays are ignored, with a note.
 *
 * @throws LOWLAND_E_DATA_KEYS, LOWLAND_E_DATA_SHAPE, LOWLAND_E_DATA_INDEX, LOWLAND_E_DATA_NOT_FINITE, LOWLAND_E_DATA_DUPLICATE_CELL,
 * LOWLAND_E_DATA_TRUNCATED, and what `parseNpy` throws
 */
export async function readMeasurements(source: Source, options: ReadOptions): Promise<LoadedData> {
  expectOnly(source.file, 'NPZ', options, ['format']);
  const arrays = new Archive(source.file, unpack(source.file, await readAll(source)));
  const y = arrays.need('y', 1);
  const { rows, cols, ensemble } = ensembleOf(arrays, y.values.length);
  const linear = arrays.get('linear');
  if (linear) arrays.expectShape(linear, [rows, cols]);
  const weights = arrays.get('weights');
  if (weights) arrays.expectShape(weights, [y.values.length]);
  return loadedData('measurements', { rows, cols, values: y.values, ensemble, ...(linear && { linear: linear.values }), ...(weights && { weights: weights.values }) }, {
    source,
    format: 'npz',
    indexBase: 0,
    notes: arrays.unknown.length === 0 ? [] : [`arrays ignored: ${arrays.unknown.join(', ')}`],
  });
}

function ensembleOf(arrays: Archive, count: number): Pick<Measurements, 'rows' | 'cols' | 'ensemble'> {
  const given = (['matrices', 'left', 'masks', 'measurement', 'ensemble'] as const).filter((key) => arrays.get(key) !== undefined);
  if (given.length !== 1) {
    throw arrays.keyError(given.length === 0 ? 'nothing says what the A_k are' : `${given.join(' and ')} both say what the A_k are`);
  }
  if (count === 0) throw arrays.shapeError('y is empty', 'at least one measurement');
  switch (given[0]!) {
    case 'matrices': {
      const matrices = arrays.need('matrices', 3);
      const [, rows, cols] = matrices.shape as [number, number, number];
      arrays.expectShape(matrices, [count, rows, cols]);
      arrays.expectSameShape(rows, cols, 'matrices');
      return { rows, cols, ensemble: { kind: 'dense', matrices: matrices.values } };
    }
    case 'left': {
      const left = arrays.need('left', 2);
      const right = arrays.get('right') && arrays.need('right', 2);
      const [rows, cols] = [left.shape[1]!, (right ?? left).shape[1]!];
      arrays.expectShape(left, [count, rows]);
      if (right) arrays.expectShape(right, [count, cols]);
      arrays.expectSameShape(rows, cols, 'the vectors');
      return { rows, cols, ensemble: { kind: 'rank-one', left: left.values, ...(right && { right: right.values }) } };
    }
    case 'masks': {
      const masks = arrays.need('masks', 3);
      const [patterns, size] = masks.shape as [number, number, number];
      arrays.expectShape(masks, [patterns, size, 2]);
      arrays.expectShape(arrays.need('y', 1), [patterns * size]);
      arrays.expectSameShape(size, size, 'the masks');
      return { rows: size, cols: size, ensemble: { kind: 'coded-diffraction', masks: masks.values } };
    }
    case 'measurement': {
      const [rows, cols] = arrays.matrixShape();
      const value = arrays.need('value', 1).values;
      const measurement = arrays.indices('measurement', value.length, count);
      const row = arrays.indices('row', value.length, rows);
      const col = arrays.indices('col', value.length, cols);
      arrays.expectDistinct(measurement, row, col);
      return { rows, cols, ensemble: { kind: 'sparse', measurement, row, col, value } };
    }
    case 'ensemble': {
      const [rows, cols] = arrays.matrixShape();
      const name = arrays.get('ensemble')!.texts?.[0];
      const version = arrays.get('version') === undefined ? 1 : arrays.scalar('version');
      if (!isKnown(name)) throw arrays.keyError(`ensemble is ${JSON.stringify(name ?? null)}, where ${ensembleNames.map((one) => `"${one}"`).join(', ')} are known`);
      if (version !== 1) throw arrays.keyError(`version is ${version}, where only 1 is known`);
      return { rows, cols, ensemble: { kind: 'seeded', name, seed: arrays.scalar('seed'), version, ...(name === 'sparse' && { nonzeros: arrays.scalar('nonzeros') }) } };
    }
  }
}

const ensembleNames = ['gaussian', 'lattice', 'gaussian-symmetric', 'sparse', 'rank-one', 'rank-one-symmetric', 'rank-one-complex', 'coded-diffraction'] as const;
const isKnown = (name: string | undefined): name is (typeof ensembleNames)[number] => (ensembleNames as readonly (string | undefined)[]).includes(name);

function unpack(file: string, bytes: Uint8Array): Map<string, NpyArray> {
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(bytes, { filter: ({ name }) => name.endsWith('.npy') });
  } catch (cause) {
    throw dataError(
      'LOWLAND_E_DATA_TRUNCATED',
      { file, byte: bytes.length },
      { problem: `the archive is damaged or cut off (${(cause as Error).message})`, expected: 'a whole NPZ file', remedy: 'copy it again, or write it again with numpy.savez' },
      cause,
    );
  }
  return new Map(
    Object.entries(members).map(([member, content]) => {
      const name = member.slice(0, -'.npy'.length);
      return [name, parseNpy(content, `${file}[${name}]`, name)];
    }),
  );
}

/** The arrays of a file, by key, with what may be wrong about them. */
class Archive {
  readonly #file: string;
  readonly #arrays: ReadonlyMap<string, NpyArray>;

  constructor(file: string, arrays: ReadonlyMap<string, NpyArray>) {
    this.#file = file;
    this.#arrays = arrays;
    for (const { name, values } of arrays.values()) {
      const k = values.findIndex((value) => !Number.isFinite(value));
      if (k < 0 || !(known as readonly string[]).includes(name)) continue;
      throw dataError('LOWLAND_E_DATA_NOT_FINITE', { file }, {
        problem: `element ${k} of ${name} is ${values[k]!}`,
        expected: 'finite numbers',
        remedy: 'correct it',
      });
    }
  }

  get unknown(): string[] {
    return [...this.#arrays.keys()].filter((name) => !(known as readonly string[]).includes(name));
  }

  get(key: Key): NpyArray | undefined {
    return this.#arrays.get(key);
  }

  need(key: Key, dimensions: number): NpyArray {
    const array = this.#arrays.get(key);
    if (array === undefined) throw this.keyError(`there is no array ${key}`);
    if (array.texts !== undefined) throw this.shapeError(`${key} holds text`, 'numbers');
    if (array.shape.length !== dimensions) throw this.shapeError(`${key} has the shape (${array.shape.join(', ')})`, `${dimensions} dimension${dimensions === 1 ? '' : 's'}`);
    return array;
  }

  scalar(key: Key): number {
    const array = this.#arrays.get(key);
    if (array === undefined) throw this.keyError(`there is no ${key}`);
    const value = array.values[0];
    if (array.values.length !== 1 || !Number.isSafeInteger(value) || value! < 0) throw this.shapeError(`${key} is (${array.values.join(', ')})`, 'one whole number from 0 up');
    return value!;
  }

  matrixShape(): [number, number] {
    const { values } = this.need('shape', 1);
    if (values.length !== 2 || values.some((size) => !Number.isInteger(size) || size < 1)) {
      throw this.shapeError(`shape is (${values.join(', ')})`, 'the numbers of rows and columns');
    }
    return [values[0]!, values[1]!];
  }

  indices(key: Key, length: number, limit: number): Int32Array {
    const array = this.need(key, 1);
    this.expectShape(array, [length]);
    const k = array.values.findIndex((value) => !Number.isInteger(value) || value < 0 || value >= limit);
    if (k < 0) return Int32Array.from(array.values);
    throw dataError('LOWLAND_E_DATA_INDEX', { file: this.#file }, {
      problem: `element ${k} of ${key} is ${array.values[k]!}`,
      expected: `whole numbers from 0 to ${limit - 1}`,
      remedy: 'correct it (indices count from 0)',
    });
  }

  expectShape(array: NpyArray, shape: readonly number[]): void {
    if (array.texts === undefined && array.shape.length === shape.length && array.shape.every((size, d) => size === shape[d])) return;
    throw this.shapeError(`${array.name} has the shape (${array.shape.join(', ')})`, `(${shape.join(', ')})`);
  }

  /** The array `shape`, where it is there too, agrees. */
  expectSameShape(rows: number, cols: number, as: string): void {
    const shape = this.#arrays.get('shape');
    if (shape && (shape.values[0] !== rows || shape.values[1] !== cols)) throw this.shapeError(`shape is (${shape.values.join(', ')})`, `(${rows}, ${cols}), as of ${as}`);
  }

  expectDistinct(measurement: Int32Array, row: Int32Array, col: Int32Array): void {
    const seen = new Map<string, number>();
    for (let k = 0; k < row.length; k++) {
      const cell = `(${measurement[k]!}, ${row[k]!}, ${col[k]!})`;
      const before = seen.get(cell);
      if (before !== undefined) {
        throw dataError('LOWLAND_E_DATA_DUPLICATE_CELL', { file: this.#file }, {
          problem: `elements ${before} and ${k} both give the entry (measurement, row, col) = ${cell}`,
          expected: 'each entry once',
          remedy: 'add them up, or drop one',
        });
      }
      seen.set(cell, k);
    }
  }

  keyError(problem: string): Error {
    return dataError('LOWLAND_E_DATA_KEYS', { file: this.#file }, {
      problem: `${problem} (arrays: ${[...this.#arrays.keys()].join(', ') || 'none'})`,
      expected: 'y, and either matrices, or left and perhaps right, or measurement, row, col, value and shape, or ensemble, seed and shape',
      remedy: 'write the file again with numpy.savez and these names',
    });
  }

  shapeError(problem: string, expected: string): Error {
    return dataError('LOWLAND_E_DATA_SHAPE', { file: this.#file }, { problem, expected, remedy: 'correct the array and write the file again' });
  }
}
