/** The phase that intensities lose: a sign of real signals, a unit complex number of complex ones. */
import type { CapabilityMap, Device, Layout, Memory, Point } from '@lowland/core';

import { newVector } from '../factored/term.ts';

/** {1, -1} has no directions; U(1) has one, i x. Needs `gemm`. */
export function phaseSymmetry(device: Device, memory: Memory, layout: Layout, complex: boolean): CapabilityMap['symmetry'] {
  if (!complex) return { group: '{1, -1}', dimension: 0, generator: () => undefined };
  const i = device.matrix(newVector(device, memory, Float64Array.of(0, 1)), 0, 1, 1, true);
  return {
    group: 'U(1)',
    dimension: 1,
    generator(x, _k, out) {
      device.kernels.gemm('N', 'N', 1, device.blocks(x, layout)['x']!, i, 0, device.blocks(out, layout)['x']!);
    },
  };
}

/** min over the phases p of |x p - signal| */
export function distanceModuloPhase({ data: x }: Point, signal: Float64Array, complex: boolean): number {
  let [re, im] = [0, 0];
  for (let j = 0; j < x.length; j += complex ? 2 : 1) {
    // conj(x) signal
    re += x[j]! * signal[j]! + (complex ? x[j + 1]! * signal[j + 1]! : 0);
    if (complex) im += x[j]! * signal[j + 1]! - x[j + 1]! * signal[j]!;
  }
  const length = Math.hypot(re, im);
  const [pr, pi] = length === 0 ? [1, 0] : [re / length, im / length];
  let sum = 0;
  for (let j = 0; j < x.length; j += complex ? 2 : 1) {
    if (!complex) {
      sum += (pr * x[j]! - signal[j]!) ** 2;
      continue;
    }
    sum += (pr * x[j]! - pi * x[j + 1]! - signal[j]!) ** 2 + (pr * x[j + 1]! + pi * x[j]! - signal[j + 1]!) ** 2;
  }
  return Math.sqrt(sum);
}
