/** A phase-retrieval problem, free of any device: f(x) = weight |rho(x)|^2 over its measurements. */
import type { Device, Layout, Mat, Memory, Vec } from '@lowland/core';

import { once } from '../factored/once.ts';
import { newVector } from '../factored/term.ts';
import { composedOracles, type ComposedOracles } from './composed.ts';
import { fusedOracles } from './fused.ts';
import type { Vectors } from './vectors.ts';

export interface PhaseProblem {
  readonly vectors: Vectors;
  readonly layout: Layout;
  /** Numbers of x over the reals. */
  readonly length: number;
  /** Factor of the sum of squares. */
  readonly weight: number;
  /** undefined: rho = |z|^2 - data; else rho = sqrt(|z|^2 + smoothing^2) - data. */
  readonly smoothing: number | undefined;
  /** Intensities, or their smoothed roots. */
  readonly data: Float64Array;
}

/** What `upload` gives; A and the data once, each kind of oracles when first asked for. */
export interface Uploaded {
  readonly a: Mat;
  readonly data: Vec;
  composed(): ComposedOracles;
  fused(): Omit<ComposedOracles, 'residual'>;
}

/** The gradient is this times A^* w with the weights w of `phaseProducts`: the derivative over the reals, twice that by the conjugate of x. */
export const slopeOf = ({ weight, smoothing }: PhaseProblem): number => (smoothing === undefined ? 4 : 2) * weight;

export const uploadOf = (problem: PhaseProblem) => (device: Device, memory: Memory): Uploaded => {
  const { vectors: { count, size, complex, rows }, data } = problem;
  const uploaded = {
    a: device.matrix(newVector(device, memory, rows), 0, count, size, complex),
    data: newVector(device, memory, data),
  };
  return {
    ...uploaded,
    composed: once(() => composedOracles(problem, uploaded, device, memory)),
    fused: once(() => fusedOracles(problem, uploaded, device, memory)),
  };
};
