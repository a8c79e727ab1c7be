/**
 * Prints what a gradient and a Hessian-vector product at one point take, in microseconds, for every objective that is registered and
 * every route that has both. One process, one thread, samples interleaved. `--quick`: tiny problems, one short sample.
 */
import { type AnyObjective, type Capability, createRegistry, type Device, layoutLength, normals, streamKey, type Vec } from '@lowland/core';
import { rowsOf } from '@lowland/catalogue/rows';
import { cpu } from '@lowland/linalg';
import objectives from '@lowland/objectives';

import { large, leastVariables, small } from './sizes.ts';
import type { Cost } from './suite.ts';

const quick = process.argv.includes('--quick');
/** Each sample is at least this long; the best of so many counts. */
const [sampleMicroseconds, samples] = quick ? [10, 1] : [1000, 15];

const device = cpu().open() as Device;
const rows = rowsOf(createRegistry(objectives), device, quick ? small : large, console.error).filter(({ objective }) => quick || layoutLength(objective.layout) >= leastVariables);
console.log(JSON.stringify(rows.flatMap(({ name, objective }) => costsOf(name, objective))));

function costsOf(name: string, objective: AnyObjective): readonly Cost[] {
  const routes = objective.routes as Partial<Record<Capability, readonly { readonly label: string; bind(data: unknown, on: Device, memory: object): (...vectors: Vec[]) => void }[]>>;
  const first: Capability = routes.gradient === undefined ? 'valueAndGradient' : 'gradient';
  const labels = (routes.hessianVectorProduct ?? []).map(({ label }) => label).filter((label) => label !== 'finite-difference');
  return [...new Set(labels)].flatMap((route) => {
    const find = (capability: Capability) => routes[capability]?.find(({ label }) => label === route);
    const [gradient, product] = [find(first), find('hessianVectorProduct')];
    if (gradient === undefined || product === undefined) return [];
    const memory = device.memory();
    const length = layoutLength(objective.layout);
    const [x, v, out, value] = [memory.vector(length), memory.vector(length), memory.vector(length), memory.vector(1)];
    device.write(x, objective.initial(streamKey(0, 'init', 0)).data);
    const direction = new Float64Array(length);
    normals(streamKey(0, 'direction'), direction);
    device.write(v, direction);
    const uploaded: unknown = objective.upload(device, memory);
    const [g, h] = [gradient.bind(uploaded, device, memory), product.bind(uploaded, device, memory)];
    const [gradientTime, productTime] = interleaved(first === 'gradient' ? () => { g(x, out); } : () => { g(x, value, out); }, () => { h(x, v, out); });
    memory[Symbol.dispose]();
    return [{ name, route, variables: length, blocks: objective.layout.blocks.length, gradient: gradientTime, product: productTime }];
  });
}

/** The best microseconds of one call of each. */
function interleaved(one: () => void, other: () => void): readonly [number, number] {
  const [ofOne, ofOther] = [sampler(one), sampler(other)];
  let best: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let sample = 0; sample < samples; sample += 1) best = [Math.min(best[0], ofOne()), Math.min(best[1], ofOther())];
  return best;
}

/** Warms up, and gives a function that makes calls of about one sample and says what one of them took. */
function sampler(work: () => void): () => number {
  const calls = (times: number): number => {
    const begin = performance.now();
    for (let i = 0; i < times; i += 1) work();
    return ((performance.now() - begin) * 1000) / times;
  };
  let times = 1;
  while (calls(times) * times < sampleMicroseconds) times *= 2;
  return () => calls(times);
}
