import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { instanceFolder, readInstance, writeInstance } from './files.ts';
import { generate } from './generate.ts';
import type { Task } from './task.ts';

const cache = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(cache, { recursive: true }); });

const completion: Task = { kind: 'completion-descent', rows: 20, cols: 30, observed: 100, rank: 2, iterations: 3, step: 0.5, dtype: 'f64' };

test('numbers of both types come back, bit by bit', () => {
  const instance = { x: Float64Array.of(1, -0, Number.MIN_VALUE, Number.POSITIVE_INFINITY), row: Int32Array.of(-1, 2 ** 31 - 1) };
  writeInstance(join(cache, 'both'), instance);
  expect(readInstance(join(cache, 'both'))).toEqual(instance);
});

test('files are raw little-endian numbers', () => {
  writeInstance(join(cache, 'raw'), { x: Float64Array.of(1) });
  expect([...readFileSync(join(cache, 'raw', 'x.f64'))]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
});

test('an instance is written once, and is that of the streams', () => {
  const folder = instanceFolder(cache, completion);
  expect(instanceFolder(cache, completion)).toBe(folder);
  expect(readInstance(folder)).toEqual(generate(completion));
});

test('a gradient and a descent, f64 and f32, share an instance', () => {
  const common = { rows: 6, cols: 5, rank: 2 };
  const folders = [
    instanceFolder(cache, { kind: 'factorisation-gradient', ...common, dtype: 'f64' }),
    instanceFolder(cache, { kind: 'factorisation-descent', ...common, iterations: 3, step: 0.5, dtype: 'f32' }),
  ];
  expect(new Set(folders).size).toBe(1);
});

test('observed cells are different ones, in the order of rows', () => {
  const { row, col } = generate(completion);
  const cells = Array.from(row!, (i, k) => i * 30 + col![k]!);
  expect(cells).toHaveLength(100);
  expect(cells.every((cell, k) => cell >= 0 && cell < 600 && (k === 0 || cell > cells[k - 1]!))).toBe(true);
});
