import { describe, expect, it } from 'vitest';

import { readData } from './read.ts';
import { failure, file } from './testing.ts';
import type { LoadedData, ReadOptions } from './types.ts';

const read = (text: string, options?: ReadOptions, name = 'm.mtx'): Promise<LoadedData> => readData(file(name, text), options);
const banner = (rest: string): string => `%%MatrixMarket matrix ${rest}\n`;

/** Entries as [row, column, value]. */
function cells(loaded: LoadedData): number[][] {
  if (loaded.form !== 'entries') throw new Error(`form is ${loaded.form}`);
  const { row, col, values } = loaded.data;
  return Array.from(values, (value, k) => [row[k]!, col[k]!, value]);
}

describe('MatrixMarket', () => {
  it('reads coordinates, counted from 1, with comments and blank lines', async () => {
    const loaded = await read(`${banner('coordinate real general')}% a comment\n%\n\n3 4 2\n\n3 1 -1.5e0\n1 4 2\n`);
    expect(loaded).toMatchObject({ form: 'entries', format: 'matrix-market', indexBase: 1, data: { rows: 3, cols: 4 } });
    expect(cells(loaded)).toEqual([
      [0, 3, 2],
      [2, 0, -1.5],
    ]);
  });

  it('knows the format by its banner, in any case', async () => {
    expect((await read('%%matrixmarket MATRIX Coordinate Integer General\n1 1 1\n1 1 7\n', {}, 'm.dat')).format).toBe('matrix-market');
  });

  it('gives patterns the value 1', async () => {
    expect(cells(await read(`${banner('coordinate pattern general')}2 2 2\n1 1\n2 1\n`))).toEqual([
      [0, 0, 1],
      [1, 0, 1],
    ]);
  });

  it('fills in the other triangle', async () => {
    expect(cells(await read(`${banner('coordinate real symmetric')}3 3 3\n3 1 5\n2 2 4\n3 3 1\n`))).toEqual([
      [0, 2, 5],
      [1, 1, 4],
      [2, 0, 5],
      [2, 2, 1],
    ]);
    expect(cells(await read(`${banner('coordinate real skew-symmetric')}3 3 1\n3 1 5\n`))).toEqual([
      [0, 2, -5],
      [2, 0, 5],
    ]);
  });

  it('reads arrays, column by column', async () => {
    const general = await read(`${banner('array real general')}2 3\n1\n2\n3\n4\n5\n6\n`);
    expect(general).toMatchObject({ form: 'matrix', data: { rows: 2, cols: 3, values: Float64Array.of(1, 3, 5, 2, 4, 6) } });
    const symmetric = await read(`${banner('array real symmetric')}2 2\n1\n2\n3\n`);
    expect([...symmetric.data.values]).toEqual([1, 2, 2, 3]);
    const skew = await read(`${banner('array integer skew-symmetric')}3 3\n1\n2\n3\n`);
    expect([...skew.data.values]).toEqual([0, -1, -2, 1, 0, -3, 2, 3, 0]);
  });

  it('applies the rule for repeated entries', async () => {
    expect(cells(await read(`${banner('coordinate real symmetric')}2 2 2\n2 1 5\n2 1 7\n`, { duplicates: 'mean' }))).toEqual([
      [0, 1, 6],
      [1, 0, 6],
    ]);
  });
});

