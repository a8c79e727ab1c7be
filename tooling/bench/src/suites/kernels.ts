import type { Comparison, Item } from './comparison.ts';

const products = (sizes: readonly number[], singles: readonly number[]): readonly Item[] => [
  ...sizes.map((n) => ({ task: { kind: 'gemm' as const, n, dtype: 'f64' as const }, threads: [1, 2] })),
  ...singles.map((n) => ({ task: { kind: 'gemm' as const, n, dtype: 'f32' as const }, threads: [1] })),
];

export const kernels: Comparison = {
  name: 'kernels',
  summary: 'products of square matrices, f64 and f32',
  items: products([128, 256, 512, 1024], [256, 1024]),
  quick: products([48], [48]),
};
