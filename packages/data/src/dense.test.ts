import { describe, expect, it } from 'vitest';

import { readData } from './read.ts';
import { failure, file } from './testing.ts';
import type { LoadedData, ReadOptions } from './types.ts';

const read = (text: string, options?: ReadOptions): Promise<LoadedData> => readData(file('table.csv', text), options);

describe('dense text', () => {
  it('reads a full table as a matrix', async () => {
    const loaded = await read('1,2,3,4,5\n6,7,8,9,10\n');
    expect(loaded).toMatchObject({ form: 'matrix', data: { rows: 2, cols: 5, values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) } });
    expect(loaded.rowLabels).toBeUndefined();
    expect(loaded.colLabels).toBeUndefined();
  });

  it('takes empty cells and NA as unobserved', async () => {
    const loaded = await read('1,,3,4,5\nNA,7,8,9,\n');
    expect(loaded).toMatchObject({ form: 'entries', data: { rows: 2, cols: 5, row: Int32Array.of(0, 0, 0, 0, 1, 1, 1), col: Int32Array.of(0, 2, 3, 4, 1, 2, 3) } });
    expect(loaded.notes).toContain('3 of 10 cells are unobserved');
  });

  it('keeps rows and columns with no observation', async () => {
    expect((await read(',,,,\n1,,2,3,4\n')).data).toMatchObject({ rows: 2, cols: 5 });
  });

  it('finds a header and row labels', async () => {
    const loaded = await read('series,jan,feb,mar\nfarms,1,2,3\nmines,4,,6\n', { layout: 'dense' });
    expect(loaded).toMatchObject({ rowLabels: ['farms', 'mines'], colLabels: ['jan', 'feb', 'mar'], data: { rows: 2, cols: 3 } });
    const corner = await read(',a,b,c,d\n10,1,2,3,4\n20,5,6,7,8\n');
    expect(corner).toMatchObject({ form: 'matrix', rowLabels: ['10', '20'], colLabels: ['a', 'b', 'c', 'd'] });
    const short = await read('a b c d\nx 1 2 3 4\ny 5 6 7 8\n', { delimiter: 'whitespace', layout: 'dense' });
    expect(short).toMatchObject({ form: 'matrix', rowLabels: ['x', 'y'], colLabels: ['a', 'b', 'c', 'd'] });
  });

  it('takes numbers behind a text for a labelled row, unless told that they are a header', async () => {
    const text = 'name,2001,2002,2003,2004\na,1,2,3,4\n';
    expect(await read(text)).toMatchObject({ rowLabels: ['name', 'a'], data: { rows: 2, cols: 4 } });
    expect(await read(text, { header: true })).toMatchObject({ rowLabels: ['a'], colLabels: ['2001', '2002', '2003', '2004'], data: { rows: 1, cols: 4 } });
  });

  it('takes the first column for labels when told so', async () => {
    expect(await read('1,5,6,7,8\n2,5,6,7,8\n', { rowLabels: true })).toMatchObject({ rowLabels: ['1', '2'], data: { rows: 2, cols: 4 } });
  });

  it('reads three and four columns as a matrix when told so, and other widths by itself', async () => {
    expect(await read('1,2,3\n4,5,6\n', { layout: 'dense' })).toMatchObject({ form: 'matrix', data: { rows: 2, cols: 3 } });
    expect(await read('1,2\n4,5\n')).toMatchObject({ form: 'matrix', data: { rows: 2, cols: 2 } });
    expect(await read('x\n4\n5\n')).toMatchObject({ form: 'matrix', colLabels: ['x'], data: { rows: 2, cols: 1 } });
    expect(await read('1,,3,4\n4,5,6,7\n')).toMatchObject({ form: 'entries', data: { rows: 2, cols: 4 } });
  });

  it('takes other words, numbers among them, as unobserved when told so', async () => {
    const loaded = await read('1,?,-999,4,nan\n6,7,8,9,10\n', { missing: ['?', '-999', 'NaN'] });
    expect(loaded.form === 'entries' && [...loaded.data.values]).toEqual([1, 4, 6, 7, 8, 9, 10]);
  });
});

describe('dense text with something wrong', () => {
  const cases: readonly (readonly [what: string, text: string, options: ReadOptions, code: string, message: string])[] = [
    ['a short line', '1,2,3,4,5\n1,2,3,4\n', {}, 'RAGGED', 'table.csv:2: this line has 4 fields; expected 5'],
    ['a long line', 'a,b,c,d,e\n1,2,3,4,5\n1,2,3,4,5,6\n', {}, 'RAGGED', 'table.csv:3: this line has 6 fields'],
    ['a header of another width', 'a,b,c,d,e,f,g\n1,2,3,4,5\n', {}, 'RAGGED', 'table.csv:2: this line has 5 fields; expected 7'],
    ['text in a cell', '1,2,3,4,5\n1,2,three,4,5\n', {}, 'NOT_A_NUMBER', 'table.csv:2: the cell in field 3 is "three"'],
    ['NaN', '1,2,3,4,5\n1,2,NaN,4,5\n', {}, 'NOT_FINITE', 'table.csv:2: the cell in field 3 is NaN'],
    ['an infinity', '1,2,3,4,5\n1,2,3,4,Inf\n', {}, 'NOT_FINITE', 'table.csv:2: the cell in field 5 is Inf'],
    ['no number at all', 'NA,NA,NA,NA,NA\n,,,,\n', {}, 'EMPTY', 'table.csv: the file holds no values'],
    ['a header alone', 'a,b,c,d,e\n', {}, 'EMPTY', 'table.csv: the file holds no values'],
    ['labels alone', 'a\nb\n', { rowLabels: true }, 'EMPTY', 'table.csv:2: the file holds no values'],
    ['two rows of one name', 'x,1,2,3,4\ny,1,2,3,4\nx,1,2,3,4\n', {}, 'DUPLICATE_LABEL', 'table.csv:3: the row label "x" stands for row 1 and row 3'],
    ['two columns of one name', 'a,b,c,d,a\n1,2,3,4,5\n', {}, 'DUPLICATE_LABEL', 'table.csv:1: the column label "a"'],
    ['an option of triplets', '1,2,3,4,5\n', { duplicates: 'mean' }, 'OPTION', 'table.csv: the option duplicates means nothing for dense text'],
  ];
  it.each(cases)('%s', async (_, text, options, code, message) => {
    const error = await failure(() => read(text, options));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });
});
