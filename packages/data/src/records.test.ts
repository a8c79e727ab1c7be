import { runs } from '@lowland/vitest-config/full';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Delimiter, type Fields, RecordScanner } from './records.ts';
import { failure } from './testing.ts';

/** All records of a text that comes in chunks of `size` bytes, with their lines. */
function scan(text: string, delimiter: Delimiter, size = 1 << 20): { line: number; texts: string[] }[] {
  const scanner = new RecordScanner('file', delimiter);
  const records: { line: number; texts: string[] }[] = [];
  const visit = (fields: Fields): void => void records.push({ line: fields.line, texts: fields.texts() });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size), false, visit);
  scanner.push(Buffer.alloc(0), true, visit);
  return records;
}
const texts = (text: string, delimiter: Delimiter, size?: number): string[][] => scan(text, delimiter, size).map((record) => record.texts);
const comma = 0x2c;
const tab = 0x09;

describe('RecordScanner', () => {
  it('agrees with csv-parse, however the file is cut into chunks', () => {
    const field = fc.oneof(
      fc.constantFrom('', '1', '-2.5e3', 'é', '日本', 'a b', '""', '"x,y"', '"say ""hi"""', '"two\nlines"', '"\r\n"', ' padded ', '"" '),
      fc.string({ unit: fc.constantFrom('a', 'b', '7', '.', '_', 'ß') }),
    );
    const file = fc.tuple(fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.boolean());
    fc.assert(
      fc.property(file, fc.integer({ min: 1, max: 40 }), ([rows, newline, ending], size) => {
        const text = rows.map((row) => row.join(',')).join(newline) + (ending ? newline : '');
        const judged = parse(text, { relax_column_count: true, trim: true, record_delimiter: ['\n', '\r\n'] })
          // csv-parse takes a line of nothing for a record with one empty field.
          .filter((row, _, all) => all.length > 0 && !(row.length === 1 && row[0] === ''));
        const found = texts(text, comma, size).filter((row) => !(row.length === 1 && row[0] === ''));
        expect(found).toEqual(judged);
      }),
      { seed: 3, numRuns: runs(20_000) },
    );
  });

  it('splits on runs of blanks, however the file is cut into chunks', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '1', '-', 'ü'), minLength: 1 });
    const blank = fc.string({ unit: fc.constantFrom(' ', '\t'), minLength: 1, maxLength: 3 });
    const line = fc.tuple(fc.array(word, { maxLength: 5 }), blank, fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 20 }), fc.constantFrom('\n', '\r\n'), (lines, size, newline) => {
        const text = lines.map(([words, between, before, after]) => (before ? between : '') + words.join(between) + (after ? between : '')).join(newline);
        const expected = lines.flatMap(([words], k) => (words.length === 0 ? [] : [{ line: k + 1, texts: words }]));
        expect(scan(text, 'whitespace', size)).toEqual(expected);
      }),
      { seed: 4, numRuns: runs(5_000) },
    );
  });

  it('counts lines over blank lines and over newlines in quotes', () => {
    expect(scan('a,b\r\n\r\n"c\nd",e\n\nf,g', comma)).toEqual([
      { line: 1, texts: ['a', 'b'] },
      { line: 3, texts: ['c\nd', 'e'] },
      { line: 6, texts: ['f', 'g'] },
    ]);
  });

  it('keeps empty fields, drops blanks around fields and a byte order mark', () => {
    expect(texts('\ufeffa,, b \n,x,\n', comma)).toEqual([['a', '', 'b'], ['', 'x', '']]);
    expect(texts('\ufeff1\t\t3', tab, 1)).toEqual([['1', '', '3']]);
  });

  it('takes quotes inside a field as they are', () => {
    expect(texts('5" disk,b', comma)).toEqual([['5" disk', 'b']]);
  });

  it('grows for wide lines', () => {
    const wide = Array.from({ length: 5000 }, (_, k) => String(k));
    expect(texts(wide.join(','), comma, 777)).toEqual([wide]);
  });

  it.each([
    ['a,b\n"c,d\n', 'file:2: a quoted field is never closed'],
    ['a,b\n"c"d,e\n', 'file:2: text follows the closing quote of field 1'],
  ])('refuses the quotes of %j', async (text, message) => {
    const error = await failure(() => scan(text, comma, 3));
    expect(error.code).toBe('LOWLAND_E_DATA_QUOTE');
    expect(error.message).toContain(message);
  });

  it('refuses text that is not UTF-8', async () => {
    const scanner = new RecordScanner('file', comma);
    const error = await failure(() => scanner.push(Buffer.from([0x61, 0x2c, 0xff, 0x0a]), true, (fields) => fields.text(1)));
    expect(error).toMatchObject({ code: 'LOWLAND_E_DATA_ENCODING', message: expect.stringContaining('file:1: field 2') as string });
  });

  it('refuses a line without end before it eats the memory', async () => {
    const scanner = new RecordScanner('file', comma);
    const chunk = Buffer.alloc(2 ** 25, 0x61);
    const error = await failure(() => {
      for (let k = 0; k < 3; k++) scanner.push(chunk, false, () => {});
    });
    expect(error.code).toBe('LOWLAND_E_DATA_FORMAT');
  });
});
