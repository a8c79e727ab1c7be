import type { CompletionRecovery } from '../tasks/task.ts';
import type { Comparison, Item } from './comparison.ts';

/** Four times as many entries as degrees of freedom. */
const item = (n: number, rank: number, condition: number): Item => ({
  task: { kind: 'completion-recovery', rows: n, cols: n, observed: 4 * rank * (2 * n - rank), rank, condition, dtype: 'f64' } satisfies CompletionRecovery,
  threads: [1],
});

export const recovery: Comparison = {
  name: 'recovery',
  summary: 'a matrix of known rank from exact entries, to 1e-6 on those held back, against other L-BFGS',
  items: [1, 20].flatMap((condition) => [item(500, 5, condition), item(2000, 10, condition)]),
  quick: [item(60, 2, 2)],
};
