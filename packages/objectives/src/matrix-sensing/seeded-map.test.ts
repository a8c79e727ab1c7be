import type { Device, Vec } from '@lowland/core';
import { cpu, matrix, thinSvd } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, largest } from '../../test/support.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { uploadOf } from '../factored/routes.ts';
import { denseMap } from './dense-map.ts';
import { gaussianEnsemble } from './gaussian.ts';
import { seededMap } from './seeded-map.ts';
import { matrixSensing } from './sensing.ts';
import type { SensingMap } from './sensing-map.ts';

const [seed, count] = [9, 40];

/** value, gradient, a Hessian-vector product, residual, its differential and that one's transpose. */
function oracles(map: SensingMap, symmetric: boolean, route: 'fused' | 'composed'): readonly Float64Array[] {
  const rank = 2;
  const layout = factorLayout(symmetric, map.rows, map.cols, rank);
  const problem: FactoredProblem = { symmetric, map, rank, layout, weight: 0.7, data: gaussian(count, 'data'), linear: undefined, ridge: 0.1, balance: 0 };
  const device = cpu().open() as Device;
  const memory = device.memory();
  const uploaded = uploadOf(problem)(device, memory);
  const { value, gradient, hessianVectorProduct } = uploaded[route]();
  const residual = uploaded.residual();
  const size = layout.blocks.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  const vector = (data: Float64Array): Vec => {
    const made = memory.vector(data.length);
    device.write(made, data);
    return made;
  };
  const [x, v, w] = [vector(gaussian(size, 'x')), vector(gaussian(size, 'v')), vector(gaussian(residual.length, 'w'))];
  const results = ([
    [1, (out) => { value(x, out); }],
    [size, (out) => { gradient(x, out); }],
    [size, (out) => { hessianVectorProduct(x, v, out); }],
    [residual.length, (out) => { residual.evaluate(x, out); }],
    [residual.length, (out) => { residual.jvp(x, v, out); }],
    [size, (out) => { residual.vjp(x, w, out); }],
  ] as const satisfies readonly (readonly [number, (out: Vec) => void])[]).map(([length, run]) => {
    const out = vector(new Float64Array(length).fill(NaN));
    run(out);
    return device.read(out) as Float64Array;
  });
  memory[Symbol.dispose]();
  return results;
}

const expectNear = (a: Float64Array, b: Float64Array) => { expect(largest(a.map((x, k) => x - b[k]!))).toBeLessThan(1e-12 * (1 + largest(b))); };

describe.each([
  ['U V^T', 7, 5, false],
  ['X X^T', 6, 6, true],
] as const)('an ensemble that is drawn whenever it is used, %s', (_name, rows, cols, symmetric) => {
  const held = denseMap(rows, cols, gaussianEnsemble(seed, count, rows, cols), symmetric);
  const drawn = seededMap(seed, rows, cols, count, symmetric);
  const u = matrix(rows, 2, gaussian(2 * rows, 'u'));
  const v = symmetric ? u : matrix(cols, 2, gaussian(2 * cols, 'v'));

  it.each(['fused', 'composed'] as const)('has the oracles of the one that is held, %s', (route) => {
    const [a, b] = [oracles(drawn, symmetric, route), oracles(held, symmetric, route)];
    a.forEach((numbers, i) => { expectNear(numbers, b[i]!); });
  });

  it('has its image, adjoint and sizes on the host', () => {
    const each = (map: SensingMap) => {
      const [image, magnitudes, z, shifted] = [new Float64Array(count), new Float64Array(count), new Float64Array(rows * cols), new Float64Array(rows * cols)];
      map.image(u, v, image);
      map.magnitudes(u, v, magnitudes);
      const w = gaussian(count, 'w');
      map.adjoint(w).dense(z);
      map.adjoint(w, new Float64Array(rows * cols).fill(2)).dense(shifted);
      return [image, magnitudes, z, shifted, Float64Array.of(map.frobeniusSquared), map.stack(v, 'left').data];
    };
    // Of rows that X X^T does not use block solves are not asked for.
    const [a, b] = [each(drawn), each(held)];
    a.slice(0, symmetric ? 5 : 6).forEach((numbers, i) => { expectNear(numbers, b[i]!); });
  });

  it('bounds the norm of the map', () => {
    const norm = thinSvd(matrix(count, rows * cols, gaussianEnsemble(seed, count, rows, cols))).s[0]!;
    expect(drawn.normSquared()).toBeGreaterThanOrEqual(norm ** 2);
    expect(drawn.normSquared()).toBeLessThan(16 * norm ** 2);
  });
});

it('is chosen by size, and plans for the numbers that it holds', () => {
  const [rows, cols, rank] = [2000, 2000, 1];
  const many = 300;
  const values = new Float64Array(many);
  const objective = matrixSensing({ measurements: { rows, cols, values, ensemble: { kind: 'seeded', name: 'gaussian', seed, version: 1 } }, rank });
  // Held it would take 9.6 GB.
  expect(objective.bytes('f64')).toBeLessThan(8 * 10 * rows * cols);
  expect(objective.routes.gradient.map(({ label }) => label)).toEqual(['fused', 'composed']);
});
