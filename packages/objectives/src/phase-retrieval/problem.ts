/** A phase-retrieval problem, free of any device: f(x) = weight |rho(x)|^2 over its measurements. */
import type { CapabilityMap, Device, Layout, Mat, Memory, StochasticGradient, Vec } from '@lowland/core';

import { once } from '../factored/once.ts';
import type { PlaneLoss } from '../factored/plane.ts';
import { newVector } from '../factored/term.ts';
import { composedOracles, type ComposedOracles } from './composed.ts';
import { fusedOracles } from './fused.ts';
import { planeOf } from './plane.ts';
import { sampledGradient } from './stochastic.ts';
import type { DeviceVectors, Vectors } from './vectors.ts';

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

/** What `upload` gives: the data at once, A and each kind of oracles when first asked for. */
export interface Uploaded {
  readonly data: Vec;
  vectors(): DeviceVectors;
  /** A as `phaseProducts` takes it; only where it is held so. */
  matrix(): Mat;
  composed(): ComposedOracles;
  fused(): Omit<ComposedOracles, 'residual' | 'stochasticGradient'>;
  sampled(): StochasticGradient;
  plane(planeLoss: PlaneLoss): CapabilityMap['planeValues'];
}

/** The gradient is this times A^* w with the weights w of `phaseProducts`: the derivative over the reals, twice that by the conjugate of x. */
export const slopeOf = ({ weight, smoothing }: PhaseProblem): number => (smoothing === undefined ? 4 : 2) * weight;

export const uploadOf = (problem: PhaseProblem) => (device: Device, memory: Memory): Uploaded => {
  const { vectors, data } = problem;
  const uploaded = {
    data: newVector(device, memory, data),
    vectors: once(() => vectors.bind(device, memory)),
    matrix: once(() => device.matrix(newVector(device, memory, vectors.matrix!), 0, vectors.count, vectors.size, vectors.complex)),
  };
  return {
    ...uploaded,
    composed: once(() => composedOracles(problem, uploaded, device, memory)),
    fused: once(() => fusedOracles(problem, uploaded, device, memory)),
    sampled: once(() => sampledGradient(problem, device)),
    plane: (planeLoss) => planeOf(problem, uploaded, planeLoss, device, memory),
  };
};
