import type { DataMap } from '@lowland/core';

import { settleEntries } from './entries.ts';
import { dataError, shown } from './fault.ts';
import { EntryLines, GrowableFloats, GrowableInts } from './growable.ts';
import { loadedData, type Origin } from './loaded.ts';
import { expectOnly } from './options.ts';
import { type Fields, RecordScanner } from './records.ts';
import type { Source } from './source.ts';
import { expectText } from './text.ts';
import { noEntries } from './triplets.ts';
import type { DuplicateRule, LoadedData, ReadOptions } from './types.ts';

const layouts = ['coordinate', 'array'] as const;
const fieldTypes = ['real', 'double', 'integer', 'pattern'] as const;
const symmetries = ['general', 'symmetric', 'skew-symmetric'] as const;

interface Banner {
  readonly layout: (typeof layouts)[number];
  readonly type: (typeof fieldTypes)[number];
  readonly symmetry: (typeof symmetries)[number];
}

interface Shape {
  readonly rows: number;
  readonly cols: number;
  /** Lines of data that follow. */
  readonly count: number;
}

/**
 * Streams a MatrixMarket file (Boisvert, Pozo, Remington 1996, NISTIR 5935): `coordinate` gives entries, what is not listed being
 * unobserved; `array` (column-major) gives a matrix. Indices are 1-based. `pattern` entries have the value 1. A `symmetric` or
 * `skew-symmetric` file holds the lower triangle (without the diagonal if skew), and the other one is filled in. Complex and Hermitian
 * files are refused.
 *
 * @throws LOWLAND_E_DATA_BANNER, _INDEX, _TRUNCATED, _RAGGED, _NOT_A_NUMBER, _NOT_FINITE, _DUPLICATE_CELL, _FORMAT
 */
export async function readMatrixMarket(source: Source, options: ReadOptions): Promise<LoadedData> {
  expectText(source);
  const { file } = source;
  const scanner = new RecordScanner(file, 'whitespace', { quoting: false });
  let banner: Banner | undefined;
  let shape: Shape | undefined;
  let body: CoordinateBody | ArrayBody | undefined;
  const visit = (fields: Fields): void => {
    if (banner === undefined) {
      banner = bannerOf(fields);
      expectOnly(file, `MatrixMarket (${banner.layout})`, options, banner.layout === 'coordinate' ? ['format', 'duplicates'] : ['format']);
    } else if (body === undefined) {
      if (fields.bytes[fields.starts[0]!] === 0x25) return;
      shape = shapeOf(fields, banner);
      body = banner.layout === 'coordinate' ? new CoordinateBody(banner, shape) : new ArrayBody(banner, shape);
    } else {
      if (body.count === shape!.count) {
        throw dataError('LOWLAND_E_DATA_FORMAT', fields.place, {
          problem: 'a line follows the last entry',
          expected: `${shape!.count} entries, as the size line says`,
          remedy: 'correct the size line, or drop the line',
        });
      }
      body.add(fields);
    }
  };
  for await (const chunk of source.chunks()) scanner.push(chunk, false, visit);
  scanner.push(new Uint8Array(), true, visit);

  const end = { file, line: scanner.line };
  if (banner === undefined) throw noEntries({ file });
  if (body === undefined || shape === undefined || body.count < shape.count) {
    throw dataError('LOWLAND_E_DATA_TRUNCATED', end, {
      problem: `the file ends after ${body === undefined ? 'the comments' : `${body.count} entries`}`,
      expected: shape === undefined ? 'a size line' : `${shape.count} entries, as the size line says`,
      remedy: 'copy or download it again, or correct the size line',
    });
  }
  if (shape.count === 0) throw noEntries({ file });
  return body.finish({ source, format: 'matrix-market', indexBase: 1, notes: [] }, options.duplicates ?? 'error');
}

