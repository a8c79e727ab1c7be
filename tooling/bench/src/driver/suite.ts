import { interleaved } from './fresh.ts';
import type { Suite } from '../suite.ts';
import { figureTable, type Figure } from './figures.ts';

const module = new URL('measure.ts', import.meta.url).pathname;

/**
 * What solve() costs over a hand-written loop: the same bound kernels, the same iterations, |∇f| tested each time.
 *
 * Targets: at least 80% of the iterations a second on a 20 × 20 rank-3 factorization; at most 150 ns more an iteration on
 * a terrain of two variables.
 */
export const driver: Suite = {
  summary: 'gradient descent through solve() against a hand-written loop over the same kernels',
  async run({ node, print }) {
    const ns = await interleaved(module, ['factorization-hand', 'factorization-solve', 'well-hand', 'well-solve'], { rounds: 5, node });
    const ratio = ns['factorization-hand'] / ns['factorization-solve'];
    const added = ns['well-solve'] - ns['well-hand'];
    const show = (value: number) => `${value.toFixed(1)} ns`;
    const figures: readonly Figure[] = [
      { name: 'factorization 20×20 rank 3, by hand', value: show(ns['factorization-hand']) },
      { name: 'factorization 20×20 rank 3, solve()', value: show(ns['factorization-solve']) },
      { name: 'iterations a second, solve() to hand', value: ratio.toFixed(2), target: { text: 'at least 0.80', met: ratio >= 0.8 } },
      { name: 'double well, by hand', value: show(ns['well-hand']) },
      { name: 'double well, solve()', value: show(ns['well-solve']) },
      { name: 'added by solve() an iteration', value: show(added), target: { text: 'at most 150 ns', met: added <= 150 } },
    ];
    print(figureTable(figures));
    return figures.every(({ target }) => target?.met !== false);
  },
};
