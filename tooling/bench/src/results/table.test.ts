import { expect, test } from 'vitest';

import type { Task } from '../tasks/task.ts';
import { ratio, seconds } from './format.ts';
import type { Row } from './row.ts';
import { floorTable, taskTable } from './table.ts';

const task: Task = { kind: 'gemm', n: 1000, dtype: 'f64' };
const common = { task: 'gemm 1000', threads: 1 };
const rows: readonly Row[] = [
  { ...common, contender: 'lowland', status: 'measured', note: 'simd', best: 0.1, median: 0.2 },
  { ...common, contender: 'other', status: 'measured', note: '1.0', best: 0.05, median: 0.06 },
  { ...common, contender: 'liar', status: 'wrong', note: 'wrong value: 3', best: 1e-3, median: 1e-3 },
  { ...common, contender: 'nobody', status: 'absent', note: 'not installed' },
];

test('a table of times, ratios against lowland and rates', () => {
  expect(taskTable(task, 1, rows)).toBe([
    'gemm 1000, 1 thread',
    '              best   median  ratio  GFlop/s',
    '  lowland   100 ms   200 ms   1.00     20.0  simd',
    '  other    50.0 ms  60.0 ms  0.500     40.0  1.0',
    '  liar           –        –      –           wrong value: 3',
    '  nobody         –        –      –           not installed',
  ].join('\n'));
});

test('what came of the floors', () => {
  const floor = { task: 'gemm 1000', threads: 2, ours: 'lowland', rivals: ['a', 'b'], least: 0.3 };
  expect(floorTable([
    { floor, rival: 'b', ratio: 0.25, result: 'short' },
    { floor: { ...floor, rivals: ['lowland'], rivalThreads: 1, least: 1.85 }, rival: 'lowland', ratio: 1.9, result: 'met' },
    { floor, result: 'missing', reason: 'a: not installed' },
  ])).toBe([
    '  gemm 1000, 2 threads  lowland / b             0.250   >= 0.3  SHORT',
    '  gemm 1000, 2 threads  lowland / lowland on 1   1.90  >= 1.85  met',
    '  gemm 1000, 2 threads  lowland / a or b            –   >= 0.3  MISSING (a: not installed)',
  ].join('\n'));
});

test.each([
  [1.5, '1.50 s'],
  [0.0123456, '12.3 ms'],
  [4.5e-7, '0.450 µs'],
])('%d seconds are %s', (value, expected) => {
  expect(seconds(value)).toBe(expected);
});

test.each([
  [0.12345, '0.123'],
  [41.987, '42.0'],
  [12345.6, '12346'],
])('a ratio of %d is shown as %s', (value, expected) => {
  expect(ratio(value)).toBe(expected);
});
