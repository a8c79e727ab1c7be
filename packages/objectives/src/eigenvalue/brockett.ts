import { createPoint, fingerprint, type CapabilityMap, type DataMap, type Device, type Memory, type Objective, type Point, type Routes } from '@lowland/core';
import { diagonal, symmetricEigen, type Matrix } from '@lowland/linalg';

import { requireMatrix, requireRank } from '../factored/checks.ts';
import { once } from '../factored/once.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import { onStiefel, type OnManifold } from '../manifold/on-stiefel.ts';
import { bindPencil, symmetricMatrix } from './pencil.ts';

export interface BrockettOptions {
  /** A, n x n symmetric. */
  readonly data: DataMap['matrix'];
  /** Number of eigenvectors, 1 … n; default 1: on the sphere. */
  readonly rank?: number;
}

type Quadratic = 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct';
export type BrockettCapability = OnManifold<Quadratic> | 'truth';

/**
 * Eigenvectors one by one, on the Stiefel manifold: Brockett's function
 *
 *     f(X) = -1/2 tr(X^T A X N),   X^T X = I, X: n x rank, N = diag(rank, rank - 1, …, 1)
 *
 * Its stationary points are the matrices whose columns are eigenvectors of A, and where eigenvalues differ its minima are the leading
 * ones in order, up to signs: f* = -1/2 sum of (rank + 1 - k) lambda_k. All others are strict saddles or maxima. For one column it is the
 * Rayleigh quotient on the unit sphere, where eigenvector k has Morse index k - 1. The same by `generalizedEigenvalue` knows spans alone.
 *
 * Source: Brockett 1991, doi:10.1016/0024-3795(91)90021-N; Absil, Mahony, Sepulchre 2008, section 4.8.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE, LOWLAND_E_NOT_SYMMETRIC for data that are no finite symmetric matrix
 * @throws LOWLAND_E_RANK unless 1 <= rank <= n
 */
export function brockett({ data, rank = 1 }: BrockettOptions): Objective<BrockettCapability> {
  requireMatrix('The data', data);
  const a = symmetricMatrix('A', data);
  const size = a.rows;
  requireRank(rank, size, size);
  const eigen = once(() => symmetricEigen(a));
  const weights = Float64Array.from({ length: rank }, (_, k) => rank - k);
  const objective = onStiefel(quadratic(a, weights, once(() => fingerprint('matrix', [size, size], data.values))));
  const truth: CapabilityMap['truth'] = {
    get optimum() {
      return weights.reduce((sum, weight, k) => sum - (weight * eigen().values[k]!) / 2, 0);
    },
    stationaryPoints: () => arrangements(objective.layout, rank, eigen().vectors),
  };
  const { routes } = objective;
  const all: Routes<BrockettCapability, unknown> = { ...routes, truth: [{ kernels: [], label: 'composed', bind: () => truth }] };
  return Object.assign(objective, { id: 'brockett', routes: all, facts: ['optimum' as const] });
}

/** -1/2 tr(X^T A X N) over all X: gradient -A X N, Hessian -A V N. */
function quadratic(a: Matrix, weights: Float64Array, digest: () => string): Objective<Quadratic> {
  const [size, rank] = [a.rows, weights.length];
  const layout = { blocks: [{ name: 'X', shape: [size, rank] }] } as const;
  const bound = (device: Device, memory: Memory): Pick<CapabilityMap, Quadratic> => {
    const { dot, gemm, scal } = device.kernels;
    const products = bindPencil({ size, a: { kind: 'symmetric', matrix: a }, b: undefined }, rank, device, memory);
    const n = device.matrix(newVector(device, memory, diagonal(weights).data), 0, rank, rank);
    const slope = newMatrix(device, memory, size, rank);
    const block = (x: Parameters<typeof dot>[0]) => device.blocks(x, layout)['X']!;
    const value: CapabilityMap['value'] = (x, out) => {
      dot(x, slope, out, 0);
      // one slot is written, whatever the length of `out`
      scal(0.5, device.view(out, 0, 1));
    };
    const gradient: CapabilityMap['gradient'] = (x, out) => { gemm('N', 'N', -1, products.a(block(x), 0), n, 0, block(out)); };
    return {
      value(x, out) {
        gemm('N', 'N', -1, products.a(block(x), 0), n, 0, slope);
        value(x, out);
      },
      gradient,
      valueAndGradient(x, out, gradientOut) {
        gradient(x, gradientOut);
        device.kernels.copy(gradientOut, slope);
        value(x, out);
      },
      hessianVectorProduct: (_x, v, out) => { gradient(v, out); },
    };
  };
  const route = <K extends Quadratic>(name: K) => [{ kernels: ['copy', 'dot', 'gemm', 'scal'], label: 'composed', bind: (oracles: () => Pick<CapabilityMap, Quadratic>) => oracles()[name] }] as const;
  return {
    id: 'brockett',
    layout,
    scale: '-1/2 tr(X^T A X N)',
    options: { rank },
    get data() {
      return digest();
    },
    routes: { value: route('value'), gradient: route('gradient'), valueAndGradient: route('valueAndGradient'), hessianVectorProduct: route('hessianVectorProduct') },
    upload: (device, memory) => once(() => bound(device, memory)),
    bytes: (dtype) => (dtype === 'f64' ? 8 : 4) * (size * size + 3 * size * rank + rank * rank),
    initial: () => createPoint(layout),
  };
}

/** Every choice of `rank` eigenvectors in every order, the leading ones first. */
function* arrangements(layout: Point['layout'], rank: number, vectors: Matrix, chosen: readonly number[] = []): Generator<Point> {
  const { rows: size, cols, data } = vectors;
  if (chosen.length < rank) {
    for (let k = 0; k < size; k++) if (!chosen.includes(k)) yield* arrangements(layout, rank, vectors, [...chosen, k]);
    return;
  }
  const point = createPoint(layout);
  for (let i = 0; i < size; i++) chosen.forEach((from, k) => (point.data[i * rank + k] = data[i * cols + from]!));
  yield point;
}