function bannerOf(fields: Fields): Banner {
  const given = fields.texts();
  const [head, object, layout, type, symmetry] = given.map((word) => word.toLowerCase());
  const expected = `%%MatrixMarket matrix ${layouts.join('|')} ${fieldTypes.join('|')} ${symmetries.join('|')}`;
  const known = <T extends string>(words: readonly T[], word: string | undefined): T | undefined => words.find((w) => w === word);
  const banner = { layout: known(layouts, layout), type: known(fieldTypes, type), symmetry: known(symmetries, symmetry) };
  const impossible = banner.type === 'pattern' && (banner.layout === 'array' || banner.symmetry === 'skew-symmetric');
  if (head === '%%matrixmarket' && object === 'matrix' && given.length === 5 && banner.layout && banner.type && banner.symmetry && !impossible) {
    return { layout: banner.layout, type: banner.type, symmetry: banner.symmetry };
  }
  throw dataError('LOWLAND_E_DATA_BANNER', fields.place, {
    problem: `the banner is ${shown(given.join(' '))}${impossible ? ', which the format does not allow' : ''}`,
    expected,
    remedy: 'correct the first line, or name the right --format',
  });
}

function shapeOf(fields: Fields, { layout, symmetry }: Banner): Shape {
  const wanted = layout === 'coordinate' ? 3 : 2;
  const sizes = Array.from({ length: fields.count }, (_, i) => fields.number(i));
  const [rows, cols, listed] = sizes;
  const valid = sizes.length === wanted && sizes.every((size) => Number.isSafeInteger(size) && size >= 0) && rows! >= 1 && cols! >= 1 && Math.max(rows!, cols!) < 2 ** 31;
  if (!valid || (symmetry !== 'general' && rows !== cols)) {
    throw dataError('LOWLAND_E_DATA_FORMAT', fields.place, {
      problem: `the size line is ${shown(fields.texts().join(' '))}`,
      expected: layout === 'coordinate' ? 'rows, columns and number of entries' : 'rows and columns',
      remedy: symmetry === 'general' ? 'correct it' : `correct it (a ${symmetry} matrix is square), or write general in the banner`,
    });
  }
  if (layout === 'coordinate') return { rows: rows!, cols: cols!, count: listed! };
  const n = rows!;
  const count = symmetry === 'general' ? n * cols! : symmetry === 'symmetric' ? (n * (n + 1)) / 2 : (n * (n - 1)) / 2;
  return { rows: n, cols: cols!, count };
}

function valueIn(fields: Fields, i: number, { type }: Banner): number {
  const value = fields.finite(i, 'the value', 'correct the line');
  if (type !== 'integer' || Number.isInteger(value)) return value;
  throw dataError('LOWLAND_E_DATA_NOT_A_NUMBER', fields.place, {
    problem: `the value is ${fields.text(i)}`,
    expected: 'a whole number, as the banner says',
    remedy: 'correct the line, or write real in the banner',
  });
}

class CoordinateBody {
  readonly #banner: Banner;
  readonly #shape: Shape;
  readonly #row = new GrowableInts();
  readonly #col = new GrowableInts();
  readonly #values = new GrowableFloats();
  readonly #lines = new EntryLines();

  constructor(banner: Banner, shape: Shape) {
    this.#banner = banner;
    this.#shape = shape;
  }

  get count(): number {
    return this.#values.length;
  }

  add(fields: Fields): void {
    const { type, symmetry } = this.#banner;
    const { rows, cols } = this.#shape;
    if (fields.count !== (type === 'pattern' ? 2 : 3)) {
      throw dataError('LOWLAND_E_DATA_RAGGED', fields.place, {
        problem: `this line has ${fields.count} field${fields.count === 1 ? '' : 's'}`,
        expected: type === 'pattern' ? 'row and column' : 'row, column and value',
        remedy: 'complete the line',
      });
    }
    const i = index(fields, 0, 'row', rows);
    const j = index(fields, 1, 'column', cols);
    if (symmetry !== 'general' && (i < j || (symmetry === 'skew-symmetric' && i === j))) {
      throw dataError('LOWLAND_E_DATA_INDEX', fields.place, {
        problem: `the entry (${i + 1}, ${j + 1}) is ${i === j ? 'on' : 'above'} the diagonal`,
        expected: `entries below the diagonal only, the file being ${symmetry}`,
        remedy: 'swap the indices, or write general in the banner',
      });
    }
    this.#row.push(i);
    this.#col.push(j);
    this.#values.push(type === 'pattern' ? 1 : valueIn(fields, 2, this.#banner));
    this.#lines.push(fields.line);
  }

