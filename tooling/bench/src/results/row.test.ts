import { expect, test } from 'vitest';

import type { Answer } from '../processes/protocol.ts';
import type { Task } from '../tasks/task.ts';
import { rowsOf } from './row.ts';

const task: Task = { kind: 'gemm', n: 8, dtype: 'f64' };
const measured = (...values: number[]): Answer => ({ status: 'measured', version: '1', samples: [3, 1, 2, 4], values });
const statuses = (of: Task, ...answers: Answer[]) => rowsOf(of, answers.map((answer, i) => ({ contender: String(i), threads: 1, answer }))).map(({ status }) => status);

test('best and median are of all samples', () => {
  expect(rowsOf(task, [{ contender: 'a', threads: 2, answer: measured(1) }])).toEqual([
    { task: 'gemm 8', threads: 2, contender: 'a', status: 'measured', note: '1', best: 1, median: 2.5 },
  ]);
});

test.each([
  ['one of three is off', [5, 5 * (1 + 1e-9), 5], ['measured', 'wrong', 'measured']],
  ['all differ by rounding', [5, 5 * (1 + 1e-13), 5], ['measured', 'measured', 'measured']],
  ['one is no number', [Number.NaN, 5, 5], ['wrong', 'measured', 'measured']],
  ['one is zero', [0, 5, 5], ['wrong', 'measured', 'measured']],
])('values are held against each other: %s', (_, values, expected) => {
  expect(statuses(task, ...values.map((value) => measured(value)))).toEqual(expected);
});

test('every number counts', () => {
  expect(statuses(task, measured(5, 7), measured(5, 8), measured(5, 7))).toEqual(['measured', 'wrong', 'measured']);
});

test('too few numbers are a wrong value', () => {
  expect(statuses(task, measured(5, 7), measured(5), measured(5, 7))).toEqual(['measured', 'wrong', 'measured']);
});

test('f32 has its own tolerance', () => {
  const single: Task = { ...task, dtype: 'f32' };
  expect(statuses(single, measured(5), measured(5 * (1 + 1e-6)), measured(5 * (1 + 1e-3)))).toEqual(['measured', 'measured', 'wrong']);
});

test('a limit has no value to agree on', () => {
  expect(statuses(task, measured(), measured(5), measured(5))).toEqual(['measured', 'measured', 'measured']);
});

test('who is absent or broke has no time', () => {
  expect(rowsOf(task, [{ contender: 'a', threads: 1, answer: { status: 'absent', reason: 'not installed' } }])).toEqual([
    { task: 'gemm 8', threads: 1, contender: 'a', status: 'absent', note: 'not installed' },
  ]);
});
