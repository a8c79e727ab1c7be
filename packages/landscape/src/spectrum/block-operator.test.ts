import { analyse, createPoint, layoutLength, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, gram, matrix, multiply, norm, orthonormalize } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { expect, it } from 'vitest';

import { removeSpan } from '../classify/hessian.ts';
import { type BlockOperator, composed, images, removeSpanOfAll } from './block-operator.ts';
import { spectrum } from './spectrum.ts';

const draw = (length: number, seed: number) => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers', 0), out);
  return out;
};

it('vectors leave a span together as each alone', () => {
  const q = orthonormalize(matrix(30, 4, draw(120, 1)), 1e-12);
  const xs = [draw(30, 2), draw(30, 3), draw(30, 4)];
  const together = xs.map((x) => x.slice());
  removeSpanOfAll(q, together);
  xs.forEach((x, j) => {
    removeSpan(q, x);
    expect(norm(x.map((entry, i) => entry - together[j]![i]!))).toBeLessThanOrEqual(1e-14 * norm(x));
  });
  expect(norm(multiply(q, matrix(30, 1, together[0]), { transposeA: true }).data)).toBeLessThanOrEqual(1e-15 * 6);
});

it('an operator between two maps is applied at once as one by one, and asks its own but once', () => {
  const a = gram(matrix(6, 5, draw(30, 5)));
  let calls = 0;
  const inner: BlockOperator = {
    size: 5,
    apply: (x, out) => { out.set(multiply(a, matrix(5, 1, x)).data); },
    applyAll(xs, outs) {
      calls++;
      xs.forEach((x, j) => { inner.apply(x, outs[j]!); });
    },
  };
  const outer = composed(inner, 3, (xs) => xs.map((x) => Float64Array.of(...x, 0, 0)), (found, outs) => { found.forEach((image, j) => { outs[j]!.set(image.subarray(0, 3)); }); });
  const xs = [draw(3, 6), draw(3, 7)];
  const all = images(outer, xs);
  expect(calls).toBe(1);
  xs.forEach((x, j) => {
    const one = new Float64Array(3);
    outer.apply(x, one);
    expect(all[j]).toEqual(one);
  });
});

const target = (rows: number, cols: number) => ({ rows, cols, values: draw(rows * cols, 8) });
const symmetric = { rows: 9, cols: 9, values: Float64Array.from({ length: 81 }, (_, k) => Math.cos(Math.floor(k / 9)) * Math.cos(k % 9) + (k % 10 === 0 ? 1 : 0)) };

it.each<readonly [string, unknown]>([
  ['U V^T', matrixFactorization({ target: target(14, 11), rank: 3 })],
  ['U V^T with balance and penalty', matrixFactorization({ target: target(14, 11), rank: 3, balance: 0.25, lambda: 0.1 })],
  ['X X^T', symmetricFactorization({ target: symmetric, rank: 2 })],
])('%s: the spectrum is that of single products, and counts as many', async (_, given) => {
  const objective = given as Objective<'value' | 'gradient' | 'hessianVectorProduct' | 'hessianVectorProducts'>;
  const { hessianVectorProducts, ...single } = objective.routes;
  expect(hessianVectorProducts[0]!.label).toBe('fused');
  const point = createPoint(objective.layout, draw(layoutLength(objective.layout), 9));
  const at = (routes: object) => analyse({ ...objective, routes } as typeof objective, spectrum({ method: 'lobpcg', denseVariables: 0, count: 3, steps: 40, probes: 9, probeSteps: 8, traceProducts: 24, deflate: true }), point, cpu());
  const [many, one] = [await at(objective.routes), await at(single)];
  const size = Math.abs(many.largest[0]!.value);
  expect(many.products).toBe(one.products);
  expect(Math.abs(many.trace!.value - one.trace!.value)).toBeLessThanOrEqual(1e-9 * size);
  expect(many.density!.points.every((t, i) => Math.abs(t - one.density!.points[i]!) <= 1e-9 * size)).toBe(true);
  many.smallest.forEach(({ value, residual }, k) => { expect(Math.abs(value - one.smallest[k]!.value)).toBeLessThanOrEqual(residual + one.smallest[k]!.residual + 1e-9 * size); });
});
