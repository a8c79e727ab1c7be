import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { contenders } from '../contenders/contenders.ts';
import type { Task } from '../tasks/task.ts';
import { Gate } from './idle.ts';
import type { Measured } from './protocol.ts';
import { groupsOf, measureTask } from './rounds.ts';
import { contenderEnvironment } from './start.ts';

const cache = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(cache, { recursive: true }); });

const gemm: Task = { kind: 'gemm', n: 9, dtype: 'f64' };
const descent: Task = { kind: 'factorisation-descent', rows: 9, cols: 8, rank: 2, iterations: 3, step: 0.5, dtype: 'f64' };
const named = (...names: string[]) => contenders.filter(({ name }) => names.includes(name));
const groups = (task: Task, threads: number) => groupsOf(named('lowland', 'lowland plain', 'openblas', 'numpy'), task, threads).map((group) => group.contenders.map(({ name }) => name));

test('kernels on one thread share a process; loops, threads and Python do not', () => {
  expect(groups(gemm, 1)).toEqual([['lowland', 'lowland plain', 'openblas'], ['numpy']]);
  expect(groups(gemm, 2)).toEqual([['lowland'], ['openblas'], ['numpy']]);
  expect(groups(descent, 1)).toEqual([['lowland'], ['lowland plain'], ['numpy']]);
});

test('OpenBLAS is left to choose its kernels', () => {
  process.env['OPENBLAS_CORETYPE'] = 'Prescott';
  const environment = contenderEnvironment(2);
  delete process.env['OPENBLAS_CORETYPE'];
  expect(environment).not.toHaveProperty('OPENBLAS_CORETYPE');
  expect(environment).toMatchObject({ OPENBLAS_NUM_THREADS: '2' });
});

test('rounds of processes give samples and one value; who is absent is asked once', async () => {
  const gate = new Gate({ open: true });
  const how = { node: process.execPath, python: undefined, rounds: 2, seconds: () => 0.001, cache, gate };
  const answers = await measureTask(named('lowland', 'lowland plain', 'numpy'), gemm, 1, how);
  expect([...answers.keys()]).toEqual(['lowland', 'lowland plain', 'numpy']);
  expect(answers.get('numpy')).toMatchObject({ status: 'absent' });
  const [simd, plain] = ['lowland', 'lowland plain'].map((name) => answers.get(name) as Measured);
  expect(simd!.samples.length).toBeGreaterThanOrEqual(2);
  expect(simd!.values).toEqual(plain!.values);
  expect(gate.starts).toBe(3);
});

test('when one takes a shared process down, all are asked alone', async () => {
  const asked: (readonly string[])[] = [];
  const how = { node: '', python: undefined, rounds: 2, seconds: () => 1, cache, gate: new Gate({ open: true }) };
  const answers = await measureTask(named('lowland', 'lowland plain', 'openblas'), gemm, 1, {
    ...how,
    ask: async (_language, _programs, { contenders: names }) => {
      asked.push(names);
      const broken = names.includes('openblas');
      return Object.fromEntries(names.map((name) => [name, broken ? { status: 'failed', reason: 'a crash' } : { status: 'measured', version: '', samples: [1], values: [] }]));
    },
  });
  expect(asked).toEqual([['lowland', 'lowland plain', 'openblas'], ['lowland'], ['lowland plain'], ['openblas'], ['lowland', 'lowland plain']]);
  expect([...answers.values()].map(({ status }) => status)).toEqual(['measured', 'measured', 'failed']);
});

test('who would take minutes is left out, and says so', async () => {
  const how = { node: '', python: undefined, rounds: 1, seconds: () => 1, cache, gate: new Gate({ open: true }) };
  expect([...(await measureTask(named('numpy-ts'), { kind: 'eigen', n: 500, dtype: 'f64' }, 1, how)).entries()]).toMatchObject([['numpy-ts', { status: 'absent' }]]);
  expect(how.gate.starts).toBe(0);
});

test('a contender that breaks is its own answer', async () => {
  const how = { node: join(cache, 'no-such-node'), python: undefined, rounds: 2, seconds: () => 0.001, cache, gate: new Gate({ open: true }) };
  expect([...(await measureTask(named('lowland'), gemm, 1, how)).values()]).toMatchObject([{ status: 'failed' }]);
});
