import { analyse, bind, createPoint, type Analysis, type Capability, type CapabilityMap, type Objective, type Point, type Problem, type Vec } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, frobeniusNorm, hostKernels, matrix, multiply, scaleColumns, symmetricEigen, thinSvd } from '@lowland/linalg';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { instances } from '../../test/instances.ts';
import { gaussian, largest, symmetricGaussian } from '../../test/support.ts';
import { hostCapability } from '../factored/host-capability.ts';
import { doubleWell, generateEntries, matrixCompletion, matrixFactorization, symmetricFactorization } from '../index.ts';
import { convexForm } from './convex-form.ts';

type Form = Objective<Capability>;
const formOf = (objective: Objective<never>): Form => convexForm(objective as Objective<Capability>) as Form;
const forms = Object.entries(instances)
  .filter(([, objective]) => 'convexForm' in objective.routes)
  .map(([name, objective]): [string, Objective<never>, Form] => [name, objective, formOf(objective)]);

/** What `use` makes of the bound form: host arrays in and out. */
function onCpu<T>(form: Form, names: readonly Capability[], use: (problem: Problem<Capability>, of: (x: Float64Array) => Vec, read: (x: Vec) => Float64Array) => T): T {
  const device = cpu().open();
  if ('then' in device) throw new Error('the cpu opens at once');
  const { problem } = bind(form, device, names);
  const memory = device.memory();
  const of = (x: Float64Array): Vec => {
    const vector = memory.vector(x.length);
    device.write(vector, x);
    return vector;
  };
  const result = use(problem, of, (x) => device.read(x) as Float64Array);
  memory[Symbol.dispose]();
  return result;
}
const factoredAt = (form: Form, x: Float64Array) =>
  hostCapability(form as Objective<never>, 'factored')!.at(createPoint(form.layout, x));
function randomMatrix(form: Form, psd: boolean, name: string): Float64Array {
  const [rows, cols] = form.layout.blocks[0]!.shape as [number, number];
  const half = matrix(rows, Math.min(2, cols), gaussian(rows * Math.min(2, cols), name));
  return psd ? multiply(half, half, { transposeB: true }).data : gaussian(rows * cols, name);
}
/** X X^T has one block. */
const isPsd = (objective: Objective<never>): boolean => objective.layout.blocks.length === 1;

describe.each(forms)('the convex form of %s', (_name, objective, form) => {
  const psd = isPsd(objective);

  it('has the value of its balanced factors, to which it leads back', async () => {
    const x = randomMatrix(form, psd, 'x');
    const { objective: factored, point } = factoredAt(form, x);
    const value: Analysis<'value', number> = { id: 'value', requires: ['value'], dtype: 'f64', run: ({ problem, device, scratch }, at) => { const out = scratch(1); problem.value(at, out); return device.scalar(out); } };
    const [inX, inFactors] = [await analyse(form, value, createPoint(form.layout, x), cpu()), await analyse(factored, value, point, cpu())];
    expect(Math.abs(inX - inFactors)).toBeLessThan(1e-11 * (1 + Math.abs(inX)));
  });

  it('has the gradient that its factors see', async () => {
    const x = randomMatrix(form, psd, 'x');
    const [rows, cols] = form.layout.blocks[0]!.shape as [number, number];
    const z = onCpu(form, ['proximal'], ({ proximal }, of, read) => {
      const [value, out] = [of(new Float64Array(1)), of(new Float64Array(x.length))];
      proximal.valueAndGradient(of(x), value, out);
      return matrix(rows, cols, read(out));
    });
    const { objective: factored, point } = factoredAt(form, x);
    const gradient: Analysis<'gradient', Float64Array> = { id: 'gradient', requires: ['gradient'], dtype: 'f64', run: ({ problem, device, scratch }, at) => { const out = scratch(); problem.gradient(at, out); return device.read(out); } };
    const seen = await analyse(factored, gradient, point, cpu());
    const rank = point.layout.blocks[0]!.shape[1]!;
    const left = matrix(rows, rank, point.data.subarray(0, rows * rank));
    const right = psd ? left : matrix(cols, rank, point.data.subarray(rows * rank));
    // grad_U = G V + penalty U, or 2 (G X + penalty X); balanced factors have no other term.
    const penalty = hostCapability(factored as Objective<never>, 'lift')?.penalty ?? 0;
    const expected = multiply(z, right).data.map((entry, k) => (psd ? 2 : 1) * (entry + penalty * left.data[k]!));
    expect(largest(expected.map((entry, k) => entry - seen[k]!))).toBeLessThan(1e-10 * (1 + largest(seen)));
  });

  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  it.each(objectiveChecks({ objective: form, backend: cpu(), others, seed: 3 }).map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});

describe('the proximal map', () => {
  const target = { rows: 8, cols: 6, values: gaussian(48, 'target') };

  it('solves full observation with a nuclear norm in one step: |X - S_lambda(M)| < 1e-10 (F05)', () => {
    const form = formOf(matrixFactorization({ target, rank: 3, balance: 0, lambda: 1 }));
    const [found, psi] = onCpu(form, ['proximal', 'smoothness'], ({ proximal, smoothness }, of, read) => {
      const [x, value, gradient] = [of(new Float64Array(48)), of(Float64Array.of(NaN)), of(new Float64Array(48))];
      proximal.valueAndGradient(x, value, gradient);
      const step = of(read(gradient).map((entry) => -entry / smoothness.constant));
      void proximal.map(step, 1 / smoothness.constant, x, value);
      return [read(x), read(value)[0]!];
    });
    const { u, s, v } = thinSvd(matrix(8, 6, target.values));
    const soft = s.map((value) => Math.max(0, value - 1));
    const expected = multiply(scaleColumns(u, soft), v, { transposeB: true });
    expect(frobeniusNorm(matrix(8, 6, found.map((entry, k) => entry - expected.data[k]!)))).toBeLessThan(1e-10);
    expect(psi).toBeCloseTo(soft.reduce((sum, value) => sum + value, 0), 12);
  });

  it('moves no two points apart, and leaves what no singular value of more than step lambda is in', () => {
    for (let trial = 0; trial < runs(200); trial++) {
      const [rows, cols, step] = [1 + (trial % 7), 1 + ((trial * 5) % 6), 0.01 + (trial % 9) / 3];
      const [x, y] = [gaussian(rows * cols, 'x', trial), gaussian(rows * cols, 'y', trial)];
      const form = formOf(matrixFactorization({ target: { rows, cols, values: x }, rank: 1, lambda: 0.8 }));
      const [px, py] = [x, y].map((at) =>
        onCpu(form, ['proximal'], ({ proximal }, of, read) => {
          const out = of(at);
          void proximal.map(out, step, out, of(new Float64Array(1)));
          return read(out);
        }),
      ) as [Float64Array, Float64Array];
      const apart = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((entry, k) => entry - b[k]!));
      expect(apart(px, py)).toBeLessThanOrEqual(apart(x, y) * (1 + 1e-12));
      expect(thinSvd(matrix(rows, cols, x.map((entry, k) => entry - px[k]!))).s[0]!).toBeLessThanOrEqual(step * 0.8 * (1 + 1e-12));
    }
  });

  it('keeps to the cone, symmetric to the bit', () => {
    const values = symmetricGaussian(6, 'symmetric');
    const form = formOf(symmetricFactorization({ target: { rows: 6, cols: 6, values }, rank: 2, lambda: 0.4 }));
    const found = onCpu(form, ['proximal'], ({ proximal }, of, read) => {
      const [x, value] = [of(values), of(new Float64Array(1))];
      void proximal.map(x, 2, x, value);
      return matrix(6, 6, read(x));
    });
    expect(found.data.every((entry, k) => entry === found.data[(k % 6) * 6 + Math.floor(k / 6)])).toBe(true);
    const lowered = symmetricEigen(matrix(6, 6, values)).values.map((value) => Math.max(0, value - 2 * (0.4 / 2)));
    expect(largest(symmetricEigen(found).values.map((value, k) => value - lowered[k]!))).toBeLessThan(1e-13);
  });

  it('gives NaN for what is not finite, without an error', () => {
    const form = formOf(matrixFactorization({ target, rank: 3, lambda: 1 }));
    const found = onCpu(form, ['proximal'], ({ proximal }, of, read) => {
      const [x, value] = [of(new Float64Array(48).fill(Infinity)), of(new Float64Array(1))];
      void proximal.map(x, 1, x, value);
      return [...read(x), ...read(value)];
    });
    expect(found.every(Number.isNaN)).toBe(true);
  });
});

