import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { type Cells, fileInput, readCells, readData } from './index.ts';
import { writePredictions } from './predictions.ts';
import { temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const labelled = (): ReturnType<typeof readData> => readData(fileInput(folder.write('data.csv', 'user,item,rating\nann,"Up, up",5\nbob,Alien,4\n')));
const cells = async (text: string): Promise<Cells> => readCells(fileInput(folder.write('cells.csv', text)), await labelled());

describe('writePredictions', () => {
  it('writes ids as the data has them, and numbers that read back', async () => {
    const data = await labelled();
    const path = folder.path('predictions.csv');
    writePredictions(path, data, await cells('ann,"Up, up"\nbob,Alien\n'), Float64Array.of(1 / 3, -2));
    expect(readFileSync(path, 'utf8')).toBe('row,column,value\nann,"Up, up",0.3333333333333333\nbob,Alien,-2\n');
    const back = await readData(fileInput(path));
    expect(back).toMatchObject({ rowLabels: ['ann', 'bob'], data: { values: Float64Array.of(1 / 3, -2) } });
  });

  it('writes many lines in pieces', async () => {
    const table = await readData(fileInput(folder.write('m.csv', '1,2\n3,4\n')));
    const count = 25_000;
    const path = folder.path('many.csv');
    writePredictions(path, table, { row: new Int32Array(count), col: new Int32Array(count).fill(1) }, Float64Array.from({ length: count }, (_, k) => k));
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(count + 1);
    expect(lines.at(-1)).toBe('1,2,24999');
  });
});
