/** Small sensing problems whose landscapes are known exactly: what classifiers and optimizers are tried on. */
import type { DataMap, Objective } from '@lowland/core';

import { symmetricSensing, type SymmetricSensingCapability } from './sensing.ts';

type Measured = Objective<SymmetricSensingCapability<{ readonly measurements: { readonly values: Float64Array } }>>;
type MeasuredWithLinear = Objective<SymmetricSensingCapability<{ readonly measurements: { readonly linear: Float64Array } }>>;

/**
 * The beta family: sensing of X* = e1 e1^T, 2 x 2, with E = X - X* and
 *
 *     f = E11^2 + E11 E22 + E22^2 + 3 beta^2 E12^2.
 *
 * Rank 1: (0, +-1/sqrt 2) has f = 3/4 and Hessian diag(3 beta^2 - 3, 4), a spurious local minimum for beta > 1;
 * beta = 1 is the example of restricted isometry constant 1/2. Rank 2: padded, it is a strict saddle of curvature -3.
 *
 * Source: Zhang, Josz, Sojoudi, Lavaei 2018 (arXiv 1805.10251).
 */
export function betaFamily(beta: number, rank = 1): Measured {
  const root = Math.SQRT2;
  const s = Math.sqrt(3) / 2;
  return symmetricSensing({
    measurements: {
      rows: 2,
      cols: 2,
      values: Float64Array.of(root, 0, 0),
      ensemble: {
        kind: 'dense',
        // diag(1, 1/2), offdiag(s beta), diag(0, s), each times sqrt 2 for the factor 1/2 of the objective.
        matrices: Float64Array.of(root, 0, 0, root / 2, 0, root * s * beta, root * s * beta, 0, 0, 0, 0, root * s),
      },
    },
    rank,
    truth: planted(2, [[0, 0, 1]]),
  });
}

/**
 * The ring: the cycle graph's max-cut relaxation as a penalty,
 *
 *     f(X) = <C, X X^T> + (gamma/2) sum over i of (|x_i|^2 - 1)^2,   C = -adjacency of the n-cycle.
 *
 * Rank 2, n >= 5: the twisted state x_i = radius (cos 2 pi i/n, sin 2 pi i/n), radius^2 = 1 + 2 cos(2 pi/n)/gamma, is a second-order
 * point of value -2n cos w - 2n cos^2 w / gamma, w = 2 pi/n; the least value is -2n - 2n/gamma.
 */
export function ring(n: number, gamma: number, rank = 2): MeasuredWithLinear {
  const linear = new Float64Array(n * n);
  for (let i = 0; i < n; i++) linear[i * n + ((i + 1) % n)] = linear[((i + 1) % n) * n + i] = -1;
  const index = Int32Array.from({ length: n }, (_, i) => i);
  const root = Math.sqrt(gamma);
  return symmetricSensing({
    measurements: {
      rows: n,
      cols: n,
      values: new Float64Array(n).fill(root),
      ensemble: { kind: 'sparse', measurement: index, row: index, col: index, value: new Float64Array(n).fill(root) },
      linear,
    },
    rank,
  });
}

/** The stationary twisted state of `ring` in its first two columns. */
export function twistedState(n: number, gamma: number, rank = 2): Float64Array {
  const w = (2 * Math.PI) / n;
  const radius = Math.sqrt(1 + (2 * Math.cos(w)) / gamma);
  const data = new Float64Array(n * rank);
  for (let i = 0; i < n; i++) {
    data[i * rank] = radius * Math.cos(w * i);
    data[i * rank + 1] = radius * Math.sin(w * i);
  }
  return data;
}

function planted(n: number, entries: readonly (readonly [number, number, number])[]): DataMap['matrix'] {
  const values = new Float64Array(n * n);
  for (const [i, j, value] of entries) values[i * n + j] = value;
  return { rows: n, cols: n, values };
}
