import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { doubleWell, generalizedEigenvalue, linearNetwork, matrixFactorization, monkeySaddle, populationPhaseRetrieval, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import type { SecondOrder } from '../classify/hessian.ts';
import { nullity, type NullityReport } from './nullity-report.ts';

const backend = cpu();
const at = (objective: unknown, x: ArrayLike<number>, options = {}): Promise<NullityReport> => {
  const smooth = objective as Objective<SecondOrder>;
  return analyse(smooth, nullity(options), createPoint(smooth.layout, Float64Array.from(x)), backend);
};
const diagonalOf = (rows: number, cols: number, entries: readonly number[]) => ({ rows, cols, values: Float64Array.from({ length: rows * cols }, (_, k) => (k % cols === Math.floor(k / cols) ? (entries[k % cols] ?? 0) : 0)) });
const roots = (rows: number, cols: number, entries: readonly number[], factor = 1): Float64Array => diagonalOf(rows, cols, entries.map((value) => factor * Math.sqrt(value))).values;

describe('null spaces of factorizations', () => {
  const entries = [5, 3, 2];
  const target = diagonalOf(6, 6, entries);

  // golden 2, founding-papers 3.4
  it.each([
    [3, 3, 'none'],
    [4, 9, 'over-parametrised'],
  ])('M = diag(5, 3, 2, 0, 0, 0) with %d columns: %d zeros', async (columns, zeros, kind) => {
    const report = await at(symmetricFactorization({ target, rank: columns }), roots(6, columns, entries));
    expect(report).toMatchObject({ group: `O(${columns})`, measured: zeros, predicted: columns === 3 ? 3 : 6, status: 'clear', relativeGradient: expect.closeTo(0, 14) as number });
    expect(report.excess).toMatchObject({ kind, dimension: zeros - report.predicted });
    expect(report.stabiliserDimension).toBe(0);
    expect(report.angles).toHaveLength(report.predicted);
    for (const angle of report.angles) expect(angle).toBeLessThan(1e-12);
  });

  it('near a degenerate minimum the null space is ambiguous, and nothing is claimed', async () => {
    const x = roots(6, 4, entries);
    x[15] = 3e-4;
    const report = await at(symmetricFactorization({ target, rank: 4 }), x);
    expect(report.status).toBe('ambiguous');
    expect(report.excess.kind).toBe('unexplained');
  });

  it('an orbit with a direction so short that rounding bends it is not said to be the null space', async () => {
    // by the penalty unused columns are curved; two of them, of length 3e-7, turn into each other
    const x = new Float64Array(18);
    x[0] = 2;
    [x[4], x[8]] = [3e-7, 2e-7];
    const report = await at(symmetricFactorization({ target: diagonalOf(6, 6, [5]), rank: 3, lambda: 1 }), x);
    expect(report).toMatchObject({ predicted: 3, measured: 2, status: 'clear', excess: { kind: 'unexplained' } });
    expect(report.excess.statement).toContain("1 of the orbit's directions are not flat");
  });

  // golden 4: sigma = (4, 2.5, 1.5), m = 5, n = 4, d = 3
  it.each([[0, 9], [1 / 8, 3]])('balance %d: %d zeros, all of the orbit, also far out on it', async (balance, zeros) => {
    const sigma = [4, 2.5, 1.5];
    const objective = matrixFactorization({ target: diagonalOf(5, 4, sigma), rank: 3, balance });
    for (const scale of balance === 0 ? [1, 3] : [1]) {
      const report = await at(objective, [...roots(5, 3, sigma, scale), ...roots(4, 3, sigma, 1 / scale)]);
      expect([report.measured, report.predicted, report.excess.kind]).toEqual([zeros, zeros, 'none']);
      expect(report.angles[0]).toBeLessThan(1e-11);
    }
  });

  it('away from stationary points the tangent is not null, and the angles say so', async () => {
    const x = new Float64Array(18);
    normals(streamKey(1, 'nullity', 0), x);
    const report = await at(symmetricFactorization({ target, rank: 3 }), x);
    expect(report.predicted).toBe(3);
    expect(report.angles[0]).toBeGreaterThan(0.1);
    expect(report.relativeGradient).toBeGreaterThan(1e-3);
  });
});

describe('zeros that no named symmetry explains', () => {
  // catalogue O3: {z perp x, |z|^2 = 1/3}, Hessian {-2, 0 x (n - 2), 2}
  it('population phase retrieval: rotations that fix the signal', async () => {
    const objective = populationPhaseRetrieval({ signal: Float64Array.of(1, 0, 0, 0, 0) });
    const report = await at(objective, [0, Math.sqrt(1 / 3), 0, 0, 0]);
    expect(report).toMatchObject({ predicted: 0, measured: 3, excess: { dimension: 3, kind: 'family' } });
  });

  // founding-papers 14, golden 14: (L - 1) d^2 directions of the layers at a global minimum
  it('layers of a linear network', async () => {
    const objective = linearNetwork({ data: diagonalOf(2, 2, [3, 1]), depth: 3, width: 2 });
    const layer = roots(2, 2, [9 ** (1 / 3), 1]);
    const report = await at(objective, [...layer, ...layer, ...layer]);
    expect(report).toMatchObject({ group: 'GL(2) x GL(2)', predicted: 8, measured: 8, excess: { kind: 'none' } });
  });

  // Two of three neurons in each layer: those that are left over come in at third order.
  it('neurons of a linear network that are not used', async () => {
    const objective = linearNetwork({ data: diagonalOf(2, 2, [3, 1]), depth: 3, width: 3 });
    const chain = [[3, 2], [3, 3], [2, 3]].flatMap(([rows, cols]) => [...diagonalOf(rows!, cols!, [3 ** (1 / 3), 1]).values]);
    const report = await at(objective, chain);
    // K_1 and K_2 are 3 x 3, of which e_3 e_3^T does nothing in either.
    expect(report).toMatchObject({ group: 'GL(3) x GL(3)', predicted: 16, stabiliserDimension: 2, status: 'clear', excess: { kind: 'over-parametrised', dimension: 1 } });
    for (const angle of report.angles) expect(angle).toBeLessThan(1e-11);
  });

  it('layers under rotations alone, spans, phases, rotations of variables', async () => {
    // Balanced with W_2^T W_2 = W_1 W_1^T: stationary values sigma^(2/3) satisfy t^5 + lambda t = sigma t^2 …, found by Newton's method.
    const penalised = linearNetwork({ data: diagonalOf(2, 2, [3, 2]), depth: 3, width: 2, lambda: 0.1 });
    const root = (sigma: number): number => {
      let w = Math.cbrt(sigma);
      for (let k = 0; k < 50; k++) w -= ((w ** 3 - sigma) * w ** 2 + 0.1 * w) / (5 * w ** 4 - 2 * sigma * w + 0.1);
      return w;
    };
    const layer = diagonalOf(2, 2, [root(3), root(2)]).values;
    expect(await at(penalised, [...layer, ...layer, ...layer])).toMatchObject({ group: 'O(2) x O(2)', predicted: 2, measured: 2, excess: { kind: 'none' } });

    const eigen = generalizedEigenvalue({ data: diagonalOf(5, 5, [5, 3, 2, 1, 0.5]), rank: 2 });
    expect(await at(eigen, [2, 1, 0, 1, 0, 0, 0, 0, 0, 0])).toMatchObject({ group: 'GL(2)', predicted: 4, measured: 4, excess: { kind: 'none' } });

    // founding-papers 6: at the signal 0 once, 8 once, 2 for the rest
    const complex = populationPhaseRetrieval({ signal: Float64Array.of(0.6, 0.8, 0, 0, 0, 0), complex: true });
    expect(await at(complex, [0.6, 0.8, 0, 0, 0, 0])).toMatchObject({ group: 'U(1)', predicted: 1, measured: 1, excess: { kind: 'none' } });

    expect(await at(doubleWell({ dimension: 3 }), [1, 0, 0])).toMatchObject({ group: 'O(1) x O(2)', predicted: 0, stabiliserDimension: 1, measured: 0 });
  });

  it('a monkey saddle is degenerate', async () => {
    const report = await at(monkeySaddle(), [0, 0]);
    expect(report.measured).toBe(2);
    expect(report.excess).toMatchObject({ kind: 'degenerate', dimension: 2 });
  });

  it('refuses what is too large to form', async () => {
    await expect(at(monkeySaddle(), [0, 0], { variables: 1 })).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
  });
});
