import { dataError, shown } from './fault.ts';
import { GrowableInts } from './growable.ts';
import { missingId, plainInteger, type Side } from './ids.ts';
import { checkOptions } from './options.ts';
import { type Fields, RecordScanner } from './records.ts';
import { type Input, type Source, withSource } from './source.ts';
import { delimiterOf, expectText, scan } from './text.ts';
import { columnNumber, isName } from './triplets.ts';
import type { ColumnName, Format, LoadedData } from './types.ts';

export interface CellOptions {
  readonly delimiter?: string;
  readonly header?: boolean;
  /** Default: the first and the second. */
  readonly columns?: { readonly row?: ColumnName; readonly col?: ColumnName };
}

/** Cells to predict, as indices, in the order of the file. */
export interface Cells {
  readonly row: Int32Array;
  readonly col: Int32Array;
}

/**
 * Reads a list of cells, a (row, column) pair on each line, in the ids of the data they belong to. Other columns are
 * ignored. The first line is a header where `header` says so, or where columns are chosen by name, or else where neither of its ids
 * is known nor a number. A cell may be asked for twice.
 *
 * @throws LOWLAND_E_DATA_UNKNOWN_ID, LOWLAND_E_DATA_RAGGED, LOWLAND_E_DATA_COLUMN, LOWLAND_E_DATA_EMPTY, and what opening throws
 */
export async function readCells(input: Input, loaded: LoadedData, options: CellOptions = {}): Promise<Cells> {
  checkOptions(options);
  return withSource(input, (source) => readFrom(source, loaded, options));
}

async function readFrom(source: Source, loaded: LoadedData, options: CellOptions): Promise<Cells> {
  expectText(source);
  const name = source.file.replace(/\.gz$/i, '').toLowerCase();
  const format: Format = name.endsWith('.csv') ? 'csv' : name.endsWith('.tsv') ? 'tsv' : 'text';
  const rows = new IdLookup('row', loaded.rowLabels, loaded.data.rows, loaded.indexBase);
  const cols = new IdLookup('column', loaded.colLabels, loaded.data.cols, loaded.indexBase);
  const row = new GrowableInts();
  const col = new GrowableInts();
  let columns: { readonly row: number; readonly col: number } | undefined;
  let width = 0;
  await scan(source, new RecordScanner(source.file, delimiterOf(source.head, format, options.delimiter)), (fields) => {
    if (columns === undefined) {
      width = fields.count;
      const chosen = { row: options.columns?.row ?? 1, col: options.columns?.col ?? 2 };
      columns = { row: columnNumber(fields, chosen.row, options.header), col: columnNumber(fields, chosen.col, options.header) };
      const foreign = rows.isForeign(fields.text(columns.row)) && cols.isForeign(fields.text(columns.col));
      if (options.header ?? (isName(fields, chosen.row) || isName(fields, chosen.col) || foreign)) return;
    }
    fields.expectWidth(width, 'complete the line, or give the right --delimiter');
    row.push(rows.index(fields, columns.row));
    col.push(cols.index(fields, columns.col));
  });
  if (row.length === 0) {
    throw dataError('LOWLAND_E_DATA_EMPTY', { file: source.file }, {
      problem: 'the file lists no cells',
      expected: 'a row id and a column id on each line',
      remedy: 'check how it was written, and that its ids are those of the data',
    });
  }
  return { row: row.take(), col: col.take() };
}

/** The ids of one side of the data, back to indices. */
class IdLookup {
  readonly #side: Side;
  readonly #index: ReadonlyMap<string, number> | undefined;
  readonly #size: number;
  readonly #base: number;

  constructor(side: Side, labels: readonly string[] | undefined, size: number, base: number) {
    this.#side = side;
    this.#index = labels && new Map(labels.map((label, index) => [label, index]));
    this.#size = size;
    this.#base = base;
  }

  isForeign(text: string): boolean {
    return this.#find(text) === undefined && !/^[+-]?\d/.test(text);
  }

  index(fields: Fields, i: number): number {
    const text = fields.text(i);
    if (text === '') throw missingId(this.#side, fields.place, i);
    const index = this.#find(text);
    if (index !== undefined) return index;
    throw dataError('LOWLAND_E_DATA_UNKNOWN_ID', fields.place, {
      problem: `the ${this.#side} id ${shown(text)} is not in the data`,
      expected: this.#index ? `one of its ${this.#size} ${this.#side} ids` : `a number from ${this.#base} to ${this.#size - 1 + this.#base}`,
      remedy: 'drop the line: nothing is known about it',
    });
  }

  #find(text: string): number | undefined {
    const plain = plainInteger(text);
    if (this.#index) return this.#index.get(text) ?? (plain === undefined ? undefined : this.#index.get(plain));
    const index = plain === undefined ? -1 : Number(plain) - this.#base;
    return index >= 0 && index < this.#size ? index : undefined;
  }
}
