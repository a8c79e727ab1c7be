/** One step of each method, in place, each operation rounded. */
import { latticeNormals, normals, type NoiseRule, streamKey } from '@lowland/core';

import type { EnsembleMethod } from './contract.ts';
import type { Shape } from './family.ts';
import type { Round } from './rounding.ts';

/** A run between two steps: what it knows at its point. */
export interface Moving {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  value: number;
  gradientNorm: number;
  /** The numbers of the method, this run's row. */
  readonly parameters: Float64Array;
  /** What the method keeps in the run's state. */
  readonly own: Float64Array;
  readonly seed: number;
  /** Steps taken before this one. */
  steps: number;
  /** Brings value, gradient and its norm up to date with the point. */
  evaluate(): void;
}

/** Moves the run by one step. `ended`: the method ends the run here; `undefined step`: there is none, and the point is what it was. */
export type Step = (run: Moving) => 'ended' | 'undefined step' | undefined;

type Maker = (shape: Shape & { readonly noise: NoiseRule }, round: Round) => Step;

/** x_k + (-step) g_k */
const gradientDescent: Maker = (_, round) => ({ x, gradient, parameters }) => {
  const step = parameters[0]!;
  for (let k = 0; k < x.length; k++) x[k] = round(x[k]! + round(-step * gradient[k]!));
  return undefined;
};

/**
 * Each after the other for all entries: x_k + (-step) g_k; with s = round(step strength), x_k + (-s) g_(half + k) in the first half and
 * x_(half + k) + s g_k in the second; x_k + spread xi_k.
 */
const langevin: Maker = ({ noise: rule }, round) => {
  const draw = rule === 'lattice' ? latticeNormals : normals;
  let noise = new Float64Array(0);
  const { purpose } = streamKey(0, 'langevin');
  return ({ x, gradient, parameters, seed, steps }) => {
    const [step, strength, spread] = [parameters[0]!, parameters[1]!, parameters[2]!];
    const half = Math.floor(x.length / 2);
    for (let k = 0; k < x.length; k++) x[k] = round(x[k]! + round(-step * gradient[k]!));
    if (strength !== 0) {
      const turn = round(step * strength);
      for (let k = 0; k < half; k++) {
        x[k] = round(x[k]! + round(-turn * gradient[half + k]!));
        x[half + k] = round(x[half + k]! + round(turn * gradient[k]!));
      }
    }
    if (noise.length !== x.length) noise = new Float64Array(x.length);
    draw({ seed, purpose, index: steps }, noise);
    for (let k = 0; k < x.length; k++) x[k] = round(x[k]! + round(spread * round(noise[k]!)));
    return undefined;
  };
};

/** Those that there are on the host. */
export const methods: Readonly<Partial<Record<EnsembleMethod, Maker>>> = {
  'gradient-descent': gradientDescent,
  langevin,
};
