import type { SensingDescent } from '../tasks/task.ts';
import type { Comparison } from './comparison.ts';

const descent = (n: number, count: number): SensingDescent => ({ kind: 'sensing-descent', rows: n, cols: n, count, rank: 5, iterations: 20, step: 1 / 16, dtype: 'f64' });

export const sensing: Comparison = {
  name: 'sensing',
  summary: 'gradient descent on dense measurements end to end',
  items: [{ task: descent(100, 1500), threads: [1, 2] }],
  quick: [{ task: descent(10, 60), threads: [1, 2] }],
};
