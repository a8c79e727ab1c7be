import { dataError, type Place, shown } from './fault.ts';
import { settleEntries } from './entries.ts';
import { EntryLines, GrowableFloats, GrowableInts } from './growable.ts';
import { type IdReader, IndexReader, LabelReader, type Side } from './ids.ts';
import { loadedData, type Origin } from './loaded.ts';
import { colName, rowName } from './names.ts';
import { expectOnly } from './options.ts';
import type { Fields } from './records.ts';
import type { ColumnName, LoadedData, ReadOptions } from './types.ts';

/**
 * Whether a text file holds triplets (row, column, value) rather than one line for each row:
 * what `layout` says; else yes where columns are chosen or ids are said to be indices; else yes where the first line has three or four
 * fields, the first three not empty (a fourth, such as a time, is ignored). A matrix of three or four columns needs `layout: 'dense'`.
 */
export function isTriplets(first: Fields, options: ReadOptions): boolean {
  if (options.layout !== undefined) return options.layout === 'triplets';
  if ((options.columns ?? options.rows ?? options.cols ?? options.indexBase) !== undefined) return true;
  return (first.count === 3 || first.count === 4) && !first.isEmpty(0) && !first.isEmpty(1) && !first.isEmpty(2);
}

const remedy = 'correct the line, choose other columns with --columns, or read a matrix with --layout dense';

/**
 * Reads lines of (row, column, value) and perhaps weight; other columns are ignored.
 *
 * The first line is a header where `header` says so, or where columns are chosen by name, or else where its value is
 * no number and neither are its two ids (`alice,book,x` on the first line is taken for a header, `1,2,x` is an error).
 * Ids: see `LabelReader`; they are indices where `rows`, `cols` (for that side) or `indexBase` (for both) is given.
 * Weights must be positive.
 */
export class TripletReader {
  readonly #width: number;
  readonly #columns: { readonly row: number; readonly col: number; readonly value: number; readonly weight: number | undefined };
  readonly #options: ReadOptions;
  readonly #ids: readonly [row: IdReader, col: IdReader];
  readonly #row = new GrowableInts();
  readonly #col = new GrowableInts();
  readonly #values = new GrowableFloats();
  readonly #weights: GrowableFloats | undefined;
  readonly #lines = new EntryLines();
  readonly #notes: string[] = [];
  /** Whether `first` holds no data. */
  readonly header: boolean;

