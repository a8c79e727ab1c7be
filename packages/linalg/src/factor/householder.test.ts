import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { gaussian } from '../../test/fixtures.ts';
import { both } from '../../test/workspaces.ts';
import { matrix } from '../matrix.ts';
import { thinQr } from '../qr.ts';
import { applyReflections, factorise } from './householder.ts';
import { PlainWorkspace } from './plain-workspace.ts';

const rows = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 700 }));
const pairs = fc.nat({ max: 14 });

describe('kernels of reflections', () => {
  it('have the same bits on the heap and in the arena', () => {
    fc.assert(
      fc.property(rows, pairs, fc.nat({ max: 3 }), fc.nat(), (m, half, gap, seed) => {
        const columns = 2 * half;
        const row = columns + gap;
        const [a, v, w, s] = [0, m * row, m * row + 2 * m, m * row + 2 * m + columns];
        const [plain, wasm] = both(s + 2 * columns + m * row + 2, seed, (workspace, at) => {
          const { reflections } = workspace;
          // x once outside of A, once its second column, which the pass changes.
          reflections.reflect(m, columns, at + a, row, at + v, 2, at + w, at + v + 1, 2, at + s);
          if (half > 0) reflections.reflect(m, columns, at + a, row, at + v, 2, at + w, at + a + 1, row, at + s);
          reflections.magnitudes(m, columns, at + a, row, at + s + columns);
          const odd = Math.max(0, columns - 1);
          reflections.scaleColumns(m, odd, at + a, row, at + s, at + s + 2 * columns, odd);
          reflections.scaleColumns(m, odd, at + a, row, at + s + columns, at + a, row);
        });
        expect(wasm).toEqual(plain);
      }),
      { numRuns: runs(300), seed: 21 },
    );
  });

  it('pass NaN, infinities, zeros of both signs and subnormal numbers alike', () => {
    const special = [Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, -1e-310, 1e308, 1];
    const [m, columns] = [18, 6];
    const [plain, wasm] = both(m * columns + 40 + 2 * m, 1, (workspace, at) => {
      const { data, reflections } = workspace;
      for (let i = 0; i < m * columns; i++) if (i % 3 === 0) data[at + i] = special[(i / 3 + Math.floor(i / 27)) % special.length]!;
      const end = at + m * columns;
      reflections.magnitudes(m, columns, at, columns, end);
      reflections.scaleColumns(m, 5, at, columns, end, at, columns);
      reflections.reflect(m, columns, at, columns, end + 40, 1, end + 10, end + 40 + m, 1, end + 20);
    });
    expect(wasm.some(Number.isNaN)).toBe(true);
    expect(wasm).toEqual(plain);
  });

  it('do what they say', () => {
    const workspace = new PlainWorkspace();
    const at = workspace.take(12);
    workspace.data.set([1, 2, 3, 4, /* v */ 1, -1, /* w */ 10, 0, /* s */ 0, 100, /* x */ 2, 1], at);
    workspace.reflections.reflect(2, 2, at, 2, at + 4, 1, at + 6, at + 10, 1, at + 8);
    expect([...workspace.data.slice(at, at + 4)]).toEqual([-9, 2, 13, 4]);
    expect([...workspace.data.slice(at + 8, at + 10)]).toEqual([-5, 108]);
    workspace.data.set([3, -4, Number.NaN, 2, 1, 0], at);
    workspace.reflections.magnitudes(2, 2, at, 2, at + 4);
    expect([...workspace.data.slice(at + 4, at + 6)]).toEqual([3, 4]);
  });
});

describe('factorise', () => {
  it.each([[5, 5], [40, 7], [7, 40], [300, 10], [513, 65], [1100, 70], [70, 1100], [270, 270]])('%d × %d: the same bits on the heap and in the arena, there and back', (m, n) => {
    const row = n + (n % 2);
    const k = Math.min(m, n);
    const [r, c] = [m * row, m * row + k * row];
    const [plain, wasm] = both(c + m * row, m + n, (workspace, at) => {
      if (row > n) for (let i = 0; i < m; i++) workspace.data[at + i * row + n] = 0;
      workspace.data.fill(0, at + r, at + c + m * row);
      const reflections = factorise(workspace, m, n, at, row, at + r);
      workspace.data.copyWithin(at + c, at + r, at + c);
      applyReflections(workspace, reflections, at + c, row, n);
    });
    expect(wasm).toEqual(plain);
    // Q R is the matrix again.
    const given = gaussian(1, c + m * row, m + n).data;
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) expect(Math.abs(plain[c + i * row + j]! - given[i * row + j]!)).toBeLessThan(1e-12);
  });
});

it('sums millions of equal numbers without drift: the column of Q has unit norm to a few roundings', () => {
  const { q } = thinQr(matrix(3_000_000, 1, new Float64Array(3_000_000).fill(0.1)));
  // A compensated sum; of the squares each is rounded once.
  let [sum, lost] = [0, 0];
  for (const x of q.data) {
    const total = sum + x * x;
    lost += sum - total + x * x;
    sum = total;
  }
  expect(Math.abs(sum + lost - 1)).toBeLessThan(20 * 2 ** -52);
});
