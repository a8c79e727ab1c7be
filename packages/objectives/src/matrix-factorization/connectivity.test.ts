/** How the minima of 1/4 |X X^T - M|^2 hang together (catalogue A5, fixture F54): O(r) has two components, O(r + 1) joins them. */
import { matrix, multiply, scaleColumns } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { orthogonal, probe } from '../../test/support.ts';
import { symmetricFactorization } from './symmetric.ts';

const n = 7;
const q = orthogonal(n, 'basis');
const basis = matrix(n, 2, Float64Array.from({ length: 2 * n }, (_, k) => q.data[Math.floor(k / 2) * n + (k % 2)]!));
const columns = scaleColumns(basis, [2.1, 1.4]);
const target = { rows: n, cols: n, values: multiply(columns, columns, { transposeB: true }).data };
const fits = { 2: probe(symmetricFactorization({ target, rank: 2 })), 3: probe(symmetricFactorization({ target, rank: 3 })) };

/** The largest value along a path of 1,001 points, X R(t) with R: 2 x rank. */
function barrier(rank: 2 | 3, path: (t: number) => readonly number[]): number {
  let most = 0;
  for (let k = 0; k <= 1000; k++) {
    const r = matrix(2, rank, Float64Array.from(path(k / 1000)));
    most = Math.max(most, fits[rank].value(multiply(columns, r).data));
  }
  return most;
}

describe('paths between minima, r = 2', () => {
  it('straight from X to -X the barrier is f(0)', () => {
    const zero = fits[2].value(new Float64Array(2 * n));
    expect(Math.abs(barrier(2, (t) => [1 - 2 * t, 0, 0, 1 - 2 * t]) - zero)).toBeLessThan(1e-8);
  });

  it('straight to X with a reflected column it is |x_2|^4 / 4', () => {
    expect(Math.abs(barrier(2, (t) => [1, 0, 0, 1 - 2 * t]) - 1.4 ** 4 / 4)).toBeLessThan(1e-8);
  });

  it('along a rotation there is none', () => {
    const turn = (t: number): readonly number[] => [Math.cos(Math.PI * t), Math.sin(Math.PI * t), -Math.sin(Math.PI * t), Math.cos(Math.PI * t)];
    expect(barrier(2, turn)).toBeLessThan(1e-8);
  });

  it('with a column more the reflection is a turn through that column: none', () => {
    expect(barrier(3, (t) => [1, 0, 0, 0, Math.cos(Math.PI * t), Math.sin(Math.PI * t)])).toBeLessThan(1e-8);
  });
});
