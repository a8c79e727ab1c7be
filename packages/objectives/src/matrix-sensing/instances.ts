/** Small sensing problems whose landscapes are known exactly: what classifiers and optimizers are tried on. */
import { createPoint, LowlandError, type DataMap, type Layout, type Objective, type Point } from '@lowland/core';

import { distanceOf, named } from '../factored/named.ts';
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
 *
 * @throws LOWLAND_E_NOT_FINITE when beta is not finite
 * @throws LOWLAND_E_RANK unless rank is 1 or 2
 */
export function betaFamily(beta: number, rank = 1): Measured {
  const root = Math.SQRT2;
  const s = Math.sqrt(3) / 2;
  const objective = symmetricSensing({
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
  const at = (x: number, y: number): Point => firstColumns(objective.layout, rank, [[x], [y]]);
  return named(objective, {
    id: 'beta-family',
    scale: 'E11^2 + E11 E22 + E22^2 + 3 beta^2 E12^2, E = X X^T - e1 e1^T',
    options: { beta, rank },
    // Those of rank 1 that are there for every beta.
    truth: { optimum: 0, stationaryPoints: () => [at(0, 0), at(1, 0), at(0, Math.SQRT1_2)], ...distanceOf(objective) },
    grow: (next) => betaFamily(beta, next),
  });
}

/**
 * The ring: the cycle graph's max-cut relaxation as a penalty,
 *
 *     f(X) = <C, X X^T> + (gamma/2) sum over i of (|x_i|^2 - 1)^2,   C = -adjacency of the n-cycle.
 *
 * Rank 2, n >= 5: the twisted state x_i = radius (cos 2 pi i/n, sin 2 pi i/n), radius^2 = 1 + 2 cos(2 pi/n)/gamma, is a second-order
 * point of value -2n cos w - 2n cos^2 w / gamma, w = 2 pi/n; the least value is -2n - 2n/gamma.
 *
 * @throws LOWLAND_E_OPTIONS unless n >= 3 is an integer and gamma > 0
 * @throws LOWLAND_E_RANK unless 1 <= rank <= n
 */
export function ring(n: number, gamma: number, rank = 2): MeasuredWithLinear {
  if (!(Number.isSafeInteger(n) && n >= 3 && gamma > 0 && gamma < Infinity)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `A ring has at least 3 vertices and a penalty gamma > 0; n = ${n} and gamma = ${gamma} were given.`, { details: { n, gamma } });
  }
  const linear = new Float64Array(n * n);
  for (let i = 0; i < n; i++) linear[i * n + ((i + 1) % n)] = linear[((i + 1) % n) * n + i] = -1;
  const index = Int32Array.from({ length: n }, (_, i) => i);
  const root = Math.sqrt(gamma);
  const objective = symmetricSensing({
    measurements: {
      rows: n,
      cols: n,
      values: new Float64Array(n).fill(root),
      ensemble: { kind: 'sparse', measurement: index, row: index, col: index, value: new Float64Array(n).fill(root) },
      linear,
    },
    rank,
  });
  const aligned = Math.sqrt(1 + 2 / gamma);
  const points = (): Point[] => [
    createPoint(objective.layout),
    firstColumns(objective.layout, rank, Array.from({ length: n }, () => [aligned])),
    ...(rank > 1 && 1 + (2 * Math.cos((2 * Math.PI) / n)) / gamma > 0 ? [createPoint(objective.layout, twistedState(n, gamma, rank))] : []),
  ];
  return named(objective, {
    id: 'ring',
    scale: '<C, X X^T> + (gamma/2) sum over i of (|x_i|^2 - 1)^2',
    options: { n, gamma, rank },
    // The origin, all rows aligned, and the twist once around.
    truth: { optimum: -2 * n - (2 * n) / gamma, stationaryPoints: points },
    grow: (next) => ring(n, gamma, next),
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

/** The point with these rows in its first columns. */
function firstColumns(layout: Layout, rank: number, rows: readonly (readonly number[])[]): Point {
  const point = createPoint(layout);
  rows.forEach((row, i) => row.forEach((entry, k) => (point.data[i * rank + k] = entry)));
  return point;
}

function planted(n: number, entries: readonly (readonly [number, number, number])[]): DataMap['matrix'] {
  const values = new Float64Array(n * n);
  for (const [i, j, value] of entries) values[i * n + j] = value;
  return { rows: n, cols: n, values };
}
