/**
 * Separable convex losses of the measurements z = a(X) that stand in place of least squares,
 *
 *     phi(X) = weight sum over k of w_k psi(z_k; data_k) + <linear, X>,   grad phi = weight a*(w psi'(z)) + linear.
 *
 * `weight` is that of the problem: 1 for a sum, 1/m for a mean. The formulas of psi stand at `ScalarLoss` of linalg.
 */
import { LowlandError, type Device, type Memory, type Vec } from '@lowland/core';
import { scalarLosses, type LossKind } from '@lowland/linalg';

import { newVector } from './term.ts';

/** What problems know of a scalar loss beside its values. */
export interface DataLoss {
  readonly kind: Exclude<LossKind, 'quartic-hinge'>;
  /** The threshold of Huber's loss, the offset beta of Poisson's with the identity link; 0 elsewhere. */
  readonly parameter: number;
  /** Values are Infinity for z below. */
  readonly domain: number;
  /** Whether each psi attains its least value, whatever the datum. */
  readonly attained: boolean;
  value(z: number, y: number): number;
  first(z: number, y: number): number;
  second(z: number, y: number): number;
  /** |psi'''|, 0 where it jumps. */
  third(z: number, y: number): number;
  /** The infimum of psi over z. */
  least(y: number): number;
  /** Whether psi'' is bounded for all data that the loss takes. */
  readonly smooth: boolean;
  /** The supremum of psi'' over z; Infinity where there is none. */
  smoothness(y: number): number;
  /** At least the sum of absolute values of what is added up in psi and its derivative. */
  magnitude(z: number, y: number): { readonly value: number; readonly first: number };
  /** What a datum has to be, and which are. */
  readonly data: string;
  takes(y: number): boolean;
}

/** A loss with its weights; the map of the problem has none then. */
export interface MeasuredLoss {
  readonly psi: DataLoss;
  /** w_k > 0; absent: 1. */
  readonly weights: Float64Array | undefined;
}

function dataLoss<K extends DataLoss['kind']>(kind: K, parameter: number, rest: Omit<DataLoss, 'kind' | 'parameter' | 'value' | 'first' | 'second'>): DataLoss {
  const { value, first, second } = scalarLosses[kind];
  return {
    kind,
    parameter,
    ...rest,
    value: (z, y) => value(z, y, parameter),
    first: (z, y) => first(z, y, parameter),
    second: (z, y) => second(z, y, parameter),
  };
}

/** x log x, 0 at 0. */
const xLogX = (x: number): number => (x === 0 ? 0 : x * Math.log(x));

/** Huber's loss: squares up to `delta`, absolute values beyond; psi >= 0. */
export const huber = (delta: number): DataLoss => {
  const { value, first } = scalarLosses.huber;
  return dataLoss('huber', delta, {
    domain: -Infinity,
    attained: true,
    third: () => 0,
    least: () => 0,
    smooth: true,
    smoothness: () => 1,
    magnitude(z, y) {
      const sizes = Math.abs(z) + Math.abs(y);
      // Rounding of z - y is what the slope carries into the value.
      return { value: value(z, y, delta) + Math.abs(first(z, y, delta)) * sizes, first: Math.abs(z - y) <= delta ? sizes : delta };
    },
    data: 'a finite number',
    takes: Number.isFinite,
  });
};

/** One-bit measurements, P(1) = 1/(1 + e^-z); psi >= 0 (>= the entropy of a label between 0 and 1), approached but not attained at labels 0 and 1. */
export const logistic = (): DataLoss => {
  const { first, second } = scalarLosses.logistic;
  return dataLoss('logistic', 0, {
    domain: -Infinity,
    attained: false,
    third: (z, y) => second(z, y, 0) * Math.abs(1 - 2 * first(z, 0, 0)),
    least: (y) => -xLogX(y) - xLogX(1 - y),
    smooth: true,
    smoothness: () => 1 / 4,
    magnitude: (z) => ({ value: Math.abs(z) + 1, first: 2 }),
    data: 'a label from 0 to 1',
    takes: (y) => y >= 0 && y <= 1,
  });
};

