import type { Mat, Vec } from '@lowland/core';

import type { HostOperator, LinearMap } from './linear-map.ts';
import { newVector } from './term.ts';

/**
 * sqrt(w_k) a(X)_k: measurements with weights w_k >= 0 in least squares, whatever the map. Composed alone: what goes to `a` and comes from it is scaled.
 *
 * `frobeniusSquared` counts every measurement with the mean weight, which is exact where all are of one size; starts are scaled by it.
 */
export function weightedMap(map: LinearMap, weights: Float64Array): LinearMap {
  const roots = weights.map(Math.sqrt);
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const scale = (x: Float64Array): Float64Array => x.map((value, k) => roots[k]! * value);
  return {
    rows: map.rows,
    cols: map.cols,
    length: map.length,
    isometry: false,
    get frobeniusSquared() {
      return mean * map.frobeniusSquared;
    },
    depth: map.depth + 1,
    kernels: [...new Set([...map.kernels, 'mul'] as const)],
    normSquared: () => largest * map.normSquared(),
    image(u, v, out) {
      map.image(u, v, out);
      out.set(scale(out));
    },
    magnitudes(u, v, out) {
      map.magnitudes(u, v, out);
      out.set(scale(out));
    },
    adjoint: (w, plus): HostOperator => map.adjoint(scale(w), plus),
    bind(device, memory, rank) {
      const bound = map.bind(device, memory, rank);
      const { mul } = device.kernels;
      const factors = newVector(device, memory, roots);
      const scratch = memory.vector(map.length);
      const scaled = (measure: (out: Vec) => void, out: Vec): void => {
        measure(scratch);
        mul(factors, scratch, out);
      };
      // What `load` keeps must last until the last `times`.
      const kept = memory.vector(map.length);
      return {
        image: (u, v, out) => { scaled((to) => { bound.image(u, v, to); }, out); },
        differential: (u, v, du, dv, out) => { scaled((to) => { bound.differential(u, v, du, dv, to); }, out); },
        load(alpha, w) {
          mul(factors, w, kept);
          bound.load(alpha, kept);
        },
        times: (transposed: boolean, b: Mat, beta: 0 | 1, out: Mat) => { bound.times(transposed, b, beta, out); },
      };
    },
    sampled(device, memory) {
      const bound = map.sampled(device, memory);
      return {
        products(u, v, slope, batch, factor, left, right) {
          // sqrt(w_k) for the measurement and once more for A_k
          bound.products(u, v, (z, k) => roots[k]! * slope(roots[k]! * z, k), batch, factor, left, right);
        },
      };
    },
    bytes: (width, rank) => map.bytes(width, rank) + 3 * width * map.length,
    ...(map.largest !== undefined && { largest: map.largest }),
  };
}