  constructor(first: Fields, options: ReadOptions) {
    expectOnly(first.file, 'triplets', options, ['format', 'delimiter', 'header', 'layout', 'columns', 'rows', 'cols', 'indexBase', 'duplicates']);
    const { columns = {} } = options;
    this.#options = options;
    this.#width = first.count;
    this.#columns = {
      row: columnNumber(first, columns.row ?? 1, options.header),
      col: columnNumber(first, columns.col ?? 2, options.header),
      value: columnNumber(first, columns.value ?? 3, options.header),
      weight: columns.weight === undefined ? undefined : columnNumber(first, columns.weight, options.header),
    };
    this.header = options.header ?? (Object.values(columns).some((name) => isName(first, name)) || looksLikeHeader(first, this.#columns));
    this.#ids = [this.#idReader('row', options.rows), this.#idReader('column', options.cols)];
    this.#weights = this.#columns.weight === undefined ? undefined : new GrowableFloats();
    this.#describe(first);
  }

  add(fields: Fields): void {
    fields.expectWidth(this.#width, 'complete the line, or give the right --delimiter');
    const { row, col, value, weight } = this.#columns;
    this.#row.push(this.#ids[0].index(fields, row));
    this.#col.push(this.#ids[1].index(fields, col));
    this.#values.push(fields.finite(value, 'the value', remedy));
    if (weight !== undefined) this.#weights!.push(positive(fields, weight));
    this.#lines.push(fields.line);
  }

  finish(origin: Omit<Origin, 'indexBase'>): LoadedData {
    const { file } = origin.source;
    if (this.#values.length === 0) throw noEntries({ file });
    const [rowIds, colIds] = [this.#ids[0].finish(), this.#ids[1].finish()];
    const names = { ...(rowIds.labels && { rowLabels: rowIds.labels }), ...(colIds.labels && { colLabels: colIds.labels }), indexBase: this.#options.indexBase ?? 1 };
    const { entries, merged } = settleEntries(
      {
        file,
        rows: rowIds.size,
        cols: colIds.size,
        row: reordered(this.#row.take(), rowIds.order),
        col: reordered(this.#col.take(), colIds.order),
        values: this.#values.take(),
        ...(this.#weights && { weights: this.#weights.take() }),
        line: this.#lines.lookup(),
        cell: (i, j) => `the cell (${rowName(names, i)}, ${colName(names, j)})`,
      },
      this.#options.duplicates ?? 'error',
    );
    if (merged > 0) this.#notes.push(`${merged} repeated cells were merged (${this.#options.duplicates})`);
    return loadedData('entries', entries, { ...origin, ...names, notes: [...origin.notes, ...this.#notes] });
  }

  #idReader(side: Side, size: number | undefined): IdReader {
    const { indexBase } = this.#options;
    return size === undefined && indexBase === undefined ? new LabelReader(side) : new IndexReader(side, indexBase ?? 1, size);
  }

  #describe(first: Fields): void {
    if (this.#options.layout === undefined && this.#options.columns === undefined) {
      const rest = this.#width > 3 ? ', the rest ignored' : '';
      this.#notes.push(`read as triplets: field 1 is the row, field 2 the column, field 3 the value${rest} (--layout dense reads a matrix)`);
    }
    if (this.header && this.#options.header === undefined) this.#notes.push(`line ${first.line} is taken for a header`);
  }
}

export function noEntries(place: Place): Error {
  return dataError('LOWLAND_E_DATA_EMPTY', place, {
    problem: 'the file holds no values',
    expected: 'at least one',
    remedy: 'check how it was written, and whether its first line is a header (--header)',
  });
}

/** A header says which column has that name; else the name is a 1-based number. */
export function columnNumber(first: Fields, name: ColumnName, header: boolean | undefined): number {
  const index = isName(first, name) && header !== false ? first.texts().indexOf(String(name)) : Number(name) - 1;
  if (Number.isInteger(index) && index >= 0 && index < first.count) return index;
  throw dataError('LOWLAND_E_DATA_COLUMN', first.place, {
    problem: `there is no column ${shown(String(name))}`,
    expected: header === false ? `a number from 1 to ${first.count}` : `a number from 1 to ${first.count} or one of ${first.texts().map(shown).join(', ')}`,
    remedy: 'correct --columns, or give the right --delimiter',
  });
}

/** Whether a column is meant by name, not by number. */
export function isName(first: Fields, name: ColumnName): boolean {
  return typeof name === 'string' && (!/^\d+$/.test(name) || first.texts().includes(name));
}

/** Whether field i is meant to be a number, NaN and the like included. */
export function isNumeric(fields: Fields, i: number): boolean {
  return !Number.isNaN(fields.number(i)) || /^[+-]?(nan|inf|infinity)$/i.test(fields.text(i));
}

function looksLikeHeader(first: Fields, columns: { readonly row: number; readonly col: number; readonly value: number }): boolean {
  return !isNumeric(first, columns.value) && !isNumeric(first, columns.row) && !isNumeric(first, columns.col);
}

function positive(fields: Fields, i: number): number {
  const weight = fields.finite(i, 'the weight', remedy);
  if (weight > 0) return weight;
  throw dataError('LOWLAND_E_DATA_WEIGHT', fields.place, {
    problem: `the weight in field ${i + 1} is ${weight}`,
    expected: 'a positive weight',
    remedy: 'leave out lines that should not count',
  });
}

function reordered(indices: Int32Array, order: Int32Array | undefined): Int32Array {
  if (order !== undefined) for (let k = 0; k < indices.length; k++) indices[k] = order[indices[k]!]!;
  return indices;
}
