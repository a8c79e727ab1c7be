import type { CapabilityMap, Device, Memory, Vec } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { onSteadyMemory, type Blocks, type Shapes } from './blocks.ts';

/** The cube root of 2^-52, where rounding and the third derivative balance. */
const relativeStep = 6.055454452393343e-6;

/**
 * Hessian-vector products by central differences of the gradient, two gradients each:
 *
 *     H v = (grad f(x + t v) - grad f(x - t v)) / 2t,   t |v| = 2^(-52/3) (1 + |x|)
 *
 * The error is about 1e-10 relative where f is smooth at the scale of 1 + |x|. They are neither linear nor symmetric beyond that.
 */
export function centralDifference<S extends Shapes>(
  gradient: (x: Blocks<S>, out: Blocks<S>) => void,
  views: (x: Vec, device: Device) => Blocks<S>,
  device: Device,
  memory: Memory,
  size: number,
): CapabilityMap['hessianVectorProduct'] {
  const { axpy, copy, scal } = device.kernels;
  const [moved, behind] = [memory.vector(size), memory.vector(size)];
  const at = (x: Vec, t: number, v: Vec, out: Vec): void => {
    copy(x, moved);
    axpy(t, v, moved);
    onSteadyMemory(device, moved, () => {
      device.host!(out).fill(0);
      gradient(views(moved, device), views(out, device));
    });
  };
  return (x, v, out) => {
    const length = norm(device.host!(v));
    if (length === 0) {
      device.host!(out).fill(0);
      return;
    }
    const t = (relativeStep * (1 + norm(device.host!(x)))) / length;
    at(x, t, v, out);
    at(x, -t, v, behind);
    axpy(-1, behind, out);
    scal(1 / (2 * t), out);
  };
}
