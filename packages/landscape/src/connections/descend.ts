/**
 * Where the gradient flow ends.
 */
import { norm } from '@lowland/linalg';

import type { HostModel } from '../census/host-model.ts';

export interface DescentOptions {
  /** |grad f| that ends the way. */
  readonly goal: number;
  /** Error of a step, in the variables. */
  readonly accuracy: number;
  /** Points longer than this are lost. */
  readonly far: number;
  /** Steps at most. */
  readonly maxSteps: number;
}

export interface Descent {
  readonly x: Float64Array;
  readonly arrived: boolean;
  /** Length of the way. */
  readonly length: number;
  readonly steps: number;
}

/**
 * x' = -grad f from `start`, by the pair of orders 3 and 2 of Bogacki and Shampine (1989). A step that does not lower f is not taken, so f falls
 * all along. Stays in fixed spaces of symmetries as the flow does, and may end at a saddle there.
 */
export function descend(model: HostModel, start: Float64Array, { goal, accuracy, far, maxSteps }: DescentOptions): Descent {
  const n = model.size;
  let x = start.slice();
  const [k1, k2, k3, k4] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const probe = new Float64Array(n);
  model.gradient(x, k1);
  let value = model.value(x);
  let h = accuracy / (norm(k1) || 1);
  let length = 0;
  for (let step = 0; step < maxSteps; step++) {
    const size = norm(k1);
    if (size <= goal) return { x, arrived: true, length, steps: step };
    if (!Number.isFinite(size) || norm(x) > far) break;
    for (let i = 0; i < n; i++) probe[i] = x[i]! - (h / 2) * k1[i]!;
    model.gradient(probe, k2);
    for (let i = 0; i < n; i++) probe[i] = x[i]! - 0.75 * h * k2[i]!;
    model.gradient(probe, k3);
    const next = x.map((entry, i) => entry - h * ((2 / 9) * k1[i]! + (1 / 3) * k2[i]! + (4 / 9) * k3[i]!));
    model.gradient(next, k4);
    let square = 0;
    for (let i = 0; i < n; i++) square += ((-5 / 72) * k1[i]! + k2[i]! / 12 + k3[i]! / 9 - k4[i]! / 8) ** 2;
    const error = h * Math.sqrt(square);
    const there = model.value(next);
    // Beyond rounding: near the end f no longer falls in its digits.
    if (error <= accuracy && there <= value + 1e-14 * Math.abs(value)) {
      let moved = 0;
      for (let i = 0; i < n; i++) moved += (next[i]! - x[i]!) ** 2;
      length += Math.sqrt(moved);
      x = next;
      value = there;
      k1.set(k4);
      h *= Math.min(4, Math.max(0.3, 0.9 * Math.cbrt(accuracy / (error || Number.MIN_VALUE))));
    } else {
      h /= Number.isFinite(error) && error > accuracy ? Math.min(4, Math.max(1.5, Math.cbrt(error / accuracy) / 0.9)) : 4;
      if (h < 1e-300) break;
    }
  }
  return { x, arrived: false, length, steps: maxSteps };
}
