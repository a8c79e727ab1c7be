import type { Eigen, Qr, RandomisedSvd, Svd } from '../tasks/task.ts';
import type { Comparison } from './comparison.ts';

const eigenvalues = (n: number) => ({ task: { kind: 'eigen', n, dtype: 'f64' } satisfies Eigen, threads: [1] });
const tall = <K extends 'qr' | 'svd'>(kind: K, rows: number, cols: number) => ({ task: { kind, rows, cols, dtype: 'f64' } as Qr | Svd, threads: [1] });
const lowRank = (n: number, rank: number) => ({ task: { kind: 'randomised-svd', rows: n, cols: n, rank, dtype: 'f64' } satisfies RandomisedSvd, threads: [1] });

export const eigen: Comparison = {
  name: 'eigen',
  summary: 'symmetric eigenvalues, thin QR, singular values',
  items: [
    ...[10, 50, 200, 500, 1000].map(eigenvalues),
    tall('qr', 1000, 10),
    tall('qr', 4000, 50),
    tall('svd', 1000, 10),
    tall('svd', 200, 200),
    lowRank(1000, 10),
  ],
  quick: [eigenvalues(12), tall('qr', 30, 4), tall('svd', 30, 4), lowRank(40, 3)],
};
