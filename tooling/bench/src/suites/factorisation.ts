import type { Dtype } from '@lowland/core';

import type { FactorisationDescent, FactorisationGradient } from '../tasks/task.ts';
import type { Comparison } from './comparison.ts';

const rank = 10;
const gradient = (n: number): FactorisationGradient => ({ kind: 'factorisation-gradient', rows: n, cols: n, rank, dtype: 'f64' });
const descent = (n: number, dtype: Dtype): FactorisationDescent => ({ kind: 'factorisation-descent', rows: n, cols: n, rank, iterations: 60, step: 1 / 16, dtype });

export const factorisation: Comparison = {
  name: 'factorisation',
  summary: 'value and gradient of a dense factorisation, and gradient descent end to end',
  items: [
    { task: descent(1000, 'f64'), threads: [1, 2] },
    { task: descent(1000, 'f32'), threads: [1] },
    { task: gradient(1000), threads: [1, 2] },
    { task: gradient(4000), threads: [1, 2] },
  ],
  quick: [
    { task: descent(60, 'f64'), threads: [1, 2] },
    { task: descent(60, 'f32'), threads: [1] },
    { task: gradient(60), threads: [1, 2] },
  ],
};
