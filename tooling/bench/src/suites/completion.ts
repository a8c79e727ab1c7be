import type { CompletionDescent } from '../tasks/task.ts';
import type { Comparison } from './comparison.ts';

const descent = (n: number, observed: number): CompletionDescent => ({ kind: 'completion-descent', rows: n, cols: n, observed, rank: 10, iterations: 200, step: 2 ** -10, dtype: 'f64' });

export const completion: Comparison = {
  name: 'completion',
  summary: 'gradient descent on observed entries end to end',
  items: [{ task: descent(5000, 250_000), threads: [1, 2] }],
  quick: [{ task: descent(200, 2000), threads: [1, 2] }],
};
