import type { DataMap } from '@lowland/core';

import { digestOf } from './digest.ts';
import type { Source } from './source.ts';
import type { FileForm, Format, LoadedData, LoadedOf } from './types.ts';

/** What readers know besides the data. */
export interface Origin {
  readonly source: Source;
  readonly format: Format;
  readonly indexBase: 0 | 1;
  readonly rowLabels?: readonly string[] | undefined;
  readonly colLabels?: readonly string[] | undefined;
  readonly notes: readonly string[];
}

export function loadedData<F extends FileForm>(form: F, data: DataMap[F], origin: Origin): LoadedOf<F> {
  return {
    form,
    data,
    ...(origin.rowLabels && { rowLabels: origin.rowLabels }),
    ...(origin.colLabels && { colLabels: origin.colLabels }),
    indexBase: origin.indexBase,
    digest: digestOf(form, data, origin.source.hash()),
    source: origin.source.file,
    format: origin.format,
    notes: origin.notes,
  };
}

/** A dense table with NaN for holes: a matrix where there is none, else the entries that are there. */
export function tableData(rows: number, cols: number, values: Float64Array, origin: Origin): LoadedData {
  let observed = 0;
  for (const value of values) if (!Number.isNaN(value)) observed++;
  if (observed === values.length) return loadedData('matrix', { rows, cols, values }, origin);

  const entries = { rows, cols, row: new Int32Array(observed), col: new Int32Array(observed), values: new Float64Array(observed) };
  for (let k = 0, at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at]!)) continue;
    entries.row[k] = Math.floor(at / cols);
    entries.col[k] = at % cols;
    entries.values[k++] = values[at]!;
  }
  const note = `${values.length - observed} of ${values.length} cells are unobserved`;
  return loadedData('entries', entries, { ...origin, notes: [...origin.notes, note] });
}
