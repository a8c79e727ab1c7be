import { frobeniusNorm, matrix, multiply } from '@lowland/linalg';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { instances } from '../../test/instances.ts';
import { gaussian, inner, probe } from '../../test/support.ts';
import { matrixFactorization } from '../matrix-factorization/asymmetric.ts';
import { symmetricFactorization } from '../matrix-factorization/symmetric.ts';

it('sums the norms of the terms that cancel in the gradient', () => {
  const target = { rows: 4, cols: 3, values: gaussian(12, 'target') };
  const f = probe(matrixFactorization({ target, rank: 2, balance: 0, lambda: 0.5 }));
  const x = gaussian(14, 'point');
  const [u, v] = [matrix(4, 2, x.slice(0, 8)), matrix(3, 2, x.slice(8))];
  const m = matrix(4, 3, target.values);
  const uv = multiply(u, v, { transposeB: true });
  const terms = [
    multiply(uv, v),
    multiply(m, v),
    multiply(uv, u, { transposeA: true }),
    multiply(m, u, { transposeA: true }),
    matrix(4, 2, u.data.map((value) => value / 2)),
    matrix(3, 2, v.data.map((value) => value / 2)),
  ];
  const expected = terms.reduce((sum, term) => sum + frobeniusNorm(term), 0);
  expect(f.problem.scale!.gradient({ layout: f.problem.layout, data: x })).toBeCloseTo(expected, 12);
});

it('is 6 |X| for 1/4 |X X^T - M|^2', () => {
  const f = probe(symmetricFactorization({ target: { rows: 3, cols: 3, values: new Float64Array(9) }, rank: 2 }));
  const data = Float64Array.of(3, 0, 0, 4, 0, 0);
  expect(f.problem.scale!.hessianLipschitz({ layout: f.problem.layout, data })).toBeCloseTo(24, 12);
});

describe.each(Object.entries(instances))('%s', (name, objective) => {
  const f = probe(objective);

  it('has at least the norm of the gradient as its scale, and f(0) as its value at zero', () => {
    const x = gaussian(f.size, 'scale');
    const g = f.gradient(x);
    const scale = f.problem.scale!;
    expect(scale.gradient({ layout: objective.layout, data: x })).toBeGreaterThanOrEqual(Math.sqrt(inner(g, g)) * (1 - 1e-12));
    expect(scale.zeroValue).toBeCloseTo(f.value(new Float64Array(f.size)), 12);
  });

  // Huber's Hessian jumps where a residual passes delta: it has no Lipschitz constant there.
  if (name.includes('Huber')) return;
  it('bounds the third derivative by its Hessian Lipschitz constant', () => {
    for (let trial = 0; trial < runs(40); trial++) {
      const x = gaussian(f.size, 'point', trial);
      const v = gaussian(f.size, 'direction', trial);
      const size = Math.sqrt(inner(v, v));
      const d = v.map((value) => value / size);
      // Exact up to rounding: the Hessian is quadratic in x.
      const h = 1e-3;
      const at = (t: number): number => inner(d, f.curve(x.map((value, k) => value + t * d[k]!), d));
      const third = Math.abs(at(h) - at(-h)) / (2 * h);
      expect(third).toBeLessThanOrEqual(f.problem.scale!.hessianLipschitz({ layout: objective.layout, data: x }) * (1 + 1e-9));
    }
  });
});
