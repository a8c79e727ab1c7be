/**
 * Prints what a Hessian-vector product and a point of a plane take, in microseconds of the processor, one by one and together. One process, one
 * thread, samples in turn. `--quick`: tiny problems, one short sample.
 */
import { type Backend, bind, type Capability, layoutLength, normals, type Objective, streamKey, type Vec } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, matrixSensing, phaseRetrieval } from '@lowland/objectives';

import type { Shared } from './suite.ts';

const quick = process.argv.includes('--quick');
/** Samples at least and at most, and microseconds after which the former are enough. */
const [fewest, most, enough] = quick ? [1, 1, 0] : [3, 12, 1.5e6];
/** Directions at once; side of the grid; points of it that are evaluated one by one. */
const [directions, grid, alone] = quick ? [3, 4, 2] : [8, 16, 20];

const draw = (length: number, seed: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers'), out);
  return out;
};
const labels = (x: Float64Array): Float64Array => x.map((value) => (value > 0 ? 1 : 0));

function problems(scale: number): readonly (readonly [name: string, objective: unknown, points?: false])[] {
  const side = (size: number): number => Math.max(4, Math.round(size * scale));
  const matrix = (rows: number, cols: number) => ({ rows, cols, values: draw(rows * cols, 1) });
  const [large, middle] = [matrix(side(1000), side(1000)), matrix(side(500), side(400))];
  const [rows, cols] = [side(1000), side(800)];
  const count = Math.floor((rows * cols) / 10);
  const row = Int32Array.from({ length: count }, (_, k) => Math.floor((10 * k) / cols));
  const col = Int32Array.from({ length: count }, (_, k) => (10 * k + (Math.floor((10 * k) / cols) % 7)) % cols);
  const entries = { rows, cols, row, col, values: draw(count, 2) };
  const number = side(1000);
  const measurements = { rows: 30, cols: 20, values: draw(number, 3), ensemble: { kind: 'dense', matrices: draw(number * 600, 4) } } as const;
  const intensities = { rows: 100, cols: 100, values: draw(number, 5).map((value) => value * value), ensemble: { kind: 'seeded', name: 'rank-one-symmetric', seed: 1, version: 1 } } as const;
  return [
    ['factorization, rank 10', matrixFactorization({ target: large, rank: Math.min(10, side(1000)) }), false],
    ['factorization, rank 2', matrixFactorization({ target: large, rank: 2 }), false],
    ['Huber factorization, rank 10', matrixFactorization({ target: middle, rank: Math.min(10, side(400)), loss: 'huber' })],
    ['one-bit factorization, rank 10', matrixFactorization({ target: { ...middle, values: labels(middle.values) }, rank: Math.min(10, side(400)), loss: 'logistic' })],
    ['Huber completion, rank 10', matrixCompletion({ entries, rank: Math.min(10, side(800)), loss: 'huber' })],
    ['completion, rank 10, rows penalised', matrixCompletion({ entries, rank: Math.min(10, side(800)), incoherence: 0.1, alpha: 1 })],
    ['sensing, rank 3', matrixSensing({ measurements, rank: 3 }), false],
    ['Huber sensing, rank 3', matrixSensing({ measurements, rank: 3, loss: 'huber' })],
    ['one-bit sensing, rank 3', matrixSensing({ measurements: { ...measurements, values: labels(measurements.values) }, rank: 3, loss: 'logistic' })],
    ['amplitudes', phaseRetrieval({ measurements: intensities, loss: 'smoothed-amplitude' })],
  ];
}

/** The best microseconds of each, in turns. */
function best(works: readonly (() => void)[]): readonly number[] {
  const times = works.map(() => Infinity);
  const start = performance.now();
  for (let sample = 0; sample < most && (sample < fewest || (performance.now() - start) * 1000 < enough); sample++) {
    works.forEach((work, k) => {
      const begin = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(begin);
      times[k] = Math.min(times[k]!, user + system);
    });
  }
  return times;
}

async function measured(name: string, objective: Objective<Capability>, wanted: boolean, backend: Backend): Promise<readonly Shared[]> {
  using binding = await bind(objective, backend, ['value', 'planeValues', 'hessianVectorProduct', 'hessianVectorProducts']);
  const { problem, choices } = binding;
  const { device } = problem;
  using memory = device.memory();
  const n = layoutLength(objective.layout);
  const upload = (data: Float64Array): Vec => {
    const x = memory.vector(data.length);
    device.write(x, data);
    return x;
  };
  const [x, u, v, moved, value] = [upload(draw(n, 6)), upload(draw(n, 7)), upload(draw(n, 8)), memory.vector(n), memory.vector(1)];
  const [all, images] = [upload(draw(directions * n, 9)), memory.vector(directions * n)];
  const each = Array.from({ length: directions }, (_, j) => [device.view(all, j * n, n), device.view(images, j * n, n)] as const);
  const coordinates = Float64Array.from({ length: 2 * grid * grid }, (_, k) => -1 + (2 * (k % 2 === 0 ? (k / 2) % grid : Math.floor(k / 2 / grid))) / (grid - 1));
  const [at, values] = [upload(coordinates), memory.vector(grid * grid)];
  const { axpy, copy } = device.kernels;
  const results: Shared[] = [];
  // Where core makes them one by one there is nothing to see.
  if (choices.find((choice) => choice.name === 'hessianVectorProducts')!.route !== undefined) {
    const [single, together] = best([
      () => { for (const [direction, image] of each) problem.hessianVectorProduct(x, direction, image); },
      () => { problem.hessianVectorProducts(x, all, images); },
    ]);
    results.push({ name, what: 'product', alone: single! / directions, together: together! / directions });
  }
  // Slices of squares alone are polynomials.
  if (!wanted) return results;
  const [points, plane] = best([
    () => {
      for (let k = 0; k < alone; k++) {
        copy(x, moved);
        axpy(coordinates[2 * k]!, u, moved);
        axpy(coordinates[2 * k + 1]!, v, moved);
        problem.value(moved, value);
      }
    },
    () => { problem.planeValues(x, u, v, at, values); },
  ]);
  results.push({ name, what: 'point', alone: points! / alone, together: plane! / (grid * grid) });
  return results;
}

const rows: Shared[] = [];
for (const [name, objective, points = true] of problems(quick ? 0.01 : 1)) rows.push(...(await measured(name, objective as Objective<Capability>, points, cpu())));
console.log(JSON.stringify(rows));
