import type { CompletionDescent, CompletionRecovery } from '../tasks/task.ts';
import type { Comparison } from './comparison.ts';

const descent = (n: number, observed: number): CompletionDescent => ({ kind: 'completion-descent', rows: n, cols: n, observed, rank: 10, iterations: 200, step: 2 ** -10, dtype: 'f64' });

/** Four times as many entries as degrees of freedom. */
const recovery = (n: number, rank: number, condition: number): CompletionRecovery => ({ kind: 'completion-recovery', rows: n, cols: n, observed: 4 * rank * (2 * n - rank), rank, condition, dtype: 'f64' });

export const completion: Comparison = {
  name: 'completion',
  summary: 'gradient descent on observed entries end to end, and recovery by the method that suits',
  items: [
    { task: descent(5000, 250_000), threads: [1, 2] },
    ...[1, 20].flatMap((condition) => [recovery(500, 5, condition), recovery(2000, 10, condition)]).map((task) => ({ task, threads: [1] })),
  ],
  quick: [
    { task: descent(200, 2000), threads: [1, 2] },
    { task: recovery(60, 2, 2), threads: [1] },
  ],
};