describe('MatrixMarket with something wrong', () => {
  const real = banner('coordinate real general');
  const cases: readonly (readonly [what: string, text: string, options: ReadOptions, code: string, message: string])[] = [
    ['no banner', '2 2 1\n1 1 5\n', {}, 'BANNER', 'm.mtx:1: the banner is "2 2 1"'],
    ['another object', '%%MatrixMarket vector coordinate real general\n', {}, 'BANNER', 'm.mtx:1: the banner is "%%MatrixMarket vector'],
    ['a complex matrix', banner('coordinate complex general'), {}, 'BANNER', 'm.mtx:1'],
    ['a Hermitian matrix', banner('coordinate real hermitian'), {}, 'BANNER', 'm.mtx:1'],
    ['an incomplete banner', banner('coordinate real'), {}, 'BANNER', 'm.mtx:1'],
    ['an array of patterns', `${banner('array pattern general')}1 1\n1\n`, {}, 'BANNER', 'which the format does not allow'],
    ['no size line', `${real}% nothing\n`, {}, 'TRUNCATED', 'm.mtx:3: the file ends after the comments; expected a size line'],
    ['a size line that is short', `${real}2 2\n1 1 1\n`, {}, 'FORMAT', 'm.mtx:2: the size line is "2 2"'],
    ['a fractional size', `${real}2 2.5 1\n1 1 1\n`, {}, 'FORMAT', 'm.mtx:2: the size line'],
    ['a symmetric matrix that is not square', `${banner('coordinate real symmetric')}2 3 1\n1 1 1\n`, {}, 'FORMAT', 'm.mtx:2: the size line'],
    ['too few entries', `${real}2 2 3\n1 1 1\n1 2 1\n`, {}, 'TRUNCATED', 'm.mtx:5: the file ends after 2 entries; expected 3 entries'],
    ['too many entries', `${real}2 2 1\n1 1 1\n1 2 1\n`, {}, 'FORMAT', 'm.mtx:4: a line follows the last entry'],
    ['an index of 0', `${real}2 2 1\n0 1 1\n`, {}, 'INDEX', 'm.mtx:3: the row index is 0; expected a whole number from 1 to 2'],
    ['an index too large', `${real}2 2 1\n1 3 1\n`, {}, 'INDEX', 'm.mtx:3: the column index is 3'],
    ['a negative index', `${real}2 2 1\n-1 1 1\n`, {}, 'INDEX', 'm.mtx:3: the row index is -1'],
    ['a fractional index', `${real}2 2 1\n1.5 1 1\n`, {}, 'INDEX', 'm.mtx:3: the row index is 1.5'],
    ['text as index', `${real}2 2 1\na 1 1\n`, {}, 'NOT_A_NUMBER', 'm.mtx:3: the row index in field 1 is "a"'],
    ['text as value', `${real}2 2 1\n1 1 one\n`, {}, 'NOT_A_NUMBER', 'm.mtx:3: the value in field 3 is "one"'],
    ['a fraction among integers', `${banner('coordinate integer general')}2 2 1\n1 1 1.5\n`, {}, 'NOT_A_NUMBER', 'm.mtx:3: the value is 1.5'],
    ['an infinity', `${real}2 2 1\n1 1 inf\n`, {}, 'NOT_FINITE', 'm.mtx:3: the value in field 3 is inf'],
    ['a missing value', `${real}2 2 1\n1 1\n`, {}, 'RAGGED', 'm.mtx:3: this line has 2 fields; expected row, column and value'],
    ['two values on a line of an array', `${banner('array real general')}1 2\n1 2\n`, {}, 'RAGGED', 'm.mtx:3: this line has 2 fields'],
    ['an entry above the diagonal', `${banner('coordinate real symmetric')}2 2 1\n1 2 1\n`, {}, 'INDEX', 'm.mtx:3: the entry (1, 2) is above the diagonal'],
    ['a skew diagonal', `${banner('coordinate real skew-symmetric')}2 2 1\n1 1 1\n`, {}, 'INDEX', 'm.mtx:3: the entry (1, 1) is on the diagonal'],
    ['a repeated entry', `${real}2 2 2\n1 1 1\n1 1 2\n`, {}, 'DUPLICATE_CELL', 'm.mtx:4: the entry (1, 1) is given again; line 3 gave 1'],
    ['no entry', `${real}2 2 0\n`, {}, 'EMPTY', 'm.mtx: the file holds no values'],
    ['an option of text files', `${real}2 2 1\n1 1 1\n`, { rows: 3 }, 'OPTION', 'm.mtx: the option rows means nothing for MatrixMarket'],
  ];
  it.each(cases)('%s', async (_, text, options, code, message) => {
    const error = await failure(() => read(text, options));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });
});
