import { dataError, type Place, shown } from './fault.ts';
import { GrowableFloats } from './growable.ts';
import { type Origin, tableData } from './loaded.ts';
import { expectOnly } from './options.ts';
import type { Fields } from './records.ts';
import { isNumeric, noEntries } from './triplets.ts';
import type { LoadedData, ReadOptions } from './types.ts';

/** Default of `missing`: what stands in an unobserved cell, apart from nothing at all. */
export const defaultMissing: readonly string[] = ['NA'];

/**
 * Reads one line for each row of a matrix. Empty cells, and those that hold one of `missing`, are unobserved.
 *
 * The first line is a header where `header` says so, else where any field but the first is text (neither a number nor missing); of a
 * single column, where that field is. The first column holds row labels where `rowLabels` says so, else where the header's first field is
 * empty, or the header is one field short, or the first field of the first row is text. So a first line `name,2001,2002`
 * is a row with a label, and `,2001,2002` a row whose first cell is unobserved, unless `header: true` says otherwise.
 */
export class DenseReader {
  readonly #missing: ReadonlySet<string>;
  readonly #nanIsMissing: boolean;
  readonly #options: ReadOptions;
  readonly #firstHeader: readonly string[] | undefined;
  /** Fields of a row, its label included; known once the first row is there. */
  #width = 0;
  #labelled = false;
  #rows = 0;
  readonly #labels: string[] = [];
  readonly #lines: number[] = [];
  readonly #values = new GrowableFloats();
  /** Whether `first` holds no data. */
  readonly header: boolean;

  constructor(first: Fields, options: ReadOptions) {
    expectOnly(first.file, 'dense text', options, ['format', 'delimiter', 'header', 'layout', 'rowLabels', 'missing']);
    const { missing = defaultMissing } = options;
    this.#options = options;
    this.#missing = new Set(missing);
    this.#nanIsMissing = missing.some((word) => word.toLowerCase() === 'nan');
    this.header = options.header ?? this.#looksLikeHeader(first);
    this.#firstHeader = this.header ? first.texts() : undefined;
  }

  add(fields: Fields): void {
    if (this.#rows === 0) this.#start(fields);
    fields.expectWidth(this.#width, 'complete the line (an unobserved cell is left empty), or give the right --delimiter');
    if (this.#labelled) {
      this.#labels.push(fields.text(0));
      this.#lines.push(fields.line);
    }
    for (let i = this.#labelled ? 1 : 0; i < this.#width; i++) this.#values.push(this.#cell(fields, i));
    this.#rows++;
  }

  finish(origin: Omit<Origin, 'indexBase'>): LoadedData {
    const { file } = origin.source;
    const values = this.#values.take();
    if (!values.some((value) => !Number.isNaN(value))) throw noEntries({ file });
    const cols = this.#labelled ? this.#width - 1 : this.#width;
    const colLabels = this.#firstHeader?.slice(this.#firstHeader.length - cols);
    const rowLabels = this.#labelled ? this.#labels : undefined;
    if (rowLabels) expectDistinct('row', rowLabels, (k) => ({ file, line: this.#lines[k]! }));
    if (colLabels) expectDistinct('column', colLabels, () => ({ file, line: 1 }));
    const notes = [...origin.notes];
    if (this.header && this.#options.header === undefined) notes.push('the first line is taken for a header');
    if (this.#labelled && this.#options.rowLabels === undefined) notes.push('the first column is taken for row labels');
    return tableData(this.#rows, cols, values, { ...origin, rowLabels, colLabels, indexBase: 1, notes });
  }

  #start(row: Fields): void {
    const header = this.#firstHeader;
    this.#width = row.count;
    const short = header?.length === row.count - 1;
    this.#labelled = this.#options.rowLabels ?? (short || header?.[0] === '' || this.#isText(row, 0));
    if (header && !short) row.expectWidth(header.length, 'complete the line (an unobserved cell is left empty), or give the right --delimiter');
    if (header && short && !this.#labelled) row.expectWidth(header.length, 'name every column, or let the first column be labels');
    if (this.#labelled && this.#width < 2) throw noEntries(row.place);
  }

  #cell(fields: Fields, i: number): number {
    const value = fields.number(i);
    // A number is never a hole, unless a person said so.
    if (Number.isFinite(value) && this.#options.missing === undefined) return value;
    if (this.#isMissing(fields, i)) return NaN;
    return fields.finite(i, 'the cell', `leave unobserved cells empty or name what stands there with --missing; other columns are chosen with --columns`);
  }

  #isMissing(fields: Fields, i: number): boolean {
    if (fields.isEmpty(i)) return true;
    const text = fields.text(i);
    return this.#missing.has(text) || (this.#nanIsMissing && /^[+-]?nan$/i.test(text));
  }

  #isText(fields: Fields, i: number): boolean {
    return !isNumeric(fields, i) && !this.#isMissing(fields, i);
  }

  #looksLikeHeader(first: Fields): boolean {
    for (let i = first.count === 1 ? 0 : 1; i < first.count; i++) if (this.#isText(first, i)) return true;
    return false;
  }
}

function expectDistinct(side: string, labels: readonly string[], place: (k: number) => Place): void {
  const seen = new Map<string, number>();
  labels.forEach((label, k) => {
    const before = seen.get(label);
    if (before !== undefined) {
      throw dataError('LOWLAND_E_DATA_DUPLICATE_LABEL', place(k), {
        problem: `the ${side} label ${shown(label)} stands for ${side} ${before + 1} and ${side} ${k + 1}`,
        expected: `distinct ${side} labels`,
        remedy: 'rename one of them',
      });
    }
    seen.set(label, k);
  });
}
