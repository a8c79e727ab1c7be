import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { spectrum } from '../spectrum/spectrum.ts';
import { regions, type Regions, type RegionsOptions } from './regions.ts';

const backend = cpu();
const diagonal = (entries: readonly number[], rows: number, cols = rows) => {
  const values = new Float64Array(rows * cols);
  entries.forEach((entry, i) => (values[i * cols + i] = entry));
  return { rows, cols, values };
};
const draw = (length: number, seed: number) => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers', 0), out);
  return out;
};
const at = (objective: unknown, numbers: ArrayLike<number>, options: RegionsOptions = {}): Promise<Regions> => {
  const { layout } = objective as Objective<never>;
  return analyse(objective as Objective<'value' | 'factors'>, regions(options), createPoint(layout, Float64Array.from(numbers)), backend);
};
const spectrumAt = (objective: unknown, numbers: Float64Array) =>
  analyse(objective as Objective<'value' | 'gradient' | 'hessianVectorProduct'>, spectrum({ probes: 0, traceProducts: 0, failureProbability: 0 }), createPoint((objective as Objective<never>).layout, numbers), backend);

// lambda = (4, 1): sigma = (2, 1)
const symmetric = symmetricFactorization({ target: diagonal([4, 1], 5), rank: 2 });
const noisy = symmetricFactorization({ target: diagonal([4, 1, 0.2, -0.1], 5), rank: 2 });
const noisyRectangle = matrixFactorization({ target: diagonal([2, 0.5, 0.1], 4, 3), rank: 2, balance: 1 / 8 });
const asymmetric = matrixFactorization({ target: diagonal([2, 0.5], 4, 3), rank: 2, balance: 1 / 8 });
const column = (entries: readonly (readonly number[])[]) => entries.flat();

