import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { resultFile } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

test('a part of a suite, or small sizes, never go to the file of the whole', () => {
  const out = join(folder, 'results');
  const whole = { out, quick: false, only: '', contenders: undefined };
  const named = (change: object) => basename(resultFile('kernels', { ...whole, ...change }));
  expect(named({})).toBe('kernels');
  expect(named({ only: 'gemm' })).toBe('kernels.part');
  expect(named({ contenders: ['numpy'] })).toBe('kernels.part');
  expect(named({ quick: true, only: 'gemm' })).toBe('kernels.quick');
  expect(existsSync(out)).toBe(true);
});
