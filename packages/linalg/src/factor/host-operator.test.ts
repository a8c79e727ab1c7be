import { streamKey } from '@lowland/core';
import { expect, it } from 'vitest';

import { epsilon, filled, gaussian, withSpectrum } from '../../test/fixtures.ts';
import { symmetricEigen } from '../eigen.ts';
import { lanczos } from '../lanczos.ts';
import { matrix } from '../matrix.ts';
import { multiplyVector } from '../multiply.ts';
import { withSymmetricOperator } from './host-operator.ts';

it('multiplies as the matrix does, from its lower triangle', () => {
  for (const n of [0, 1, 2, 7, 64, 131]) {
    const g = gaussian(n, n, n);
    const a = filled(n, n, (i, j) => g.data[Math.max(i, j) * n + Math.min(i, j)]!);
    const x = gaussian(1, n, 3).data;
    const [expected, found] = [new Float64Array(n), new Float64Array(n)];
    multiplyVector(a, x, expected);
    withSymmetricOperator(g, (operator) => {
      expect(operator.size).toBe(n);
      for (let round = 0; round < 2; round++) operator.apply(x, found);
    });
    found.forEach((y, i) => { expect(Math.abs(y - expected[i]!)).toBeLessThanOrEqual(4 * n * epsilon * Math.max(...expected.map(Math.abs), 1)); });
  }
  expect(() => withSymmetricOperator(matrix(2, 3), () => 0)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
});

it('serves Lanczos, which takes workspaces of its own inside', () => {
  const a = withSpectrum(Array.from({ length: 300 }, (_, i) => 1 / (1 + i)), 4);
  const { largest } = withSymmetricOperator(a, (operator) => lanczos(operator, { key: streamKey(1, 'test'), which: 'largest', tolerance: 1e-12 }));
  expect(largest).toBeCloseTo(symmetricEigen(a).values[0]!, 12);
});
