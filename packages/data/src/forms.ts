import type { DataForm } from '@lowland/core';

import { dataError } from './fault.ts';
import type { FileForm, LoadedData, LoadedOf } from './types.ts';

export interface FormOptions {
  /** What cells are that a file of entries doesn't list, where a matrix is wanted. Default `error`. */
  readonly unlisted?: 'error' | 'zero';
}

/**
 * What was read, in the form that an objective wants. A matrix is entries, all observed; entries are a matrix if they cover
 * it, or with `unlisted: 'zero'`. The digest stays that of the file.
 *
 * @throws LOWLAND_E_DATA_FORM where the data has no such form.
 */
export function asForm<F extends FileForm>(loaded: LoadedData, form: F, options?: FormOptions): LoadedOf<F>;
export function asForm(loaded: LoadedData, form: DataForm, options?: FormOptions): LoadedData;
export function asForm(loaded: LoadedData, form: DataForm, options: FormOptions = {}): LoadedData {
  if (loaded.form === form) return loaded;
  if (loaded.form === 'matrix' && form === 'entries') return matrixAsEntries(loaded);
  if (loaded.form === 'entries' && form === 'matrix') return entriesAsMatrix(loaded, options.unlisted ?? 'error');
  throw formError(loaded, form === 'none' ? 'no data, as the objective makes its own' : form, 'choose an objective for this data, or data for this objective');
}

function matrixAsEntries(loaded: LoadedOf<'matrix'>): LoadedOf<'entries'> {
  const { rows, cols, values } = loaded.data;
  const row = new Int32Array(values.length);
  const col = new Int32Array(values.length);
  for (let k = 0; k < values.length; k++) {
    row[k] = Math.floor(k / cols);
    col[k] = k % cols;
  }
  return { ...loaded, form: 'entries', data: { rows, cols, row, col, values } };
}

function entriesAsMatrix(loaded: LoadedOf<'entries'>, unlisted: 'error' | 'zero'): LoadedOf<'matrix'> {
  const { rows, cols, row, col, values, weights } = loaded.data;
  if (weights !== undefined) throw formError(loaded, 'a matrix, which has no weights', 'leave the weights out, or choose an objective for entries');
  if (unlisted === 'error' && values.length < rows * cols) {
    const holes = rows * cols - values.length;
    throw formError(loaded, `a full matrix, where ${holes} of ${rows * cols} cells are unobserved`, 'choose an objective for entries (matrix-completion), or say --unlisted zero');
  }
  const matrix = new Float64Array(rows * cols);
  for (let k = 0; k < values.length; k++) matrix[row[k]! * cols + col[k]!] = values[k]!;
  return { ...loaded, form: 'matrix', data: { rows, cols, values: matrix } };
}

function formError({ source, form }: LoadedData, expected: string, remedy: string): Error {
  return dataError('LOWLAND_E_DATA_FORM', { file: source }, { problem: `the file holds ${form}`, expected, remedy });
}
