import { bind, type Backend, type Capability, type MaybePromise, type Objective, type Problem, type Vec } from '@lowland/core';
import { asyncBackend, referenceBackend } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { instances } from './instances.ts';
import { gaussian, largest } from './support.ts';

type Everything = Problem<never, Capability>;

/** Every oracle once, at one point and direction: name -> numbers. */
async function everything(objective: Objective<never>, backend: Backend): Promise<Record<string, Float64Array>> {
  const device = await backend.open();
  // Block solves in a single host kernel are for synchronous devices.
  const names = Object.entries(objective.routes as Record<string, readonly { readonly kernels: readonly string[] }[]>)
    .filter(([, routes]) => routes.some(({ kernels }) => kernels.every((kernel) => backend.kernels.has(kernel as never))))
    .map(([name]) => name as never);
  const binding = bind(objective, device, names);
  const problem = binding.problem as unknown as Everything;
  const memory = device.memory();
  const size = objective.layout.blocks.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
  const vector = (data: Float64Array): Vec => {
    const x = memory.vector(data.length);
    device.write(x, data);
    return x;
  };
  const x = vector(gaussian(size, 'x'));
  const v = vector(gaussian(size, 'v'));
  const reads: Record<string, MaybePromise<Float64Array>> = {};
  const note = (name: string, length: number, run: (out: Vec) => void): void => {
    // NaN shows what is not written, and what is read before.
    const out = vector(new Float64Array(length).fill(NaN));
    run(out);
    reads[name] = device.read(out);
  };
  note('value', 1, (out) => problem.value!(x, out));
  note('gradient', size, (out) => problem.gradient!(x, out));
  note('valueAndGradient', size, (out) => problem.valueAndGradient!(x, vector(new Float64Array(1)), out));
  note('hessianVectorProduct', size, (out) => problem.hessianVectorProduct!(x, v, out));
  for (const name of new Set(problem.factors!.pairs.flat())) {
    note(`blockGradient ${name}`, size, (out) => {
      device.write(out, new Float64Array(size));
      problem.blockGradient!(x, name, out);
    });
    if (problem.blockSolve) note(`blockSolve ${name}`, size, (out) => {
      device.kernels.copy(x, out);
      problem.blockSolve!(out, name, out);
    });
  }
  if (problem.residual) {
    const { residual } = problem;
    const w = vector(gaussian(residual.length, 'w'));
    note('residual', residual.length, (out) => residual.evaluate(x, out));
    note('jvp', residual.length, (out) => residual.jvp(x, v, out));
    note('vjp', size, (out) => residual.vjp(x, w, out));
  }
  for (let k = 0; k < problem.symmetry!.dimension; k++) note(`generator ${k}`, size, (out) => problem.symmetry!.generator(x, k, out));
  note('predict', 2, (out) => problem.predict!(x, memory.integers(Int32Array.of(0, 0)), memory.integers(Int32Array.of(0, 0)), out));
  const results = Object.fromEntries(await Promise.all(Object.entries(reads).map(async ([name, read]) => [name, await read] as const)));
  memory[Symbol.dispose]();
  binding[Symbol.dispose]();
  device[Symbol.dispose]();
  return results;
}

/** The largest difference over all oracles of `results`, relative to 1 + the size of the reference; NaN if any is. */
function worst(results: Record<string, Float64Array>, reference: Record<string, Float64Array>): number {
  return largest(
    Object.entries(results).map(([name, numbers]) => {
      const exact = reference[name]!;
      return largest(numbers.map((value, k) => value - exact[k]!)) / (1 + largest(exact));
    }),
  );
}

describe.each(Object.entries(instances))('%s', (_name, objective) => {
  it('gives the same on the cpu and on a device of plain loops that enforces every rule', async () => {
    const backend = referenceBackend({ extra: hostKernels });
    const [ours, theirs] = [await everything(objective, cpu()), await everything(objective, backend)];
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    expect(worst(ours, theirs)).toBeLessThan(1e-11);
    expect(backend.usage.live).toBe(0);
  });

  it('runs on the asynchronous f32 device unchanged, within its precision', async () => {
    const backend = asyncBackend({ extra: hostKernels, reads: 'microtask' });
    const [ours, theirs] = [await everything(objective, cpu()), await everything(objective, backend)];
    // Least-norm solutions of singular systems are not reached in f32: those factors are full rank or penalised here.
    expect(worst(theirs, ours)).toBeLessThan(2e-4);
    expect(backend.usage.live).toBe(0);
  });
});
