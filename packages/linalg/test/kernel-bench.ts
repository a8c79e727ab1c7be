/** What the tests of kernels share: random shapes and numbers, places with guards around them, references with twice the digits. */
import { type Device, type Dtype, errorCode, type Kernels, type Mat, type Memory, type Transpose, type Vec } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { it } from 'vitest';

import { cpu, type CpuBackend } from '../src/cpu/backend.ts';
import { openThreads } from '../src/threads/index.ts';
import { hasRelaxedSimd } from '../src/wasm/support.ts';

const seed = 20_261_122;
/** Two threads that share the smallest work, where this one may wait for another: not on a browser's main thread. */
const threads = await openThreads({ count: 2, grain: 1 }).catch((error: unknown) => {
  if (errorCode(error) !== 'LOWLAND_E_THREADS' || !('document' in globalThis)) throw error;
  return undefined;
});
/** All that this engine runs. */
export const variants = [
  {}, ...(threads === undefined ? [] : [{ threads }]),
].flatMap((pool) => [...('threads' in pool ? [] : (['plain'] as const)), 'wasm' as const, ...(hasRelaxedSimd() ? (['relaxed'] as const) : [])].flatMap((kernels) =>
  (['f64', 'f32'] as const).map((dtype) => cpu({ kernels, dtype, ...pool }))));

/** Rounding of a number type: eps of rigour.md E1 and the smallest subnormal. */
export const unit: Record<Dtype, readonly [epsilon: number, eta: number]> = { f64: [2 ** -52, Number.MIN_VALUE], f32: [2 ** -23, 2 ** -149] };
/** Of an inner product of n terms whose sizes add up to `size`. */
export const bound = (dtype: Dtype, n: number, size: number) => (n + 4) * (unit[dtype][0] * size + unit[dtype][1]);

/** Pairs of numbers whose sum carries twice the digits (Dekker 1971): the independent reference. */
export class Exact {
  high = 0;
  low = 0;
  size = 0;
  add(a: number, b: number): this {
    const p = a * b;
    const split = 134217729;
    const [ta, tb] = [split * a, split * b];
    const [ah, bh] = [ta - (ta - a), tb - (tb - b)];
    const error = (a - ah) * (b - bh) - (p - ah * bh - (a - ah) * bh - ah * (b - bh));
    const sum = this.high + p;
    const z = sum - this.high;
    this.low += this.high - (sum - z) + (p - z) + error;
    this.high = sum;
    this.size += Math.abs(p);
    return this;
  }
  get value(): number {
    return this.high + this.low;
  }
}

/** Numbers of random size and sign, a function of the seed and the place; rounded to the type. */
export function noise(dtype: Dtype, length: number, key: number): Float64Array {
  let state = (key * 2654435761) >>> 0 || 1;
  return Float64Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const x = (state >>> 0) / 2 ** 31 - 1;
    return dtype === 'f32' ? Math.fround(x) : x;
  });
}

const guard = 3.5;

/** A device with vectors that begin anywhere and have guards on both sides. */
export class Bench {
  readonly device: Device;
  readonly memory: Memory;
  readonly kernels: Required<Kernels>;
  readonly dtype: Dtype;
  readonly #guarded: (readonly [whole: Vec, from: number, to: number])[] = [];
  #key: number;

  constructor(backend: CpuBackend, key = 1) {
    this.device = backend.open() as Device;
    this.memory = this.device.memory();
    this.kernels = this.device.kernels as Required<Kernels>;
    this.dtype = backend.dtype;
    this.#key = key;
  }

  place(data: Float64Array): { whole: Vec; offset: number } {
    const offset = 1 + (this.#key % 7);
    const whole = this.memory.vector(data.length + offset + 5);
    const padded = new Float64Array(whole.length).fill(guard);
    padded.set(data, offset);
    this.device.write(whole, padded);
    this.#guarded.push([whole, offset, offset + data.length]);
    return { whole, offset };
  }
  vector(length: number, data = noise(this.dtype, length, this.#key++)): { vec: Vec; data: Float64Array } {
    const { whole, offset } = this.place(data);
    return { vec: this.device.view(whole, offset, length), data };
  }
  matrix(rows: number, cols: number, data = noise(this.dtype, rows * cols, this.#key++)): { mat: Mat; data: Float64Array; rows: number; cols: number } {
    const { whole, offset } = this.place(data);
    return { mat: this.device.matrix(whole, offset, rows, cols), data, rows, cols };
  }
  read(x: Vec): Float64Array {
    return this.device.read(x) as Float64Array;
  }
  /** Frees everything, after a look at the guards. */
  close(): void {
    for (const [whole, from, to] of this.#guarded) {
      const data = this.read(whole);
      for (let i = 0; i < data.length; i++) if ((i < from || i >= to) && data[i] !== guard) throw new Error(`written outside, at ${String(i - from)} of ${String(to - from)}`);
    }
    this.memory[Symbol.dispose]();
    this.device[Symbol.dispose]();
  }
}

/** The same on every variant. */
export function everywhere(key: number, body: (bench: Bench) => void, backends: readonly CpuBackend[] = variants): void {
  for (const backend of backends) {
    const bench = new Bench(backend, key);
    try {
      body(bench);
    } catch (error) {
      throw new Error(`${backend.variant} ${backend.dtype}: ${String(error)}`, { cause: error });
    }
    bench.close();
  }
}

/** Places among `length` to look at, evenly spread: all, or as many as cost some hundred thousand terms at `terms` each. */
export function* sample(length: number, terms: number): Generator<number> {
  const step = Math.max(1, Math.floor((length * (terms + 1)) / 200_000));
  for (let i = 0; i < length; i += step) yield i;
}

/** |given - reference| within the bound of rigour.md E1, in every entry or in a sample of a large result. */
export function expectClose(dtype: Dtype, given: Float64Array, terms: number, reference: (i: number) => Exact): void {
  for (const i of sample(given.length, terms)) {
    const exact = reference(i);
    const [x, y, limit] = [given[i]!, exact.value, bound(dtype, terms, exact.size)];
    if (!(Math.abs(x - y) <= limit)) throw new Error(`entry ${String(i)}: ${String(x)}, not within ${String(limit)} of ${String(y)}`);
  }
}

/** The same bits, result by result. */
export function expectSame(a: readonly Float64Array[], b: readonly Float64Array[]): void {
  a.forEach((numbers, i) => {
    numbers.forEach((x, at) => {
      if (!Object.is(x, b[i]![at])) throw new Error(`result ${String(i)}, entry ${String(at)}: ${String(x)} and ${String(b[i]![at])}`);
    });
  });
}

/** Sizes: mostly of some tiles, with the edges of none and one, and now and then large ones. */
export const side = fc.oneof({ weight: 3, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(300) });
export const factor = fc.constantFrom(0, 1, -1, 0.5, -2.25);
export const transpose = fc.constantFrom<Transpose>('N', 'T', 'C');
export const key = fc.integer({ min: 1, max: 1_000_000 });
/** A property test with this many instances under `pnpm test:full`. */
export const check = (name: string, count: number, arbitraries: readonly fc.Arbitrary<unknown>[], run: (...values: never[]) => void) => {
  it(name, () => {
    fc.assert(fc.property(fc.tuple(...arbitraries), (values) => { run(...(values as never[])); }), { seed, numRuns: runs(count) });
  });
};
