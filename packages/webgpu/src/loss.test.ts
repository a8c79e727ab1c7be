/** The scalar losses against linalg's, in f64. */
import { lossKinds, scalarLosses } from '@lowland/linalg';
import { expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';

const bench = useDevice();

/** Arguments in the domain of each loss, its data, its parameter. */
const cases = {
  huber: { x: [-3, -1, -0.5, 0, 0.25, 1, 2, 100], y: [0, 0.5, -0.5, 0, 1, 0, 1, 1], p: 0.75 },
  logistic: { x: [-80, -20, -3, -1e-3, 0, 1e-3, 0.5, 3, 20, 80], y: [0, 1, 0.25, 1, 0, 0.5, 1, 1, 0, 1], p: 0 },
  poisson: { x: [-20, -3, -1e-3, 0, 1e-3, 0.5, 3, 10, 0, 1], y: [0, 1, 2, 0, 5, 1, 20, 20000, 3, 0], p: 0 },
  'poisson-identity': { x: [0.25, 0.999, 1, 1.0625, 3, 1000, 0.5, 0, -0.0625], y: [1, 2, 0, 1, 4, 900, 0, 1, 2], p: 0.125 },
  'quartic-hinge': { x: [0, 0.25, 1, 1.5, 4, 100], y: [0.5, 0.5, 0.5, 1, 1, 3], p: 0 },
} as const;

it.each(lossKinds)('%s', async (kind) => {
  const { device, memory } = bench;
  const { x, y, p } = cases[kind];
  const upload = (data: readonly number[]) => {
    const vec = memory.vector(data.length);
    device.write(vec, Float64Array.from(data));
    return vec;
  };
  const [at, data, parameters] = [upload(x), upload(y), upload([p])];
  const outs = [memory.vector(x.length), memory.vector(x.length), memory.vector(x.length)] as const;
  device.kernels.loss!(kind, parameters, at, data, ...outs);
  const names = ['value', 'first', 'second'] as const;
  for (const [which, name] of names.entries()) {
    const found = await device.read(outs[which]!);
    for (const [i, z] of [...(await device.read(at))].entries()) {
      const expected = scalarLosses[kind][name](z, Math.fround(y[i]!), p);
      // The sizes of what is added up; and smaller than f32 can hold is 0.
      const size = kind.startsWith('poisson') ? Math.abs(expected) + Math.exp(Math.min(z, 12)) * Number(kind === 'poisson') + y[i]! * (1 + Math.abs(z)) : Math.abs(expected) + Number(kind === 'logistic') * Math.min(y[i]!, 1 - y[i]!);
      expect(Math.abs(found[i]! - expected), `${name} at ${z}, ${y[i]!}`).toBeLessThanOrEqual(4e-6 * size + 1e-37);
    }
    // alone, the others left out
    const alone = memory.vector(x.length);
    device.kernels.loss!(kind, parameters, at, data, which === 0 ? alone : undefined, which === 1 ? alone : undefined, which === 2 ? alone : undefined);
    expect(await device.read(alone)).toEqual(found);
  }
});

it('is infinite outside its domain, its derivatives no number', async () => {
  const { device, memory } = bench;
  const [x, y, p, value, first] = [memory.vector(1), memory.vector(1), memory.vector(1), memory.vector(1), memory.vector(1)];
  device.write(x, Float64Array.of(-1));
  device.write(p, Float64Array.of(0.5));
  device.kernels.loss!('poisson-identity', p, x, y, value, first);
  expect([await device.scalar(value), await device.scalar(first)]).toEqual([Infinity, NaN]);
});

it('divides by roots', async () => {
  const { device, memory, matrix } = bench;
  const [x, y] = [matrix(300, 1, 1), matrix(300, 1, 2)];
  device.kernels.copy(y.mat, x.mat);
  const [squares, out] = [memory.vector(300), memory.vector(300)];
  device.kernels.mul(x.mat, y.mat, squares);
  device.kernels.divideByRoot!(y.mat, squares, 0.5, out);
  (await device.read(out)).forEach((found, i) => {
    const expected = y.data[i]! / (Math.abs(y.data[i]!) + 0.5);
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(8 * 2 ** -23 * Math.abs(expected));
  });
});

it('differentiates sampled products', async () => {
  const { device, memory, matrix } = bench;
  const [u, v, du, dv] = [matrix(5, 3, 1), matrix(4, 3, 2), matrix(5, 3, 3), matrix(4, 3, 4)];
  const [row, col] = [memory.integers(Int32Array.of(4, 0, 2)), memory.integers(Int32Array.of(3, 0, 3))];
  const out = memory.vector(3);
  device.kernels.sddmmPair!(row, col, u.mat, v.mat, du.mat, dv.mat, out);
  const product = (a: Float64Array, i: number, b: Float64Array, j: number) => [0, 1, 2].reduce((sum, k) => sum + a[3 * i + k]! * b[3 * j + k]!, 0);
  const found = await device.read(out);
  [[4, 3], [0, 0], [2, 3]].forEach(([i, j], k) => { expect(found[k]).toBeCloseTo(product(du.data, i!, v.data, j!) + product(u.data, i!, dv.data, j!), 5); });
});
