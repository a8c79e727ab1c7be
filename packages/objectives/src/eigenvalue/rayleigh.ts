import { createPoint, normals, type CapabilityMap, type Objective, type Point, type Routes, type StreamKey } from '@lowland/core';
import { matrix, thinQr } from '@lowland/linalg';

import { once } from '../factored/once.ts';
import { rayleighGeometry } from './geometry.ts';
import { bindRayleigh, type RayleighOracles } from './oracles.ts';
import { spectrumOf, type Pencil, type Spectrum } from './pencil.ts';
import { generalLinearColumns } from './symmetry.ts';

export type EigenvalueCapability = keyof RayleighOracles | 'geometry' | 'symmetry' | 'truth';

interface Named {
  readonly id: string;
  readonly scale: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly digest: () => string;
}

type Uploaded = () => RayleighOracles;

/** The objective -1/2 tr((X^T B X)^-1 X^T A X), X: size x rank. */
export function rayleigh(pencil: Pencil, rank: number, { digest, ...named }: Named): Objective<EigenvalueCapability> {
  const { size } = pencil;
  const layout = { blocks: [{ name: 'X', shape: [size, rank] }] } as const;
  const spectrum = once(() => spectrumOf(pencil));
  const truth: CapabilityMap['truth'] = {
    get optimum() {
      return spectrum().values.subarray(0, rank).reduce((sum, value) => sum - value / 2, 0);
    },
    stationaryPoints: () => stationaryPoints(layout, rank, spectrum()),
  };
  const routes: Routes<EigenvalueCapability, Uploaded> = {
    value: [{ kernels: ['dot', 'gemm', 'posvRight', 'scal'], label: 'composed', bind: (oracles) => oracles().value }],
    gradient: [{ kernels: ['axpy', 'gemm', 'posvRight'], label: 'composed', bind: (oracles) => oracles().gradient }],
    valueAndGradient: [{ kernels: ['axpy', 'dot', 'gemm', 'posvRight', 'scal'], label: 'composed', bind: (oracles) => oracles().valueAndGradient }],
    hessianVectorProduct: [{ kernels: ['copy', 'gemm', 'posvRight', 'scal'], label: 'composed', bind: (oracles) => oracles().hessianVectorProduct }],
    geometry: [{ kernels: ['axpy', 'copy', 'dot', 'gemm', 'potrf', 'trsm'], label: 'composed', bind: (_oracles, device, memory) => rayleighGeometry(pencil, layout, rank, device, memory) }],
    symmetry: [{ kernels: ['fill', 'gemm'], label: 'composed', bind: (_oracles, device, memory) => generalLinearColumns(device, memory, layout, 'X', rank) }],
    truth: [{ kernels: [], label: 'composed', bind: () => truth }],
  };
  return {
    ...named,
    layout,
    get data() {
      return digest();
    },
    routes,
    facts: ['optimum', 'GL(r)'],
    upload: (device, memory) => once(() => bindRayleigh(pencil, layout, rank, device, memory)),
    bytes: (dtype) => (dtype === 'f64' ? 8 : 4) * (pencil.a.matrix.data.length + (pencil.b?.data.length ?? 0) + (7 + (pencil.b ? 2 : 0)) * size * rank),
    initial: (key) => orthonormalStart(layout, size, rank, key),
  };
}

/** The span of iid normal columns, in an orthonormal basis. */
function orthonormalStart(layout: Point['layout'], size: number, rank: number, key: StreamKey): Point {
  const gaussian = matrix(size, rank);
  normals(key, gaussian.data);
  return createPoint(layout, thinQr(gaussian).q.data);
}

/** Every choice of `rank` eigenvectors, those of the largest eigenvalues first. Where eigenvalues repeat, of the computed ones. */
function* stationaryPoints(layout: Point['layout'], rank: number, { vectors }: Spectrum): Generator<Point> {
  const { rows: size, cols, data } = vectors;
  const kept = Array.from({ length: rank }, (_, k) => k);
  for (;;) {
    const point = createPoint(layout);
    for (let i = 0; i < size; i++) kept.forEach((from, k) => (point.data[i * rank + k] = data[i * cols + from]!));
    yield point;
    let k = rank - 1;
    while (k >= 0 && kept[k] === size - rank + k) k--;
    if (k < 0) return;
    kept[k]!++;
    for (let j = k + 1; j < rank; j++) kept[j] = kept[j - 1]! + 1;
  }
}
