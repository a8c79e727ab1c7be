import type { Device, KernelName, StochasticGradient } from '@lowland/core';

import { requireBatch } from '../factored/checks.ts';
import { slopeOf, type PhaseProblem } from './problem.ts';
import { signalWidth, widthOf } from './vectors.ts';

export const sampledKernels = ['host'] as const satisfies readonly KernelName[];

/** Gradients of single measurements, 4 n flops each (16 complex), where the host reaches the numbers of the device: out = m/|batch| sum of slope s_k z_k a_k. */
export function sampledGradient(problem: PhaseProblem, device: Device): StochasticGradient {
  const { vectors, smoothing, data } = problem;
  const { count, size, complex } = vectors;
  const row = new Float64Array(size * widthOf(vectors));
  const pairs = signalWidth(vectors) === 2;
  return {
    samples: count,
    gradient(xVec, batch, outVec) {
      requireBatch(batch, count);
      const [x, out] = [device.host!(xVec), device.host!(outVec)];
      out.fill(0);
      const scale = (slopeOf(problem) * count) / batch.length;
      for (const k of batch) {
        vectors.row(k, row);
        let re = 0;
        let im = 0;
        for (let j = 0; j < size; j++) {
          if (!complex) re += row[j]! * x[j]!;
          else {
            const xr = pairs ? x[2 * j]! : x[j]!;
            const xi = pairs ? x[2 * j + 1]! : 0;
            re += row[2 * j]! * xr - row[2 * j + 1]! * xi;
            im += row[2 * j]! * xi + row[2 * j + 1]! * xr;
          }
        }
        const factor = scale * slopeAt(re * re + im * im, data[k]!, smoothing);
        re *= factor;
        im *= factor;
        for (let j = 0; j < size; j++) {
          if (!complex) out[j]! += row[j]! * re;
          else if (!pairs) out[j]! += row[2 * j]! * re + row[2 * j + 1]! * im;
          else {
            out[2 * j]! += row[2 * j]! * re + row[2 * j + 1]! * im;
            out[2 * j + 1]! += row[2 * j]! * im - row[2 * j + 1]! * re;
          }
        }
      }
    },
  };
}

/** rho, or rho / r with r = sqrt(|z|^2 + smoothing^2); 0 where r vanishes. */
function slopeAt(square: number, data: number, smoothing: number | undefined): number {
  if (smoothing === undefined) return square - data;
  const r = Math.sqrt(square + smoothing * smoothing);
  return r === 0 ? 0 : (r - data) / r;
}
