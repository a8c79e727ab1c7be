/**
 * Checks as plain data, for any test runner: `for (const { name, run } of checks) test(name, run)`.
 */
import type { MaybePromise } from '../device.ts';
import { LowlandError } from '../errors.ts';
import { normals } from '../normals.ts';
import { streamKey } from '../philox.ts';

export interface Check {
  readonly name: string;
  /** Throws LOWLAND_E_CHECK where the claim does not hold. */
  run(): MaybePromise<void>;
}

/** @throws LOWLAND_E_CHECK unless the claim holds */
export function claim(holds: boolean, message: () => string): void {
  if (!holds) throw new LowlandError('LOWLAND_E_CHECK', message());
}

/** |given - expected| <= tolerance in every entry; NaN only where NaN is expected. */
export function claimClose(what: string, given: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number | ((i: number) => number)): void {
  claim(given.length === expected.length, () => `${what}: ${String(expected.length)} numbers expected, ${String(given.length)} given.`);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [given[i]!, expected[i]!];
    const bound = typeof tolerance === 'number' ? tolerance : tolerance(i);
    const fits = Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= bound;
    claim(fits, () => `${what}: entry ${String(i)} is ${String(a)}, expected ${String(b)} within ${String(bound)}.`);
  }
}

/** The same bits: NaN is NaN, and -0 is not 0. */
export function claimSameBits(what: string, given: ArrayLike<number>, expected: ArrayLike<number>): void {
  claimClose(what, given, expected, -1);
  for (let i = 0; i < expected.length; i++) {
    claim(Object.is(given[i], expected[i]), () => `${what}: entry ${String(i)} is ${String(given[i])}, expected ${String(expected[i])} to the bit.`);
  }
}

/** Gaussian numbers from a fixed stream. */
export function gaussian(length: number, seed: number, scale = 1): Float64Array {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'check'), out);
  return out.map((x) => scale * x);
}

export const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
export const norm = (a: Float64Array): number => Math.sqrt(inner(a, a));

/** Whether JSON keeps a value as it is: finite numbers, texts, flags, null, lists and plain records of them. */
export function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value === null || typeof value === 'string' || typeof value === 'boolean';
  if (Array.isArray(value)) return value.every(isPlain);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every((part) => part === undefined || isPlain(part));
}
