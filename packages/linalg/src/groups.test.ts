import { streamKey, type Symmetry } from '@lowland/core';
import { expect, it } from 'vitest';

import { cpu } from './cpu/backend.ts';
import { generalLinearSymmetry, orthogonalSymmetry } from './groups.ts';

const layout = { blocks: [{ name: 'U', shape: [4, 3] }, { name: 'V', shape: [5, 3] }] };

async function start() {
  const device = await cpu().open();
  const memory = device.memory();
  const x = memory.vector(27);
  device.kernels.normal(streamKey(5, 'x'), x);
  const direction = memory.vector(27);
  const at = (symmetry: Symmetry, k: number): Float64Array => {
    symmetry.generator(x, k, direction);
    return device.host!(direction).slice();
  };
  return { device, memory, x, at };
}

/** d/dt (U + t A)(V + t C)^T at 0, and of U^T U - V^T V. */
function changes(x: Float64Array, d: Float64Array): { product: number; imbalance: number } {
  const entry = (from: Float64Array, block: number, i: number, k: number) => from[block + i * 3 + k]!;
  let product = 0;
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 5; j++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += entry(d, 0, i, k) * entry(x, 12, j, k) + entry(x, 0, i, k) * entry(d, 12, j, k);
      product = Math.max(product, Math.abs(sum));
    }
  let imbalance = 0;
  for (let a = 0; a < 3; a++)
    for (let b = 0; b < 3; b++) {
      let sum = 0;
      for (let i = 0; i < 4; i++) sum += entry(d, 0, i, a) * entry(x, 0, i, b) + entry(x, 0, i, a) * entry(d, 0, i, b);
      for (let j = 0; j < 5; j++) sum -= entry(d, 12, j, a) * entry(x, 12, j, b) + entry(x, 12, j, a) * entry(d, 12, j, b);
      // Rotations turn the imbalance, they do not change its trace.
      if (a === b) imbalance += sum;
    }
  return { product, imbalance: Math.abs(imbalance) };
}

it('GL(r) has r^2 directions that keep the product', async () => {
  const { device, memory, x, at } = await start();
  const symmetry = generalLinearSymmetry(device, memory, layout, 'U', 'V', 3);
  expect([symmetry.group, symmetry.dimension]).toEqual(['GL(3)', 9]);
  const point = await device.read(x);
  for (let k = 0; k < 9; k++) expect(changes(point, at(symmetry, k)).product).toBeLessThan(1e-14);
});

it('O(r) has r (r - 1) / 2 directions that keep product and imbalance', async () => {
  const { device, memory, x, at } = await start();
  const symmetry = orthogonalSymmetry(device, memory, layout, ['U', 'V'], 3);
  expect([symmetry.group, symmetry.dimension]).toEqual(['O(3)', 3]);
  const point = await device.read(x);
  for (let k = 0; k < 3; k++) {
    const { product, imbalance } = changes(point, at(symmetry, k));
    expect(product).toBeLessThan(1e-14);
    expect(imbalance).toBeLessThan(1e-13);
  }
});

it('directions are independent at a generic point', async () => {
  const { device, memory, at } = await start();
  const symmetry = generalLinearSymmetry(device, memory, layout, 'U', 'V', 3);
  const gram = Array.from({ length: 9 }, (_, a) => Array.from({ length: 9 }, (_, b) => at(symmetry, a).reduce((sum, value, i) => sum + value * at(symmetry, b)[i]!, 0)));
  // Gaussian elimination without pivoting of a positive definite matrix: all pivots are positive.
  for (let k = 0; k < 9; k++) {
    expect(gram[k]![k]!).toBeGreaterThan(1e-6);
    for (let i = k + 1; i < 9; i++) {
      const factor = gram[i]![k]! / gram[k]![k]!;
      for (let j = k; j < 9; j++) gram[i]![j]! -= factor * gram[k]![j]!;
    }
  }
});
