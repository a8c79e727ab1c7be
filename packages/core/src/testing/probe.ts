/**
 * A bound objective as functions of host arrays: what the suites call. Every result starts as NaN, so that an oracle which
 * does not overwrite it is found.
 */
import type { AnyObjective } from '../any.ts';
import { bindChoices } from '../bind.ts';
import type { Capability, Problem } from '../capability.ts';
import type { Backend, Ints, Vec } from '../device.ts';
import { layoutLength } from '../layout.ts';
import type { Choice } from '../routes.ts';
import { claim } from './check.ts';
import type { TestBackend } from './backends.ts';

export interface Probe {
  readonly problem: Partial<Problem<Capability>>;
  /** Calls an oracle with vectors that hold the arrays; gives what it wrote into a new vector of `length`. */
  call(length: number, oracle: (out: Vec, ...inputs: Vec[]) => void, ...inputs: readonly Float64Array[]): Promise<Float64Array>;
  value(x: Float64Array): Promise<number>;
  gradient(x: Float64Array): Promise<Float64Array>;
  hessianVectorProduct(x: Float64Array, v: Float64Array): Promise<Float64Array>;
  /** Starts from `start` instead of NaN: what is written into one block only. */
  into(start: Float64Array, oracle: (out: Vec) => void): Promise<Float64Array>;
  vector(data: Float64Array): Vec;
  read(x: Vec): Promise<Float64Array>;
  integers(data: readonly number[]): Ints;
}

/** Binds, gives the probe to `body`, frees; test backends must then hold what they held before. */
export async function withProbe<T>(objective: AnyObjective, backend: Backend, choices: readonly Choice[], body: (probe: Probe) => Promise<T> | T): Promise<T> {
  const { usage } = backend as Partial<TestBackend>;
  const before = usage?.live ?? 0;
  const device = await backend.open();
  const memory = device.memory();
  const n = layoutLength(objective.layout);
  try {
    const binding = bindChoices(objective, device, choices);
    try {
      const problem = binding.problem as Partial<Problem<Capability>>;
      const vector = (data: Float64Array) => {
        const vec = memory.vector(data.length);
        device.write(vec, data);
        return vec;
      };
      const read = async (x: Vec) => await device.read(x);
      const into = async (start: Float64Array, oracle: (out: Vec) => void) => {
        const out = vector(start);
        oracle(out);
        return await read(out);
      };
      const call: Probe['call'] = async (length, oracle, ...inputs) => {
        const vectors = inputs.map(vector);
        const out = await into(new Float64Array(length).fill(Number.NaN), (target) => { oracle(target, ...vectors); });
        for (const [i, input] of inputs.entries()) {
          const after = await read(vectors[i]!);
          claim(after.every((x, k) => Object.is(x, backend.dtype === 'f32' ? Math.fround(input[k]!) : input[k])), () => 'An oracle changed its input.');
        }
        return out;
      };
      return await body({
        problem,
        call,
        into,
        vector,
        read,
        integers: (data) => memory.integers(Int32Array.from(data)),
        value: async (x) => (await call(1, (out, at) => { problem.value!(at, out); }, x))[0]!,
        gradient: (x) => call(n, (out, at) => { problem.gradient!(at, out); }, x),
        hessianVectorProduct: (x, v) => call(n, (out, at, along) => { problem.hessianVectorProduct!(at, along, out); }, x, v),
      });
    } finally {
      binding[Symbol.dispose]();
    }
  } finally {
    memory[Symbol.dispose]();
    device[Symbol.dispose]();
    const left = (usage?.live ?? 0) - before;
    claim(left === 0, () => `${String(left)} allocations were not freed.`);
  }
}
