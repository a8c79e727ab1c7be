import { streamKey, uniforms, type Device } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { lossKinds, scalarLosses, type LossKind } from '../scalar-loss.ts';
import { cpu } from './backend.ts';
import { loss } from './loss.ts';
import { hostKernels } from './plain-kernels.ts';

/** Where each loss is smooth, with data that it takes. */
const cases: Readonly<Record<LossKind, { p: number; y: readonly number[]; x: (u: number) => number }>> = {
  huber: { p: 1.3, y: [0, -2, 0.5], x: (u) => 8 * u - 4.3 },
  logistic: { p: 0, y: [0, 1, 0.3], x: (u) => 12 * u - 6 },
  poisson: { p: 0, y: [0, 1, 7], x: (u) => 6 * u - 3 },
  'poisson-identity': { p: 0.1, y: [0, 1, 7], x: (u) => 5 * u },
  'quartic-hinge': { p: 0, y: [0, 0.7, 1.5], x: (u) => 4 * u + 0.01 },
};
const draws = new Float64Array(40);
uniforms(streamKey(3, 'losses'), draws);

describe.each(lossKinds)('%s', (kind) => {
  const psi = scalarLosses[kind];
  const { p, y: data, x } = cases[kind];

  it('has the derivatives that differences show, and is convex', () => {
    const h = 1e-5;
    for (const y of data) {
      for (const u of draws) {
        const at = x(u);
        const slope = (psi.value(at + h, y, p) - psi.value(at - h, y, p)) / (2 * h);
        const curvature = (psi.first(at + h, y, p) - psi.first(at - h, y, p)) / (2 * h);
        const unit = 1 + Math.abs(psi.value(at, y, p)) + Math.abs(curvature);
        expect(Math.abs(psi.first(at, y, p) - slope)).toBeLessThan(1e-5 * unit);
        expect(Math.abs(psi.second(at, y, p) - curvature)).toBeLessThan(1e-4 * unit);
        expect(psi.second(at, y, p)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it.each([cpu({ kernels: 'plain' }), cpu(), cpu({ dtype: 'f32' })])('is what the kernel computes on cpu, $variant $dtype', (backend) => {
    using device = backend.open() as Device;
    using memory = device.memory();
    const vector = (numbers: ArrayLike<number>) => {
      const made = memory.vector(numbers.length);
      device.write(made, Float64Array.from(numbers));
      return made;
    };
    const round = backend.dtype === 'f32' ? Math.fround : (z: number) => z;
    const at = draws.map(x);
    const y = Float64Array.from(at, (_, i) => data[i % data.length]!);
    const out = { value: vector(at), first: vector(at), second: vector(at) };
    device.kernels.loss!(kind, vector([p]), vector(at), vector(y), out.value, out.first, out.second);
    for (const name of ['value', 'first', 'second'] as const) {
      const expected = at.map((z, i) => round(psi[name](round(z), round(y[i]!), round(p))));
      expect(device.read(out[name])).toEqual(expected);
    }
  });
});

it('keeps what cancels and what overflows', () => {
  const { logistic, poisson, 'poisson-identity': identity } = scalarLosses;
  // log(1 + e^-800), and 1 - sigmoid(40) without the 1
  expect(logistic.value(800, 0, 0)).toBe(800);
  expect(logistic.value(-800, 1, 0)).toBe(800);
  expect(logistic.value(-800, 0, 0)).toBe(0);
  expect(Math.abs(logistic.value(40, 1, 0) / Math.exp(-40) - 1)).toBeLessThan(1e-15);
  expect(Math.abs(logistic.first(40, 1, 0) / -Math.exp(-40) - 1)).toBeLessThan(1e-15);
  expect(poisson.value(1000, 1, 0)).toBe(Infinity);
  expect([identity.value(-0.2, 3, 0.1), identity.value(-0.1, 3, 0.1), identity.value(-0.1, 0, 0.1), identity.first(-0.2, 3, 0.1)]).toEqual([Infinity, Infinity, -0.1, NaN]);
});

it('computes what is asked for, passes NaN on, and refuses what does not fit', () => {
  const [x, y] = [Float64Array.of(NaN, 1), Float64Array.of(1, 1)];
  for (const kind of lossKinds) {
    const first = new Float64Array(2);
    hostKernels.loss(kind, Float64Array.of(0.5), x, y, undefined, first);
    expect(first[0]).toBeNaN();
    expect(Number.isFinite(first[1])).toBe(true);
  }
  expect(() => { loss('absolute' as LossKind, x, x, y, x); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  expect(() => { loss('huber', x, x, Float64Array.of(1), x); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error);
});
