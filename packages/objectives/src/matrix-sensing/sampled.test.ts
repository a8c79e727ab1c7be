import type { Device, Mat, Memory } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { expect, it } from 'vitest';

import { gaussian } from '../../test/support.ts';
import { denseMap } from './dense-map.ts';
import { drawnMatrices } from './gaussian.ts';
import { seededMap } from './seeded-map.ts';
import type { SensingMap } from './sensing-map.ts';

const [rows, cols, rank] = [5, 4, 2];

/** left and right of one batch, from given factors. */
function products(map: SensingMap, u: Float64Array, v: Float64Array, data: Float64Array, batch: readonly number[]): Float64Array[] {
  const slope = (z: number, k: number): number => z - data[k]!;
  const device = cpu().open() as Device;
  const memory: Memory = device.memory();
  const block = (numbers: Float64Array): Mat => {
    const made = device.matrix(memory.vector(numbers.length), 0, numbers.length / rank, rank);
    device.write(made, numbers);
    return made;
  };
  const [left, right] = [block(new Float64Array(u.length)), block(new Float64Array(v.length))];
  map.sampled(device, memory).products(block(u), block(v), slope, Int32Array.from(batch), 0.7, left, right);
  const read = [left, right].map((m) => device.read(m) as Float64Array);
  device[Symbol.dispose]();
  return read;
}

it('a batch of a seeded ensemble is drawn as the held one has it, and nothing else is', () => {
  const [u, v, data] = [gaussian(rows * rank, 'u'), gaussian(cols * rank, 'v'), gaussian(30, 'data')];
  const batch = [3, 29, 3, 0];
  const held = products(denseMap(rows, cols, drawnMatrices('gaussian', 9, 30, rows, cols), false), u, v, data, batch);
  // a billion measurements, of which four are touched: all of them would take a minute
  const begin = performance.now();
  const drawn = products(seededMap('gaussian', 9, rows, cols, 1e9, false), u, v, data, batch);
  expect(performance.now() - begin).toBeLessThan(5000);
  drawn.forEach((side, i) => { expect(Math.hypot(...side.map((x, k) => x - held[i]![k]!))).toBeLessThan(1e-12 * Math.hypot(...held[i]!)); });
});

it('symmetric problems add both sides into one block', () => {
  const x = gaussian(rows * rank, 'x');
  const data = gaussian(12, 'data');
  const matrices = drawnMatrices('gaussian', 2, 12, rows, rows);
  const [zx, zTx] = products(denseMap(rows, rows, matrices, false), x, x, data, [1, 7]);
  const [left, right] = products(denseMap(rows, rows, matrices, true), x, x, data, [1, 7]);
  const sum = zx!.map((value, k) => value + zTx![k]!);
  expect(Math.hypot(...left!.map((value, k) => value + right![k]! - sum[k]!))).toBeLessThan(1e-12 * Math.hypot(...sum));
});
