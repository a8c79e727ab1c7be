/** Runs of ensembles on the GPU beside those of the cpu in f32: bit for bit where the GPU rounds as WGSL is written. */
import { type Device, normals, streamKey, type Vec } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { type EnsembleKernels, type FactoredEnsemble, hostEnsembles, stateLength, variablesOf } from '@lowland/linalg/ensembles';
import { beforeAll, expect } from 'vitest';

import { webgpuInfo } from '../src/info.ts';
import { type Bench, driverIsNamed } from './devices.ts';

export type Sizes = Pick<FactoredEnsemble, 'symmetric' | 'rows' | 'cols' | 'rank'>;
export const draw = (seed: number, length: number, scale = 1): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'ensembles test'), out);
  return out.map((x) => Math.fround(scale * x));
};

interface Numbers {
  readonly coefficients: Float64Array;
  readonly parameters: Float64Array;
  readonly limits: Float64Array;
  readonly states: Float64Array;
}
export type Runs = Sizes & Pick<FactoredEnsemble, 'method' | 'count' | 'steps' | 'noise'>;

/** A family with its data: what it makes of kernels, an ensemble and the data on a device. */
export interface Family {
  readonly data: readonly Float64Array[];
  call(kernels: EnsembleKernels, ensemble: FactoredEnsemble, data: readonly Vec[]): void;
}

/** States after the steps, in as many calls as there are numbers of steps. */
export async function moved(device: Device, kernels: EnsembleKernels, family: Family, runs: Runs, numbers: Numbers, calls: readonly number[]): Promise<Float64Array> {
  using memory = device.memory();
  const vector = (data: Float64Array) => {
    // at an odd place of its vector
    const whole = memory.vector(data.length + 3);
    const part = device.view(whole, 3, data.length);
    device.write(part, data);
    return part;
  };
  const [coefficients, parameters, limits, states] = [numbers.coefficients, numbers.parameters, numbers.limits, numbers.states].map(vector) as [Vec, Vec, Vec, Vec];
  const data = family.data.map(vector);
  let firstStep = 0;
  for (const steps of calls) {
    family.call(kernels, { ...runs, steps, firstStep, seed: 2 ** 40 - 3, coefficients, parameters, limits, states }, data);
    firstStep += steps;
  }
  return await device.read(states);
}

/** Planted targets, one of each run. */
export function factorization({ count, rows, cols, symmetric }: Runs): Family {
  const planted = (k: number) => {
    const u = draw(100 + k, rows);
    const v = symmetric ? u : draw(200 + k, cols);
    return Float64Array.from({ length: rows * cols }, (_, e) => Math.fround((2 * u[Math.floor(e / cols)]! * v[e % cols]!) / Math.sqrt(rows * cols)));
  };
  return {
    data: [Float64Array.from([...Array(count).keys()].flatMap((k) => [...planted(k)]))],
    call(kernels, ensemble, [targets]) {
      kernels['ensemble/factorization'](ensemble, targets!);
    },
  };
}

/** Runs of a method from random starts, with parameters that differ from run to run. */
export function made(runs: Runs, parameters: (k: number) => readonly number[], limit: (k: number) => readonly [number, number] = () => [-1, -1]): Numbers {
  const { method, count, symmetric } = runs;
  const variables = variablesOf(runs);
  const length = stateLength(method, variables);
  const states = new Float64Array(count * length);
  for (let k = 0; k < count; k++) states.set(draw(300 + k, variables, 0.5), k * length);
  return {
    coefficients: Float64Array.from({ length: 3 * count }, (_, e) => Math.fround([1, 0.01 * (Math.floor(e / 3) % 2), symmetric ? 0 : 0.25 * (Math.floor(e / 3) % 3)][e % 3]!)),
    parameters: Float64Array.from({ length: count }, (_, k) => k).reduce((all, k) => Float64Array.of(...all, ...parameters(k).map(Math.fround)), new Float64Array(0)),
    limits: Float64Array.from([...Array(count).keys()].flatMap(limit), Math.fround),
    states,
  };
}

export interface Twins {
  /** Whether this GPU rounds every operation as WGSL writes it: then all is compared to the bit. */
  readonly plain: boolean;
  /** Moves the runs here and there, and expects the same states; gives them. */
  expectTwins(runs: Runs, numbers: Numbers, calls?: readonly number[], family?: Family): Promise<Float64Array>;
}

export function useTwins(bench: Bench): Twins {
  let plain = false;
  beforeAll(async () => {
    const { numerics } = await webgpuInfo();
    plain = !numerics.contracts && numerics.roundsDivision && numerics.roundsRoot && numerics.twoSum === 'plain';
    // SwiftShader does.
    if (!plain && !driverIsNamed) throw new Error('SwiftShader no longer rounds as WGSL is written: the bits of ensembles would not be compared.');
  });
  return {
    get plain() {
      return plain;
    },
    async expectTwins(runs, numbers, calls = [runs.steps], family = factorization(runs)) {
      using host = await cpu({ dtype: 'f32' }).open();
      const expected = await moved(host, hostEnsembles(host), family, runs, numbers, [runs.steps]);
      const found = await moved(bench.device, bench.device.kernels as EnsembleKernels, family, runs, numbers, calls);
      if (plain) expect(found).toEqual(expected);
      // Rounding apart; what diverges or ends by a hair may do so elsewhere.
      else found.forEach((x, i) => { if (!Object.is(x, expected[i])) expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-3 * (1 + Math.abs(expected[i]!))); });
      return found;
    },
  };
}

export const sizes: readonly Sizes[] = [
  { symmetric: false, rows: 7, cols: 5, rank: 2 },
  { symmetric: false, rows: 1, cols: 9, rank: 1 },
  { symmetric: false, rows: 9, cols: 1, rank: 3 },
  { symmetric: true, rows: 8, cols: 8, rank: 3 },
  // the residual in pieces
  { symmetric: false, rows: 40, cols: 20, rank: 2 },
];
export const nameOf = ({ symmetric, rows, cols, rank }: Sizes): string => `${symmetric ? 'symmetric ' : ''}${rows} x ${cols} of rank ${rank}`;

