import type { Device, Vec } from '@lowland/core';
import { cpu, matrix, thinSvd } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest } from '../../test/support.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { uploadOf } from '../factored/routes.ts';
import { denseMap } from './dense-map.ts';
import { drawnMatrices, type DrawingRule } from './gaussian.ts';
import { rankOneMap } from './rank-one-map.ts';
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

/** a_k b_k^T for every k, row-major. */
function outerProducts(a: Float64Array, b: Float64Array, rows: number, cols: number): Float64Array {
  return Float64Array.from({ length: count * rows * cols }, (_, i) => {
    const [k, cell] = [Math.floor(i / (rows * cols)), i % (rows * cols)];
    return a[k * rows + Math.floor(cell / cols)]! * b[k * cols + (cell % cols)]!;
  });
}

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly symmetric: boolean;
  readonly matrices: Float64Array;
  readonly map: SensingMap;
}
const drawnCase = (rule: DrawingRule, name: string, rows: number, cols: number, symmetric: boolean): Case => ({
  name: `drawn whenever it is used, ${rule}, ${name}`, rows, cols, symmetric, matrices: drawnMatrices(rule, seed, count, rows, cols), map: seededMap(rule, seed, rows, cols, count, symmetric),
});
const rankOneCase = (name: string, rows: number, cols: number, symmetric: boolean, twoSided: boolean): Case => {
  const [left, right] = [gaussian(count * rows, 'a'), gaussian(count * cols, 'b')];
  return {
    name: `of rank one, ${name}`, rows, cols, symmetric, matrices: outerProducts(left, twoSided ? right : left, rows, cols),
    map: rankOneMap(rows, cols, count, { kind: 'rank-one', left, ...(twoSided && { right }) }, symmetric),
  };
};

describe.each([
  drawnCase('gaussian', 'U V^T', 7, 5, false),
  drawnCase('gaussian', 'X X^T', 6, 6, true),
  drawnCase('lattice', 'U V^T', 7, 5, false),
  drawnCase('lattice', 'X X^T', 6, 6, true),
  rankOneCase('a b^T on U V^T', 7, 5, false, true),
  rankOneCase('a a^T on U V^T', 6, 6, false, false),
  rankOneCase('a a^T on X X^T', 6, 6, true, false),
  rankOneCase('a b^T on X X^T', 6, 6, true, true),
])('an ensemble $name', ({ name, rows, cols, symmetric, matrices, map: drawn }) => {
  const held = denseMap(rows, cols, matrices, symmetric);
  const u = matrix(rows, 2, gaussian(2 * rows, 'u'));
  const v = symmetric ? u : matrix(cols, 2, gaussian(2 * cols, 'v'));

  it.each(['fused', 'composed'] as const)('has the oracles of its matrices written out, %s', (route) => {
    const [a, b] = [oracles(drawn, symmetric, route), oracles(held, symmetric, route)];
    a.forEach((numbers, i) => { expectNear(numbers, b[i]!); });
  });

  it('has their image, adjoint and sizes on the host', () => {
    const each = (map: SensingMap) => {
      const [image, z, shifted, gram] = [count, rows * cols, rows * cols, Math.min(rows, cols) ** 2].map((length) => new Float64Array(length)) as [Float64Array, Float64Array, Float64Array, Float64Array];
      map.image(u, v, image);
      const w = gaussian(count, 'w');
      const operator = map.adjoint(w);
      operator.dense(z);
      operator.gram(gram);
      map.adjoint(w, new Float64Array(rows * cols).fill(2)).dense(shifted);
      const [across, down] = [new Float64Array(rows), new Float64Array(cols)];
      operator.apply(gaussian(cols, 'across'), across);
      operator.applyTransposed(gaussian(rows, 'down'), down);
      // Block solves are for U V^T.
      return [image, z, gram, shifted, across, down, Float64Array.of(map.frobeniusSquared), ...(symmetric ? [] : [map.stack(v, 'left').data, map.stack(u, 'right').data])];
    };
    const [a, b] = [each(drawn), each(held)];
    a.forEach((numbers, i) => { expectNear(numbers, b[i]!); });
  });

  it('bounds the products that its image sums, and the norm of the map', () => {
    const magnitudes = new Float64Array(count);
    drawn.magnitudes(u, v, magnitudes);
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) {
          const size = Math.abs(u.data[2 * i]! * v.data[2 * j]!) + Math.abs(u.data[2 * i + 1]! * v.data[2 * j + 1]!);
          sum += Math.abs(matrices[k * rows * cols + i * cols + j]!) * size;
        }
      }
      expect(magnitudes[k]).toBeGreaterThanOrEqual(sum * (1 - 1e-14));
    }
    const norm = thinSvd(matrix(count, rows * cols, matrices)).s[0]!;
    const symmetricNorm = Math.sqrt(held.normSquared()) / 1.05;
    expect(drawn.normSquared()).toBeGreaterThanOrEqual((symmetric ? symmetricNorm ** 2 : norm ** 2) * (1 - 1e-12));
// A statistical bound where the ensemble is drawn.
    expect(drawn.normSquared()).toBeLessThan((name.startsWith('drawn') ? 16 : 1.2) * norm ** 2);
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

it('bounds the norm of rank-one measurements that are too many to try', () => {
  // More than 2^26 entries: at least |<A_k, X>|^2 of X = A_k / |A_k|, at most what the Frobenius norm says.
  const [rows, cols, many] = [300, 300, 760];
  const [left, right] = [gaussian(many * rows, 'a'), gaussian(many * cols, 'b')];
  const map = rankOneMap(rows, cols, many, { kind: 'rank-one', left, right }, false);
  let most = 0;
  for (let k = 0; k < many; k++) most = Math.max(most, inner(left.subarray(k * rows, (k + 1) * rows), left.subarray(k * rows, (k + 1) * rows)) * inner(right.subarray(k * cols, (k + 1) * cols), right.subarray(k * cols, (k + 1) * cols)));
  expect(map.normSquared()).toBeGreaterThanOrEqual(most);
  expect(map.normSquared()).toBeLessThan(map.frobeniusSquared);
});
