import { dataError } from './fault.ts';
import { tableData } from './loaded.ts';
import { parseNpy } from './npy.ts';
import { expectOnly } from './options.ts';
import { readAll, type Source } from './source.ts';
import type { LoadedData, ReadOptions } from './types.ts';

/**
 * Reads an NPY file as a matrix. NaN is an error, unless `missing` has `NaN` in it: then those cells are unobserved.
 * Rows and columns are counted from 0, as NumPy does.
 *
 * @throws LOWLAND_E_DATA_SHAPE, LOWLAND_E_DATA_NOT_FINITE, LOWLAND_E_DATA_EMPTY, and what `parseNpy` throws
 */
export async function readNpyMatrix(source: Source, options: ReadOptions): Promise<LoadedData> {
  expectOnly(source.file, 'NPY', options, ['format', 'missing']);
  const { file } = source;
  const { shape, values, texts } = parseNpy(await readAll(source), file);
  if (shape.length !== 2 || texts !== undefined) {
    throw dataError('LOWLAND_E_DATA_SHAPE', { file }, {
      problem: texts ? 'it holds text' : `its shape is (${shape.join(', ')})`,
      expected: 'a matrix of numbers, with two dimensions',
      remedy: 'reshape the array before it is saved',
    });
  }
  const [rows, cols] = shape as [number, number];
  const nanIsMissing = options.missing?.some((word) => word.toLowerCase() === 'nan') ?? false;
  const k = values.findIndex((value) => !Number.isFinite(value) && !(nanIsMissing && Number.isNaN(value)));
  if (k >= 0) {
    throw dataError('LOWLAND_E_DATA_NOT_FINITE', { file }, {
      problem: `element [${Math.floor(k / cols)}, ${k % cols}] is ${values[k]!}`,
      expected: 'finite numbers',
      remedy: 'correct it; if NaN stands for an unobserved cell, say --missing NaN',
    });
  }
  if (!values.some((value) => !Number.isNaN(value))) {
    throw dataError('LOWLAND_E_DATA_EMPTY', { file }, {
      problem: `the matrix (${rows} × ${cols}) holds no values`,
      expected: 'at least one',
      remedy: 'check how it was written',
    });
  }
  return tableData(rows, cols, values, { source, format: 'npy', indexBase: 0, notes: [] });
}
