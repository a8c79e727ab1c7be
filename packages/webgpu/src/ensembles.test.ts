/** Ensembles, in Node and in pages: one method of each kind of noise. */
import { describe, expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';
import { made, nameOf, type Runs, sizes, useTwins } from '../test/ensembles.ts';

const twins = useTwins(useDevice());

describe.each([
  ['gradient-descent', 'normal', (k: number) => [0.02 + 0.01 * k]],
  ['langevin', 'lattice', (k: number) => [0.01 + 0.005 * k, k % 2 === 0 ? 0 : 0.5, 0.05]],
] as const)('%s', (method, noise, parameters) => {
  it.each(sizes.map((size) => [nameOf(size), size] as const))('%s: 100 steps, the bits of the cpu in f32, in one call or several', async (_, size) => {
    const steps = size.rows > 9 ? 20 : 100;
    const runs: Runs = { ...size, method, noise, count: 3, steps };
    const found = await twins.expectTwins(runs, made(runs, parameters), size === sizes[0] ? [steps] : [0, 1, 16, steps - 17]);
    expect(found.some((x) => Math.abs(x) > 0.01)).toBe(true);
  });
});
