/** Sums of losses on planes against the formula, in f64; and what objectives make of them against the cpu. */
import { bind, type Capability, layoutLength, type Objective } from '@lowland/core';
import { cpu, type LossKind, type PlaneLossKind, scalarLosses } from '@lowland/linalg';
import { matrixCompletion, phaseRetrieval } from '@lowland/objectives';
import { expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';

const bench = useDevice();

const points = Float64Array.of(0, 0, 0.5, 0, -1, 0, 0, 0.25, 1, 1, -0.5, 0.75, 0.125, -1, 0, -0.5, 0.25, 0.25).map(Math.fround);
const [n, p] = [600, 0.75];

/** psi(q; y), and the size of what is added up in it. */
function psi(kind: PlaneLossKind, q: number, y: number): number {
  if (kind === 'least-squares') return (q - y) ** 2 / 2;
  if (kind === 'amplitude') return (Math.sqrt(Math.max(q, 0) + p * p) - y) ** 2 / 2;
  if (kind === 'difference') return q - y;
  return scalarLosses[kind].value(kind === 'quartic-hinge' ? Math.max(q, 0) : q, y, p);
}

it.each<PlaneLossKind>(['least-squares', 'amplitude', 'difference', 'huber', 'logistic', 'poisson', 'poisson-identity', 'quartic-hinge'] satisfies (PlaneLossKind | LossKind)[])('%s', async (kind) => {
  const { device, memory, matrix } = bench;
  const squares = kind === 'amplitude' || kind === 'quartic-hinge' || kind === 'poisson-identity';
  const [held, base, more] = [matrix(7, n, 1), matrix(6, n, 2), matrix(3, n, 3)];
  // of sums of squares: those of u + s v + t w; others a tenth, so that exponentials stay small
  const rows = base.data.map((value, k) => {
    const [row, i] = [Math.floor(k / n), k % n];
    const [u, v, w] = [0, 1, 2].map((part) => more.data[part * n + i]!) as [number, number, number];
    return Math.fround(squares ? [u * u, 2 * u * v, 2 * u * w, v * v, 2 * v * w, w * w][row]! : 0.1 * value);
  });
  // not at the beginning of its vector
  const c = device.matrix(held.mat, n, 6, n);
  device.write(c, rows);
  const upload = (data: Float64Array) => {
    const vec = memory.vector(data.length);
    device.write(vec, data);
    return vec;
  };
  const y = Float64Array.from({ length: n }, (_, i) => Math.fround(kind === 'logistic' ? i % 2 : Math.abs(0.5 + held.data[i]!)));
  const weights = Float64Array.from({ length: n }, (_, i) => 0.5 + (i % 3));
  for (const given of [undefined, weights]) {
    const out = upload(new Float64Array(points.length / 2).fill(2));
    device.kernels.planeLoss!(kind, upload(Float64Array.of(p)), c, upload(y), given && upload(given), upload(points), 0.25, out);
    (await device.read(out)).forEach((found, k) => {
      const [s, t] = [points[2 * k]!, points[2 * k + 1]!];
      let [expected, size] = [2, 2];
      for (let i = 0; i < n; i++) {
        const q = [1, s, t, s * s, s * t, t * t].reduce((sum, factor, row) => sum + factor * rows[row * n + i]!, 0);
        const term = 0.25 * (given?.[i] ?? 1) * psi(kind, q, y[i]!);
        expected += term;
        size += Math.abs(term) + 0.25 * Math.abs(q);
      }
      expect(Math.abs(found - expected), `(${s}, ${t})`).toBeLessThanOrEqual(4e-6 * size);
    });
  }
});

it('refuses what does not fit, and losses that it has not', () => {
  const { device, memory } = bench;
  const [c, y, at, out, one] = [device.matrix(memory.vector(24), 0, 6, 4), memory.vector(4), memory.vector(6), memory.vector(3), memory.vector(1)];
  const call = device.kernels.planeLoss!;
  for (const run of [
    () => { call('huber', one, device.matrix(memory.vector(24), 0, 4, 6), y, undefined, at, 1, out); },
    () => { call('huber', one, c, out, undefined, at, 1, out); },
    () => { call('huber', one, c, y, out, at, 1, out); },
    () => { call('huber', one, c, y, undefined, y, 1, out); },
    () => { call('huber', out, c, y, undefined, at, 1, memory.vector(3)); },
  ]) expect(run).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error);
  expect(() => { call('huber', one, c, y, undefined, at, 1, device.view(at, 0, 3)); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_ALIAS' }) as Error);
  expect(() => { call('cubic' as never, one, c, y, undefined, at, 1, out); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
});

it.each<readonly [string, unknown]>([
  ['one-bit completion with penalties', matrixCompletion({ entries: { rows: 9, cols: 7, row: Int32Array.from({ length: 40 }, (_, k) => k % 9), col: Int32Array.from({ length: 40 }, (_, k) => Math.floor(k / 9) + (k % 3)), values: Float64Array.from({ length: 40 }, (_, k) => k % 2) }, rank: 2, loss: 'logistic', lambda: 0.1, incoherence: 0.5, alpha: 0.5 })],
  ['amplitudes', phaseRetrieval({ measurements: { rows: 6, cols: 6, values: Float64Array.from({ length: 30 }, (_, k) => 0.1 * k), ensemble: { kind: 'seeded', name: 'rank-one-complex', seed: 3, version: 1 } }, loss: 'amplitude' })],
])('%s: values on a plane are those of the cpu', async (_, given) => {
  const objective = given as Objective<Capability>;
  const { device, memory, matrix } = bench;
  using there = bind(objective, device, ['planeValues']);
  expect(there.choices[0]).toMatchObject({ label: 'fused', kernels: expect.arrayContaining(['planeLoss']) as string[] });
  using here = await bind(objective, cpu(), ['value']);
  const size = layoutLength(objective.layout);
  const [x, u, v] = [matrix(size, 1, 7), matrix(size, 1, 8), matrix(size, 1, 9)];
  const [at, out] = [matrix(points.length, 1, 1).mat, memory.vector(points.length / 2)];
  device.write(at, points);
  there.problem.planeValues(x.mat, u.mat, v.mat, at, out);
  const host = here.problem.device;
  using hostMemory = host.memory();
  const [place, value] = [hostMemory.vector(size), hostMemory.vector(1)];
  for (const [k, found] of (await device.read(out)).entries()) {
    host.write(place, x.data.map((entry, i) => entry + points[2 * k]! * u.data[i]! + points[2 * k + 1]! * v.data[i]!));
    here.problem.value(place, value);
    expect(found / (await host.scalar(value))).toBeCloseTo(1, 5);
  }
});
