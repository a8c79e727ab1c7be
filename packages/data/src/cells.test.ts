import { describe, expect, it } from 'vitest';

import { type CellOptions, type Cells, readCells } from './cells.ts';
import { npyBytes } from './npy.ts';
import { readData } from './read.ts';
import { failure, file } from './testing.ts';

const labelled = (): ReturnType<typeof readData> => readData(file('data.csv', 'user,item,rating\nann,"Up, up",5\nbob,Alien,4\n'));
const cells = async (text: string, options?: CellOptions): Promise<Cells> => readCells(file('cells.csv', text), await labelled(), options);

describe('readCells', () => {
  it('reads pairs of ids, with a header or without', async () => {
    const expected = { row: Int32Array.of(1, 0, 1), col: Int32Array.of(0, 0, 0) };
    expect(await cells('bob,"Up, up"\nann,"Up, up"\nbob,"Up, up"\n')).toEqual(expected);
    expect(await cells('user,item,when\nbob,"Up, up",1\nann,"Up, up",2\nbob,"Up, up",3\n')).toEqual(expected);
    expect(await cells('item;user\n"Up, up";bob\n', { columns: { row: 'user', col: 'item' } })).toEqual({ row: Int32Array.of(1), col: Int32Array.of(0) });
  });

  it('reads numbers where there are no labels, counted as the data is', async () => {
    const numpy = await readData(file('m.npy', npyBytes([2, 2], Float64Array.of(1, 2, 3, 4))));
    expect(await readCells(file('c.txt', '0 1\n1 1\n'), numpy)).toEqual({ row: Int32Array.of(0, 1), col: Int32Array.of(1, 1) });
    const table = await readData(file('m.csv', '1,2\n3,4\n'));
    expect(await readCells(file('c.txt', 'row col\n1 2\n2 2\n'), table)).toEqual({ row: Int32Array.of(0, 1), col: Int32Array.of(1, 1) });
  });

  it('reads integer ids however they are spelled', async () => {
    const data = await readData(file('ids.csv', '10,7,1\n9,8,2\n'));
    expect(await readCells(file('c.csv', '10.0,8\n9,+7\n'), data)).toEqual({ row: Int32Array.of(1, 0), col: Int32Array.of(1, 0) });
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
    const table = await readData(file('m.csv', '1,2\n3,4\n'));
    const error = await failure(() => readCells(file('c.csv', '1,1\n0,1\n'), table));
    expect(error).toMatchObject({ code: 'LOWLAND_E_DATA_UNKNOWN_ID', message: expect.stringContaining('c.csv:2: the row id "0" is not in the data; expected a number from 1 to 2') as string });
  });
});