describe('regions of a symmetric factorization', () => {
  it('R1 is tight at U diag(1, 1/2): least curvature -1/4 along its direction', async () => {
    const x = Float64Array.from(column([[2, 0], [0, 0.5], [0, 0], [0, 0], [0, 0]]));
    const found = await at(symmetric, x);
    expect(found.region).toBe('R1');
    expect(found.guarantee).toMatchObject({ kind: 'negative-curvature', curvature: -0.25 });
    const { smallest } = await spectrumAt(symmetric, x);
    expect(smallest[0]!.value).toBeCloseTo(-0.25, 10);
  });

  it('at the minimiser R2, with sigma_r^2 as the lower bound', async () => {
    const found = await at(symmetric, column([[0, 2], [1, 0], [0, 0], [0, 0], [0, 0]]));
    expect(found.region).toBe('R2');
    expect(found.at.distance).toBeLessThan(1e-12);
    expect(found.minimiser).toEqual({ least: 1, largest: 2 });
    const { guarantee } = found;
    if (guarantee.kind !== 'positive-curvature') throw new Error(guarantee.kind);
    expect(guarantee.lower).toBeCloseTo(1, 12);
    expect(guarantee.upper).toBeCloseTo(8, 12);
  });

  it('of a target beyond its rank is proved by the numbers of the whole', async () => {
    const found = await at(noisy, column([[2, 0], [0, 1], [0, 0], [0, 0], [0, 0]]));
    expect(found).toMatchObject({ region: 'R2', minimiser: { least: 1, largest: 2 }, beyond: 0.2 });
    // sigma_r^2 less what the target has off the ranges, where the curvature is sigma_2^2 - .2
    expect(found.guarantee).toMatchObject({ kind: 'positive-curvature', lower: 0.8 });
    const lost = await at(symmetricFactorization({ target: diagonal([4, 1, 0.95], 3), rank: 2 }), column([[2, 0], [0, 0.96], [0, 0]]));
    expect(lost.region).toBe('R2');
    expect(lost.statement).toContain('no curvature off the orbit is proved');
    expect((await at(noisyRectangle, column([[Math.SQRT2, 0], [0, Math.SQRT1_2], [0, 0], [0, 0], [Math.SQRT2, 0], [0, Math.SQRT1_2], [0, 0]]))).beyond).toBeCloseTo(0.1, 12);
  });

  it.each<[string, unknown, number, number]>([['symmetric', symmetric, 10, 1], ['asymmetric, c = 1/8', asymmetric, 14, 0.5], ['symmetric, of more than its rank', noisy, 10, 1], ['asymmetric, of more than its rank', noisyRectangle, 14, 0.5]])('what is said holds at random points: %s', async (_name, objective, size, half) => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 150; seed++) {
      const near = half === 1 ? column([[2, 0], [0, 1], [0, 0], [0, 0], [0, 0]]) : column([[Math.SQRT2, 0], [0, Math.SQRT1_2], [0, 0], [0, 0], [Math.SQRT2, 0], [0, Math.SQRT1_2], [0, 0]]);
      const spread = [0.02, 0.3, 1, 3][seed % 4]!;
      const x = draw(size, seed).map((value, i) => spread * value + (seed % 3 === 0 ? 0 : near[i]!));
      const found = await at(objective, x);
      seen.add(found.region);
      const { guarantee } = found;
      const curvature = await spectrumAt(objective, x);
      if (guarantee.kind === 'negative-curvature') {
        expect(curvature.smallest[0]!.value).toBeLessThanOrEqual(guarantee.curvature + 1e-10);
        const along = await quadraticForm(objective, x, guarantee.direction.data);
        expect(along).toBeLessThanOrEqual(guarantee.curvature + 1e-10);
        expect(Math.hypot(...guarantee.direction.data)).toBeCloseTo(1, 12);
      } else if (guarantee.kind === 'positive-curvature') {
        expect(curvature.smallest[0]!.value).toBeGreaterThanOrEqual(guarantee.lower - 1e-10);
        expect(curvature.largest[0]!.value).toBeLessThanOrEqual(guarantee.upper + 1e-10);
      } else {
        expect(guarantee.gradient).toBeCloseTo(curvature.gradientNorm, 9);
        if (guarantee.proved !== null) expect(guarantee.gradient).toBeGreaterThanOrEqual(guarantee.proved);
        if (found.beyond === 0) expect(guarantee.ratio).toBeGreaterThan(1 / 9);
      }
    }
    expect([...seen].sort()).toEqual(['R1', 'R2', "R3'", "R3''"]);
  });
});

describe('refusals', () => {
  it.each<[string, unknown, number, string, string]>([
    ['another balancing weight', matrixFactorization({ target: diagonal([2, 0.5], 4, 3), rank: 2, balance: 0 }), 14, 'LOWLAND_E_CAPABILITY', 'balance 0.125'],
    ['a penalty', symmetricFactorization({ target: diagonal([4, 1], 5), rank: 2, lambda: 0.1 }), 10, 'LOWLAND_E_CAPABILITY', 'without a penalty'],
    ['too many columns', symmetricFactorization({ target: diagonal([4, 1], 5), rank: 3 }), 15, 'LOWLAND_E_RANK', 'factors of 2 columns'],
  ])('%s', async (_name, objective, size, code, remedy) => {
    await expect(at(objective, draw(size, 1))).rejects.toMatchObject({ code, message: expect.stringContaining(remedy) as string });
  });
});

function quadraticForm(objective: unknown, numbers: Float64Array, direction: Float64Array): Promise<number> {
  return analyse(
    objective as Objective<'hessianVectorProduct'>,
    {
      id: 'form',
      requires: ['hessianVectorProduct'],
      dtype: 'f64',
      run({ problem, device, scratch }, x) {
        const [v, image] = [scratch(), scratch()];
        device.write(v, direction);
        problem.hessianVectorProduct(x, v, image);
        return device.host!(image).reduce((sum, value, i) => sum + value * direction[i]!, 0);
      },
    },
    createPoint((objective as Objective<never>).layout, numbers),
    backend,
  );
}
