/**
 * Makes one analysis of a large factorisation, and prints what it took. One process each: what an analysis needs at most of memory is seen
 * only where nothing else ran. `--quick`: a small one.
 */
import { analyse } from '@lowland/core';
import { classify, slice, spectrum, type Spectrum, type SpectrumOptions } from '@lowland/landscape';
import { cpu } from '@lowland/linalg';

import { large, minimum, saddle, small } from './points.ts';

/** Largest errors are relative, of all eigenvalues that are known. */
export interface Taken {
  /** Seconds of the first call in the process, compilation included. */
  readonly seconds: number;
  /** Bytes of the process at most. */
  readonly peak: number;
  /** Hessian-vector products, where they are counted. */
  readonly products?: number;
  readonly error?: number;
  /** Whether what was found is what is known. */
  readonly right: boolean;
}

const [variant, flag] = process.argv.slice(2);
const sizes = flag === '--quick' ? small : large;
const backend = cpu();

const wrong = (found: number, known: number) => Math.abs(found - known) / Math.abs(known);
/** The ends alone: no density, trace and bounds. */
const ends = (given: SpectrumOptions): SpectrumOptions => ({ probes: 0, traceProducts: 0, failureProbability: 0, ...given });

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number; readonly peak: number }> {
  const begin = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - begin) / 1000, peak: 1024 * process.resourceUsage().maxRSS };
}

async function sliced(): Promise<Taken> {
  const { objective, point } = minimum(sizes);
  const { result, ...took } = await timed(() => analyse(objective, slice({ first: 'random', second: 'random', grid: sizes.grid }), point, backend));
  return { ...took, right: result.method === 'polynomial' && result.values.length === sizes.grid ** 2 };
}

/** σ_d and 2 σ_1 are the least and the largest eigenvalue off the orbit. */
async function atMinimum(): Promise<Taken> {
  const { objective, point } = minimum(sizes);
  const { result, ...took } = await timed(() => analyse(objective, spectrum(ends({ count: 1 })), point, backend));
  return { ...took, products: result.products, error: Math.max(wrong(result.smallest[0]!.value, 1), wrong(result.largest[0]!.value, 4)), right: result.converged };
}

/** The least eigenvalues: with `missing` zero columns each so many times. */
async function atSaddle(missing: number, distinct: number, copies: number): Promise<Taken> {
  const { objective, point, missed } = saddle(sizes, missing);
  const { result, ...took } = await timed<Spectrum>(() => analyse(objective, spectrum(ends({ count: missing * distinct, copies })), point, backend));
  const errors = result.smallest.map(({ value }, k) => wrong(value, -missed[Math.floor(k / missing)]!));
  return { ...took, products: result.products, error: Math.max(...errors), right: result.converged };
}

/** Everything but the dense matrix. */
async function whole(): Promise<Taken> {
  const { objective, point } = minimum(sizes);
  const { result, ...took } = await timed<Spectrum>(() => analyse(objective, spectrum({ denseVariables: 0 }), point, backend));
  return { ...took, products: result.products, right: result.eigenvalues === null && result.density !== null && result.trace !== null };
}

async function classified(): Promise<Taken> {
  const { objective, point } = saddle(sizes, 1);
  const { result, ...took } = await timed(() => analyse(objective, classify(), point, backend));
  return { ...took, right: result.kind === 'strict-saddle' };
}

const variants: Readonly<Record<string, () => Promise<Taken>>> = {
  slice: sliced,
  minimum: atMinimum,
  saddle: () => atSaddle(1, 5, 1),
  // One copy more than there are would be found as the next eigenvalue.
  copies: () => atSaddle(2, 3, 3),
  spectrum: whole,
  classify: classified,
};
console.log(JSON.stringify(await variants[variant!]!()));
