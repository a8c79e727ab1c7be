import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Capability, type Initializer, type Objective, startingPoint } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization, populationPhaseRetrieval } from '@lowland/objectives';
import { afterAll, expect, test } from 'vitest';

import { npyBytes } from '../data/index.ts';
import { fromFile } from './from-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-init-'));
afterAll(() => { rmSync(folder, { recursive: true }); });
const write = (name: string, shape: readonly number[], values: readonly number[]): string => {
  writeFileSync(join(folder, name), npyBytes(shape, Float64Array.from(values)));
  return join(folder, name);
};
const factors = matrixFactorization({ target: { rows: 2, cols: 3, values: new Float64Array(6).fill(1) }, rank: 1 });
const start = (objective: Objective<never>, init: Initializer) => startingPoint(objective as Objective<Capability>, init, { backend: cpu() });
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

test('a folder has a file for each block, vectors as columns or not', async () => {
  write('U.npy', [2, 1], [1, 2]);
  write('V.npy', [3], [3, 4, 5]);
  expect((await start(factors, fromFile({ path: folder }))).data).toEqual(Float64Array.of(1, 2, 3, 4, 5));
});

test('one block is one file; complex numbers are pairs', async () => {
  const file = write('signal.npy', [2, 2], [1, 2, 3, 4]);
  const signal = populationPhaseRetrieval({ signal: Float64Array.of(1, 0, 0, 1), complex: true });
  expect((await start(signal, fromFile({ path: file }))).data).toEqual(Float64Array.of(1, 2, 3, 4));
});

test('says what is wrong with a path, a file or a shape', async () => {
  const file = write('wrong.npy', [3, 1], [1, 2, 3]);
  const signal = populationPhaseRetrieval({ signal: Float64Array.of(1, 2) });
  expect(() => fromFile({})).toThrow(code('LOWLAND_E_OPTIONS'));
  await expect(start(factors, fromFile({ path: file }))).rejects.toThrow(code('LOWLAND_E_INIT_FILE'));
  await expect(start(signal, fromFile({ path: join(folder, 'nowhere.npy') }))).rejects.toThrow(code('LOWLAND_E_INIT_FILE'));
  await expect(start(signal, fromFile({ path: file }))).rejects.toThrow(code('LOWLAND_E_SHAPE'));
  await expect(start(signal, fromFile({ path: write('nan.npy', [2], [1, NaN]) }))).rejects.toThrow(code('LOWLAND_E_POINT'));
});