describe('spectral cuts', () => {
  const form = formOf(matrixFactorization({ target: { rows: 7, cols: 5, values: gaussian(35, 'target') }, rank: 2 }));
  const x = gaussian(35, 'x');
  const { s } = thinSvd(matrix(7, 5, x));
  const spectrumAfter = (cut: (spectral: CapabilityMap['spectral'], x: Vec) => unknown): Float64Array =>
    onCpu(form, ['spectral'], ({ spectral }, of, read) => {
      const at = of(x);
      void cut(spectral, at);
      return thinSvd(matrix(7, 5, read(at))).s;
    });

  it('lower singular values, or keep the first', () => {
    const shrunk = spectrumAfter((spectral, at) => spectral.shrink(at, s[2]!, at));
    const truncated = spectrumAfter((spectral, at) => spectral.truncate(at, 2, at));
    expect(largest(shrunk.map((value, k) => value - Math.max(0, s[k]! - s[2]!)))).toBeLessThan(1e-13);
    expect(largest(truncated.map((value, k) => value - (k < 2 ? s[k]! : 0)))).toBeLessThan(1e-13);
  });

  it('are there without a penalty alone', () => {
    expect('spectral' in formOf(matrixFactorization({ target: { rows: 2, cols: 2, values: gaussian(4, 'm') }, rank: 1, lambda: 1 })).routes).toBe(false);
  });
});

describe('points of a convex form', () => {
  it('have as many columns as X has singular values beyond rounding, at least one', () => {
    const form = formOf(matrixFactorization({ target: { rows: 6, cols: 5, values: gaussian(30, 'target') }, rank: 2 }));
    const low = multiply(matrix(6, 2, gaussian(12, 'u')), matrix(5, 2, gaussian(10, 'v')), { transposeB: true });
    const columnsOf = (point: Point): number => point.layout.blocks[0]!.shape[1]!;
    expect(columnsOf(factoredAt(form, low.data).point)).toBe(2);
    expect(columnsOf(factoredAt(form, new Float64Array(30)).point)).toBe(1);
  });

  it('are at the distance of their matrix to the planted one', () => {
    const { data, truth } = generateEntries({ rows: 5, cols: 4, rank: 2, density: 0.6 }, 1);
    const form = formOf(matrixCompletion({ entries: data, rank: 2, truth }));
    const { distance } = hostCapability(form as Objective<never>, 'truth')!;
    const mean = data.values.reduce((sum, value) => sum + value, 0) / data.values.length;
    // The objective takes the mean off.
    expect(distance!(createPoint(form.layout, truth.values.map((value) => value - mean)))).toBeLessThan(1e-13);
  });
});

it('is refused for what is no factored problem', () => {
  expect(() => convexForm(doubleWell() as never)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_CAPABILITY' }));
});
