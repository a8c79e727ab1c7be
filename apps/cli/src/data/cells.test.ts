import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { type CellOptions, type Cells, readCells } from './cells.ts';
import { npyBytes } from './npy.ts';
import { writePredictions } from './predictions.ts';
import { readData } from './read.ts';
import { failure, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const labelled = (): ReturnType<typeof readData> => readData(folder.write('data.csv', 'user,item,rating\nann,"Up, up",5\nbob,Alien,4\n'));
const cells = async (text: string, options?: CellOptions): Promise<Cells> => readCells(folder.write('cells.csv', text), await labelled(), options);

describe('readCells', () => {
  it('reads pairs of ids, with a header or without', async () => {
    const expected = { row: Int32Array.of(1, 0, 1), col: Int32Array.of(0, 0, 0) };
    expect(await cells('bob,"Up, up"\nann,"Up, up"\nbob,"Up, up"\n')).toEqual(expected);
    expect(await cells('user,item,when\nbob,"Up, up",1\nann,"Up, up",2\nbob,"Up, up",3\n')).toEqual(expected);
    expect(await cells('item;user\n"Up, up";bob\n', { columns: { row: 'user', col: 'item' } })).toEqual({ row: Int32Array.of(1), col: Int32Array.of(0) });
  });

  it('reads numbers where there are no labels, counted as the data is', async () => {
    const numpy = await readData(folder.write('m.npy', npyBytes([2, 2], Float64Array.of(1, 2, 3, 4))));
    expect(await readCells(folder.write('c.txt', '0 1\n1 1\n'), numpy)).toEqual({ row: Int32Array.of(0, 1), col: Int32Array.of(1, 1) });
    const table = await readData(folder.write('m.csv', '1,2\n3,4\n'));
    expect(await readCells(folder.write('c.txt', 'row col\n1 2\n2 2\n'), table)).toEqual({ row: Int32Array.of(0, 1), col: Int32Array.of(1, 1) });
  });

  it('reads integer ids however they are spelled', async () => {
    const data = await readData(folder.write('ids.csv', '10,7,1\n9,8,2\n'));
    expect(await readCells(folder.write('c.csv', '10.0,8\n9,+7\n'), data)).toEqual({ row: Int32Array.of(1, 0), col: Int32Array.of(1, 0) });
  });

  const cases: readonly (readonly [what: string, text: string, code: string, message: string])[] = [
    ['an unknown row', 'bob,Alien\ncy,Alien\n', 'UNKNOWN_ID', 'cells.csv:2: the row id "cy" is not in the data; expected one of its 2 row ids'],
    ['an unknown column', 'bob,Brazil\n', 'UNKNOWN_ID', 'cells.csv:1: the column id "Brazil"'],
    ['an unknown number in the first line', '7,8\n', 'UNKNOWN_ID', 'cells.csv:1: the row id "7"'],
    ['an empty id', 'bob,Alien\nbob,\n', 'ID_MISSING', 'cells.csv:2: the column id in field 2 is empty'],
    ['a short line', 'bob,Alien\nbob\n', 'RAGGED', 'cells.csv:2: this line has 1 field; expected 2'],
    ['a single column', 'bob\n', 'COLUMN', 'cells.csv:1: there is no column "2"'],
    ['a header alone', 'user,item\n', 'EMPTY', 'cells.csv: the file lists no cells'],
    ['nothing', '', 'EMPTY', 'cells.csv: the file is empty'],
  ];
  it.each(cases)('refuses %s', async (_, text, code, message) => {
    const error = await failure(() => cells(text));
    expect(error.code).toBe(`LOWLAND_E_DATA_${code}`);
    expect(error.message).toContain(message);
  });

  it('refuses numbers outside the matrix', async () => {
    const table = await readData(folder.write('m.csv', '1,2\n3,4\n'));
    const error = await failure(() => readCells(folder.write('c.csv', '1,1\n0,1\n'), table));
    expect(error).toMatchObject({ code: 'LOWLAND_E_DATA_UNKNOWN_ID', message: expect.stringContaining('c.csv:2: the row id "0" is not in the data; expected a number from 1 to 2') as string });
  });
});

describe('writePredictions', () => {
  it('writes ids as the data has them, and numbers that read back', async () => {
    const data = await labelled();
    const path = folder.path('predictions.csv');
    writePredictions(path, data, await cells('ann,"Up, up"\nbob,Alien\n'), Float64Array.of(1 / 3, -2));
    expect(readFileSync(path, 'utf8')).toBe('row,column,value\nann,"Up, up",0.3333333333333333\nbob,Alien,-2\n');
    const back = await readData(path);
    expect(back).toMatchObject({ rowLabels: ['ann', 'bob'], data: { values: Float64Array.of(1 / 3, -2) } });
  });

  it('writes many lines in pieces', async () => {
    const table = await readData(folder.write('m.csv', '1,2\n3,4\n'));
    const count = 25_000;
    const path = folder.path('many.csv');
    writePredictions(path, table, { row: new Int32Array(count), col: new Int32Array(count).fill(1) }, Float64Array.from({ length: count }, (_, k) => k));
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(count + 1);
    expect(lines.at(-1)).toBe('1,2,24999');
  });
});
