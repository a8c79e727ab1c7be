import type { Layout, Vec } from '@lowland/core';
import { matrix, multiply } from '@lowland/linalg';

import { denseOperator, rowNorms } from '../factored/host-operators.ts';
import type { FusedMap, LinearMap } from '../factored/linear-map.ts';
import { sampledEntries } from '../factored/sampled-entries.ts';

/** a(X) = X: every entry is measured once. */
export function identityMap(rows: number, cols: number): LinearMap {
  const length = rows * cols;
  // As a matrix, whatever the shape under which a vector of measurements comes.
  const layout: Layout = { blocks: [{ name: 'Z', shape: [rows, cols] }] };
  return {
    rows,
    cols,
    length,
    isometry: true,
    frobeniusSquared: length,
    depth: 2,
    kernels: ['gemm'],
    fusedKernels: { residual: ['residualProducts'], curvature: ['residualProducts'] },
    normSquared: () => 1,
    image: (u, v, out) => out.set(multiply(u, v, { transposeB: true }).data),
    magnitudes(u, v, out) {
      const [nu, nv] = [rowNorms(u), rowNorms(v)];
      for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[i * cols + j] = nu[i]! * nv[j]!;
    },
    adjoint(w, plus) {
      const data = plus === undefined ? w : w.map((value, k) => value + plus[k]!);
      return denseOperator(matrix(rows, cols, data));
    },
    bind(device, memory) {
      const { gemm, residualProducts } = device.kernels;
      const asMatrix = (x: Parameters<typeof device.blocks>[0]) => device.blocks(x, layout)['Z']!;
      let loaded: ReturnType<typeof asMatrix> | undefined;
      let factor = 1;
      return {
        image: (u, v, out) => gemm('N', 'T', 1, u, v, 0, asMatrix(out)),
        differential(u, v, du, dv, out) {
          gemm('N', 'T', 1, du, v, 0, asMatrix(out));
          gemm('N', 'T', 1, u, dv, 1, asMatrix(out));
        },
        load(alpha, w) {
          loaded = asMatrix(w);
          factor = alpha;
        },
        times: (transposed, b, beta, out) => gemm(transposed ? 'T' : 'N', 'N', factor, loaded!, b, beta, out),
        ...(residualProducts && {
          fused: (data: Vec): FusedMap => {
            const target = asMatrix(data);
            // Factors without columns: what is left of the residual is minus the target.
            const none = memory.vector(0);
            const [u0, v0] = [device.matrix(none, 0, rows, 0), device.matrix(none, 0, cols, 0)];
            const unused = memory.vector(1);
            return {
              residualProducts: (u, v, scale, b, left, c, right, squares, slot) => residualProducts(target, u, v, scale, b, left, c, right, squares, slot),
              dataProducts: (scale, b, left, c, right) => residualProducts(target, u0, v0, -scale, b, left, c, right, unused),
            };
          },
        }),
      };
    },
    bindMatrix(device) {
      const { copy, scal } = device.kernels;
      return {
        image: copy,
        adjoint(alpha, w, out) {
          copy(w, out);
          if (alpha !== 1) scal(alpha, out);
        },
      };
    },
    sampled: (device) => sampledEntries(device, (k) => Math.floor(k / cols), (k) => k % cols, () => 1),
    bytes: () => 0,
  };
}
