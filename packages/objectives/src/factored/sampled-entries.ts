import type { Device, Mat } from '@lowland/core';

import type { SampledMap } from './linear-map.ts';

/**
 * Measurements of one entry each, a(X)_k = factor_k X_ij: O(rank) work a sample.
 *
 * @param row of sample k, `col` its column, `factor` its coefficient
 */
export function sampledEntries(device: Device, row: (k: number) => number, col: (k: number) => number, factor: (k: number) => number): SampledMap {
  const host = (m: Mat): Float64Array => device.host!(m);
  return {
    products(uMat, vMat, slope, batch, scale, leftMat, rightMat) {
      const rank = uMat.cols;
      const [u, v, left, right] = [host(uMat), host(vMat), host(leftMat), host(rightMat)];
      for (const k of batch) {
        const i = row(k) * rank;
        const j = col(k) * rank;
        const c = factor(k);
        let sum = 0;
        for (let t = 0; t < rank; t++) sum += u[i + t]! * v[j + t]!;
        const weight = scale * c * slope(c * sum, k);
        for (let t = 0; t < rank; t++) left[i + t]! += weight * v[j + t]!;
        for (let t = 0; t < rank; t++) right[j + t]! += weight * u[i + t]!;
      }
    },
  };
}
