import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { readData } from './read.ts';
import { failure, file } from './testing.ts';
import type { LoadedData, ReadOptions } from './types.ts';

const read = (name: string, text: string, options?: ReadOptions): Promise<LoadedData> => readData(file(name, text), options);

/** Entries as `row column value [weight]`, by label where there is one. */
function cells(loaded: LoadedData): string[] {
  if (loaded.form !== 'entries') throw new Error(`form is ${loaded.form}`);
  const { row, col, values, weights } = loaded.data;
  return Array.from(values, (value, k) =>
    [loaded.rowLabels?.[row[k]!] ?? row[k]!, loaded.colLabels?.[col[k]!] ?? col[k]!, value, ...(weights ? [weights[k]!] : [])].join(' '),
  );
}

describe('triplets', () => {
  it('reads tab-separated `user item rating timestamp`, integer ids in ascending order', async () => {
    const loaded = await read('u.data', '196\t242\t3\t881250949\n22\t377\t1\t878887116\n196\t51\t2\t880606923\n');
    expect(loaded).toMatchObject({ form: 'entries', format: 'text', rowLabels: ['22', '196'], colLabels: ['51', '242', '377'], indexBase: 1 });
    expect(loaded.data).toMatchObject({ rows: 2, cols: 3, row: Int32Array.of(0, 1, 1), col: Int32Array.of(2, 0, 1) });
    expect(cells(loaded)).toEqual(['22 377 1', '196 51 2', '196 242 3']);
    expect(loaded.notes.join()).toContain('read as triplets');
  });

  it('finds a header, and keeps text ids in order of first appearance', async () => {
    const loaded = await read('named.csv', 'user,item,rating\nzoë,"Die, Hard",5\nadam,Alien,4.5\nzoë,Alien,1\n');
    expect(loaded).toMatchObject({ rowLabels: ['zoë', 'adam'], colLabels: ['Die, Hard', 'Alien'] });
    expect(cells(loaded)).toEqual(['zoë Die, Hard 5', 'zoë Alien 1', 'adam Alien 4.5']);
    expect(loaded.notes).toContain('line 1 is taken for a header');
  });

  it('takes lines of any width for triplets where ids are said to be indices, from 0 too', async () => {
    for (const indexBase of [0, 1] as const) {
      const loaded = await read(`wide${indexBase}.txt`, '1 1 2.5 9 9\n2 1 3 9 9\n', { indexBase });
      expect(loaded).toMatchObject({ form: 'entries', data: { rows: 3 - indexBase, cols: 2 - indexBase } });
    }
  });

  it('reads text ids without header, and blank-separated lines', async () => {
    expect(cells(await read('plain.csv', 'a,x,1\nb,y,2\n'))).toEqual(['a x 1', 'b y 2']);
    expect(cells(await read('plain.txt', '# made by hand\n\n 1   2  3.5\n 2 \t 1  -1e-3 \n'))).toEqual(['1 2 3.5', '2 1 -0.001']);
    expect(cells(await read('semi.csv', '1;2;3\n'))).toEqual(['1 2 3']);
  });

  it('takes columns by name or number, with weights, and ignores the others', async () => {
    const text = 'when,film,score,who,trust\nmon,A,1,ann,0.5\ntue,B,2,bob,2\n';
    const columns = { row: 'who', col: 'film', value: 'score', weight: 'trust' };
    expect(cells(await read('wide.csv', text, { columns }))).toEqual(['ann A 1 0.5', 'bob B 2 2']);
    expect(cells(await read('wide.csv', text, { columns: { row: 4, col: 'film', value: '3' } }))).toEqual(['ann A 1', 'bob B 2']);
    expect(cells(await read('numbers.csv', '9,1,2,3\n8,4,5,6\n', { columns: { row: 2, col: 3, value: 4 } }))).toEqual(['1 2 3', '4 5 6']);
  });

  it('reads ids as indices where sizes or the base are given', async () => {
    const sized = await read('sized.txt', '1 1 5\n3 2 6\n', { rows: 4, cols: 3 });
    expect(sized.data).toMatchObject({ rows: 4, cols: 3, row: Int32Array.of(0, 2), col: Int32Array.of(0, 1) });
    expect(sized.rowLabels).toBeUndefined();
    const based = await read('sized.txt', '0 0 5\n3 2 6\n', { indexBase: 0 });
    expect(based).toMatchObject({ indexBase: 0, data: { rows: 4, cols: 3 } });
    const half = await read('sized.txt', '1 x 5\n3 y 6\n', { rows: 3 });
    expect(half).toMatchObject({ colLabels: ['x', 'y'], data: { rows: 3, cols: 2 } });
  });

  it('knows that 7, 7.0 and +7 are one integer, and that 007 is text', async () => {
    const loaded = await read('sevens.csv', '7,1,1\n7.0,2,2\n+7,3,3\n10,4,4\n9,5,5\n');
    expect(loaded.rowLabels).toEqual(['7', '9', '10']);
    const zip = await read('zip.csv', '02134,1,1\n2134,2,2\n');
    expect(zip.rowLabels).toEqual(['02134', '2134']);
    const long = await read('long.csv', '99999999999999999999,1,1\n99999999999999999998,1,2\n12345678,1,3\n');
    expect(long.rowLabels).toEqual(['12345678', '99999999999999999998', '99999999999999999999']);
  });

  it('takes negative and fractional ids only among ids that are text', async () => {
    expect((await read('text-ids.csv', '-1,1,1\n1.5,2,2\nx,3,3\n')).rowLabels).toEqual(['-1', '1.5', 'x']);
  });

  it('applies the rule for repeated cells', async () => {
    const text = '1,1,2\n1,2,7\n1,1,4\n';
    const mean = await read('twice.csv', text, { duplicates: 'mean' });
    expect(cells(mean)).toEqual(['1 1 3', '1 2 7']);
    expect(mean.notes.join()).toContain('1 repeated cells were merged (mean)');
    expect(cells(await read('twice.csv', text, { duplicates: 'last' }))).toEqual(['1 1 4', '1 2 7']);
  });

  it('unpacks gzip, whatever the name', async () => {
    const packed = gzipSync('1,1,2\n1,2,7\n');
    for (const name of ['packed.csv.gz', 'packed.csv']) {
      const loaded = await readData(file(name, packed));
      expect(loaded.format).toBe('csv');
      expect(cells(loaded)).toEqual(['1 1 2', '1 2 7']);
    }
  });

  it('gives files that mean the same the same digest', async () => {
    const one = await read('one.csv', '1,1,2\n2,2,3\n');
    const other = await read('other.tsv', 'row\tcol\tv\n2\t2\t3.0\n1\t1\t2e0\n');
    const third = await read('third.csv', '1,1,2\n2,2,3.0000000000000004\n');
    expect(other.digest).toBe(one.digest);
    expect(third.digest).not.toBe(one.digest);
    expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('streams: chunks may end anywhere', async () => {
    const lines = Array.from({ length: 150_000 }, (_, k) => `${k % 1000},c${Math.floor(k / 1000)},${k / 8}`);
    const loaded = await read('many.csv', `${lines.join('\n')}\n`);
    expect(loaded.data).toMatchObject({ rows: 1000, cols: 150 });
    const back = cells(loaded).map((cell) => cell.replaceAll(' ', ','));
    expect(new Set(back)).toEqual(new Set(lines));
  });
});

describe('triplets with something wrong', () => {
  const cases: readonly (readonly [what: string, text: string, options: ReadOptions, code: string, message: string])[] = [
    ['a missing field', '1,1,2\n1,2\n', {}, 'RAGGED', 'bad.csv:2: this line has 2 fields; expected 3'],
    ['a field too many', 'a,b,c\n1,1,2\n1,2,3,4\n', {}, 'RAGGED', 'bad.csv:3: this line has 4 fields'],
    ['text as value', '1,1,2\n\n1,2,many\n', {}, 'NOT_A_NUMBER', 'bad.csv:3: the value in field 3 is "many"'],
    ['text as value in the first line', '1,1,many\n', {}, 'NOT_A_NUMBER', 'bad.csv:1: the value'],
    ['an empty value', '1,1,2\n1,2,\n', {}, 'NOT_A_NUMBER', 'bad.csv:2: the value in field 3 is ""'],
    ['NaN', 'a,b,1\nc,d,NaN\n', {}, 'NOT_FINITE', 'bad.csv:2: the value in field 3 is NaN'],
    ['NaN in the first line', 'a,b,nan\nc,d,1\n', {}, 'NOT_FINITE', 'bad.csv:1: the value in field 3 is nan'],
    ['an infinity', '1,1,2\n1,2,-inf\n', {}, 'NOT_FINITE', 'bad.csv:2: the value in field 3 is -inf'],
    ['a number too large', '1,1,2\n1,2,1e999\n', {}, 'NOT_FINITE', 'bad.csv:2: the value in field 3 is 1e999, too large'],
    ['a repeated cell', '1,1,2\n2,2,3\n1,1,4\n', {}, 'DUPLICATE_CELL', 'bad.csv:3: the cell (1, 1) is given again; line 1 gave 2, this one gives 4'],
    ['a repeated cell by another spelling', '1,1,2\n1.0,1,2\n', {}, 'DUPLICATE_CELL', 'bad.csv:2: the cell (1, 1)'],
    ['a negative id', '1,1,2\n-1,2,3\n', {}, 'INDEX', 'bad.csv:2: the row id is "-1"'],
    ['a fractional id', '1,1,2\n1,2,3\n2,1.5,3\n', {}, 'INDEX', 'bad.csv:3: the column id is "1.5"'],
    ['an empty id', '1,1,2\n,2,3\n', {}, 'ID_MISSING', 'bad.csv:2: the row id in field 1 is empty'],
    ['an index below the base', '1,1,2\n0,2,3\n', { rows: 3, cols: 3 }, 'INDEX', 'bad.csv:2: the row index is 0; expected a whole number from 1 to 3'],
    ['an index above the size', '0,0,2\n0,3,3\n', { rows: 3, cols: 3, indexBase: 0 }, 'INDEX', 'bad.csv:2: the column index is 3; expected a whole number from 0 to 2'],
    ['a fractional index', '1,1,2\n1.5,2,3\n', { rows: 3, cols: 3 }, 'INDEX', 'bad.csv:2: the row index is 1.5'],
    ['text as index', '1,1,2\nx,2,3\n', { rows: 3, cols: 3 }, 'NOT_A_NUMBER', 'bad.csv:2: the row index in field 1 is "x"'],
    ['an empty index', '1,1,2\n,2,3\n', { rows: 3, cols: 3 }, 'ID_MISSING', 'bad.csv:2'],
    ['a header alone', 'user,item,rating\n', {}, 'EMPTY', 'bad.csv: the file holds no values'],
    ['blank lines alone', '\n\n', {}, 'EMPTY', 'bad.csv: the file holds no values'],
    ['an unknown column', 'user,item,rating\na,b,1\n', { columns: { value: 'score' } }, 'COLUMN', 'bad.csv:1: there is no column "score"; expected a number from 1 to 3 or one of "user", "item", "rating"'],
    ['a column number too large', '1,1,1\n', { columns: { value: 4 } }, 'COLUMN', 'bad.csv:1: there is no column "4"'],
    ['a column name without header', '1,1,1\n', { header: false, columns: { value: 'v' } }, 'COLUMN', 'bad.csv:1: there is no column "v"; expected a number from 1 to 3;'],
    ['a weight of 0', '1,1,1,1\n2,2,2,0\n', { columns: { weight: 4 } }, 'WEIGHT', 'bad.csv:2: the weight in field 4 is 0'],
    ['a negative weight', '1,1,1,-1\n', { columns: { weight: 4 } }, 'WEIGHT', 'bad.csv:1'],
    ['an option of dense files', '1,1,1\n', { missing: ['?'] }, 'OPTION', 'bad.csv: the option missing means nothing for triplets'],
    ['an unclosed quote', '1,"1,1\n', { layout: 'triplets' }, 'QUOTE', 'bad.csv:1: a quoted field is never closed'],
    ['the wrong delimiter', '1 1 1\n', { delimiter: ';', layout: 'triplets' }, 'COLUMN', 'bad.csv:1: there is no column "2"'],
  ];
  it.each(cases)('%s', async (_, text, options, code, message) => {
    const error = await failure(() => read('bad.csv', text, options));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });
});