  finish(origin: Origin, duplicates: DuplicateRule): LoadedData {
    const { rows, cols } = this.#shape;
    const { symmetry } = this.#banner;
    const { file } = origin.source;
    const naming = { line: this.#lines.lookup(), cell: (i: number, j: number) => `the entry (${i + 1}, ${j + 1})` };
    const listed = { file, rows, cols, row: this.#row.take(), col: this.#col.take(), values: this.#values.take(), ...naming };
    const { entries, merged } = settleEntries(listed, duplicates);
    const notes = merged > 0 ? [...origin.notes, `${merged} repeated entries were merged (${duplicates})`] : origin.notes;
    if (symmetry === 'general') return loadedData('entries', entries, { ...origin, notes });

    const whole = { file, rows, cols, ...mirrored(entries, symmetry === 'symmetric' ? 1 : -1), ...naming };
    return loadedData('entries', settleEntries(whole, 'error').entries, { ...origin, notes });
  }
}

type Cells = Pick<DataMap['entries'], 'row' | 'col' | 'values'>;

/** A lower triangle, with `sign` times its transpose above the diagonal. */
function mirrored({ row, col, values }: Cells, sign: 1 | -1): Cells {
  let below = 0;
  for (let k = 0; k < row.length; k++) if (row[k]! > col[k]!) below++;
  const count = row.length + below;
  const whole = { row: new Int32Array(count), col: new Int32Array(count), values: new Float64Array(count) };
  whole.row.set(row);
  whole.col.set(col);
  whole.values.set(values);
  for (let k = 0, at = row.length; k < row.length; k++) {
    if (row[k] === col[k]) continue;
    whole.row[at] = col[k]!;
    whole.col[at] = row[k]!;
    whole.values[at++] = sign * values[k]!;
  }
  return whole;
}

class ArrayBody {
  readonly #banner: Banner;
  readonly #shape: Shape;
  readonly #values = new GrowableFloats();

  constructor(banner: Banner, shape: Shape) {
    this.#banner = banner;
    this.#shape = shape;
  }

  get count(): number {
    return this.#values.length;
  }

  add(fields: Fields): void {
    fields.expectWidth(1, 'write one value on each line, in column-major order');
    this.#values.push(valueIn(fields, 0, this.#banner));
  }

  finish(origin: Origin): LoadedData {
    const { rows, cols } = this.#shape;
    const { symmetry } = this.#banner;
    const listed = this.#values.take();
    const values = new Float64Array(rows * cols);
    for (let j = 0, at = 0; j < cols; j++) {
      const from = symmetry === 'general' ? 0 : symmetry === 'symmetric' ? j : j + 1;
      for (let i = from; i < rows; i++, at++) {
        values[i * cols + j] = listed[at]!;
        if (symmetry !== 'general' && i !== j) values[j * cols + i] = symmetry === 'symmetric' ? listed[at]! : -listed[at]!;
      }
    }
    return loadedData('matrix', { rows, cols, values }, origin);
  }
}

function index(fields: Fields, i: number, side: string, size: number): number {
  const given = fields.finite(i, `the ${side} index`, 'correct the line');
  if (Number.isInteger(given) && given >= 1 && given <= size) return given - 1;
  throw dataError('LOWLAND_E_DATA_INDEX', fields.place, {
    problem: `the ${side} index is ${fields.text(i)}`,
    expected: `a whole number from 1 to ${size}`,
    remedy: 'correct the line (MatrixMarket counts from 1) or the size line',
  });
}
