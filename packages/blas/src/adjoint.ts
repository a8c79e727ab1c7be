/**
 * `residualAdjoint` by calls of BLAS: the rows of the matrix are taken in panels that stay in the cache from the product with x to
 * the product with the residual. The matrix is read once, which bounds large problems.
 */
import type { Kernels, Vec } from '@lowland/core';
import { hostVector } from '@lowland/linalg';

import { rowMajor, transposed } from './cblas.ts';
import { panels } from './panels.ts';
import type { Parts } from './parts.ts';

/** Of a panel: half of a usual second-level cache, or, where several threads share the work and each call costs their meeting, of the third. */
const [ownBytes, sharedBytes] = [2 ** 19, 2 ** 21];

export function adjointKernel({ cblas: { gemv }, dtype, threads, useThreads, least, plain }: Parts): Required<Pick<Kernels, 'residualAdjoint'>> {
  const { N, T } = transposed;
  const width = dtype === 'f64' ? 8 : 4;

  return {
    residualAdjoint(scale, a, x, y, rho, out, dx, drho, dout) {
      const [count, size] = [a.rows, a.cols];
      const fits = fit(count, size, x, y, rho, out) && (dx === undefined ? drho === undefined && dout === undefined : drho !== undefined && dout !== undefined && fit(count, size, dx, undefined, drho, dout));
      if (count * size < least.product || !fits || a.complex) {
        plain.residualAdjoint!(scale, a, x, y, rho, out, dx, drho, dout);
        return;
      }
      const height = Math.min(count, Math.max(4, Math.floor((threads === 1 ? ownBytes : sharedBytes * threads) / (width * size))));
      const rows = panels(a, size, height);
      const [residuals, data] = [panels(rho, 1, height), y && panels(y, 1, height)];
      const changes = drho && panels(drho, 1, height);
      useThreads();
      hostVector(out).fill(0);
      if (dout !== undefined) hostVector(dout).fill(0);
      for (let i = 0; i < rows.length; i++) {
        const [panel, residual] = [rows[i]!, residuals[i]!];
        if (data === undefined) residual.fill(0);
        else residual.set(data[i]!);
        gemv(rowMajor, N, residual.length, size, 1, panel, size, hostVector(x), 1, -1, residual, 1);
        gemv(rowMajor, T, residual.length, size, scale, panel, size, residual, 1, 1, hostVector(out), 1);
        if (changes === undefined) continue;
        const change = changes[i]!;
        change.fill(0);
        gemv(rowMajor, N, change.length, size, 1, panel, size, hostVector(dx!), 1, 1, change, 1);
        gemv(rowMajor, T, change.length, size, scale, panel, size, change, 1, 1, hostVector(dout!), 1);
      }
    },
  };
}

/** Whether the lengths are what the kernel takes; where not, the plain one says what is wrong. */
function fit(count: number, size: number, x: Vec, y: Vec | undefined, rho: Vec, out: Vec): boolean {
  return x.length === size && out.length === size && rho.length === count && (y === undefined || y.length === count);
}
