/**
 * An objective of few variables on the host: value, gradient and the whole Hessian at any point, in vectors that are used again.
 */
import type { Context } from '@lowland/core';
import type { Matrix } from '@lowland/linalg';

import type { SecondOrder } from '../classify/hessian.ts';

export interface HostModel {
  readonly size: number;
  /** NaN or Infinity outside the domain. */
  value(x: Float64Array): number;
  gradient(x: Float64Array, out: Float64Array): void;
  /** Symmetrised; n Hessian-vector products. */
  hessian(x: Float64Array, out: Matrix): void;
  /** out = H(x) v */
  product(x: Float64Array, v: Float64Array, out: Float64Array): void;
}

export function hostModel({ problem, device, scratch }: Context<SecondOrder>, size: number): HostModel {
  const [at, v, image, slot] = [scratch(), scratch(), scratch(), scratch(1)];
  const unit = new Float64Array(size);
  return {
    size,
    value(x) {
      device.write(at, x);
      problem.value(at, slot);
      return device.host!(slot)[0]!;
    },
    gradient(x, out) {
      device.write(at, x);
      problem.gradient(at, image);
      out.set(device.host!(image));
    },
    product(x, direction, out) {
      device.write(at, x);
      device.write(v, direction);
      problem.hessianVectorProduct(at, v, image);
      out.set(device.host!(image));
    },
    hessian(x, { data }) {
      device.write(at, x);
      for (let j = 0; j < size; j++) {
        unit.fill(0);
        unit[j] = 1;
        device.write(v, unit);
        problem.hessianVectorProduct(at, v, image);
        data.set(device.host!(image), j * size);
      }
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < i; j++) data[i * size + j] = data[j * size + i] = (data[i * size + j]! + data[j * size + i]!) / 2;
      }
    },
  };
}