/** Counts with mean e^z; psi >= y - y log y, not attained at y = 0. Its derivatives are not bounded. */
export const poisson = (): DataLoss => {
  const { second } = scalarLosses.poisson;
  return dataLoss('poisson', 0, {
    domain: -Infinity,
    attained: false,
    third: (z, y) => second(z, y, 0),
    least: (y) => y - xLogX(y),
    smooth: false,
    smoothness: () => Infinity,
    magnitude: (z, y) => ({ value: second(z, y, 0) * (1 + Math.abs(z)) + y * Math.abs(z), first: second(z, y, 0) * (1 + Math.abs(z)) + y }),
    data: 'a number that is at least 0',
    takes: (y) => y >= 0 && y < Infinity,
  });
};

/** Counts with mean z + beta; psi >= y - beta - y log y at z = y - beta, which lies in the domain z >= -beta. */
export const poissonIdentity = (beta: number): DataLoss =>
  dataLoss('poisson-identity', beta, {
    domain: -beta,
    attained: true,
    third: (z, y) => (y === 0 ? 0 : (2 * y) / (z + beta) ** 3),
    least: (y) => y - beta - xLogX(y),
    smooth: false,
    // The second derivative grows without bound towards the end of the domain.
    smoothness: (y) => (y === 0 ? 0 : Infinity),
    magnitude(z, y) {
      if (y === 0) return { value: Math.abs(z), first: 1 };
      const shifted = z + beta;
      // z + beta is off by one rounding of its own, whose effect the quotients measure.
      const lost = (Math.abs(z) + beta) / shifted;
      return { value: Math.abs(z) + y * (Math.abs(Math.log(shifted)) + lost), first: 1 + (y / shifted) * (1 + lost) };
    },
    data: 'a number that is at least 0',
    takes: (y) => y >= 0 && y < Infinity,
  });

/** @throws LOWLAND_E_LABEL naming the first datum that the loss does not take. */
export function requireData({ psi }: MeasuredLoss, data: Float64Array): void {
  const at = data.findIndex((y) => !psi.takes(y));
  if (at === -1) return;
  throw new LowlandError('LOWLAND_E_LABEL', `A datum of the loss "${psi.kind}" is ${psi.data}; number ${at} is ${data[at]!}.`, { details: { loss: psi.kind, at } });
}

/** The sum of w_k g(k), in a fixed order. */
export function weightedSum({ weights }: MeasuredLoss, length: number, g: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (weights === undefined ? 1 : weights[k]!) * g(k);
  return sum;
}

/** The loss on a device. All calls only enqueue. */
export interface DeviceLoss {
  /** sums[slot] = sum of w_k psi(z_k) */
  sum(z: Vec, sums: Vec, slot: number): void;
  /** first = w psi'(z), second = w psi''(z); both overwrite, neither shares with z. */
  derivatives(z: Vec, first: Vec | undefined, second: Vec | undefined): void;
}

/** Kernels that a `DeviceLoss` calls. */
export const lossKernels = ['dot', 'fill', 'loss', 'mul'] as const;

export function bindLoss({ psi, weights }: MeasuredLoss, data: Vec, device: Device, memory: Memory): DeviceLoss {
  const { dot, fill, mul } = device.kernels;
  // Routes come here only where the device has it.
  const loss = device.kernels.loss!;
  const parameters = newVector(device, memory, Float64Array.of(psi.parameter));
  const w = memory.vector(data.length);
  if (weights === undefined) fill(w, 1);
  else device.write(w, weights);
  const first = weights && memory.vector(data.length);
  const second = weights && memory.vector(data.length);
  const values = memory.vector(data.length);
  return {
    sum(z, sums, slot) {
      loss(psi.kind, parameters, z, data, values);
      dot(w, values, sums, slot);
    },
    derivatives(z, outFirst, outSecond) {
      loss(psi.kind, parameters, z, data, undefined, first ? outFirst && first : outFirst, second ? outSecond && second : outSecond);
      if (first && outFirst) mul(w, first, outFirst);
      if (second && outSecond) mul(w, second, outSecond);
    },
  };
}
