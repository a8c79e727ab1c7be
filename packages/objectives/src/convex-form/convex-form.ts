import {
  createPoint,
  LowlandError,
  type Capability,
  type CapabilityMap,
  type Device,
  type KernelName,
  type Layout,
  type Objective,
  type Point,
  type Route,
  type Routes,
} from '@lowland/core';
import { columns, scaleColumns } from '@lowland/linalg';

import { hostCapability } from '../factored/host-capability.ts';
import { lacksOf } from '../factored/lacks.ts';
import { liftOf } from '../factored/lift.ts';
import { once } from '../factored/once.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import { smoothnessOf } from '../factored/smoothness.ts';
import { newVector } from '../factored/term.ts';
import { identityMatrix } from './matrix-map.ts';
import { bindSmoothPart, isSumOfSquares, smoothPartKernels, type SmoothPart } from './smooth-part.ts';
import { countAbove, spectralCut, spectrumOf, type MatrixSpace, type SpectralCut } from './spectrum.ts';

/**
 * `spectral` is there without a penalty alone, and then `residual` too, and over all matrices the gradient and its kin; `smoothness` where curvatures
 * are bounded: read `routes`.
 */
export type ConvexFormCapability = 'value' | 'proximal' | 'smoothness' | 'spectral' | 'factored' | 'truth';

type Smooth = 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'residual';

/** What is bound on a device, each made when first asked for. */
interface Uploaded {
  smooth(): SmoothPart;
  spectra(): SpectralCut;
}

/**
 * The convex problem behind a factored one, in the matrix X itself:
 *
 *     f(X) = phi(X) + lambda |X|_*   over all X,      f(X) = phi(X) + lambda tr X   over psd X,
 *
 * phi(X) = (weight/2) |a(X) - data|^2 + <C, X>, or the objective's own convex loss in place of the squares. The one block is X: rows x cols,
 * the start is 0. f is no greater than the factored value at any factors of X, and equal where they are balanced; a balancing term has no part
 * in it.
 *
 * `value` is all of f; it tells nothing of whether X is psd, which the methods see to. `proximal` splits it: phi with its gradient,
 * and the proximal map that lowers singular values (eigenvalues) by step lambda and cuts them at 0. `factored` leads back to the
 * factored problem, where certificates, predictions and verdicts are at home. Without a penalty `spectral` cuts singular values
 * for methods with a rank or a threshold of their own, and over all matrices phi is f, with gradient, Hessian-vector product and residual.
 *
 * Dense: some ten matrices of X's size, and a decomposition of about 10 n^3 flops (0.5 s at 1000 x 1000) a proximal map.
 *
 * Source: Fazel, Hindi, Boyd 2001 (doi:10.1109/ACC.2001.945730); Recht, Fazel, Parrilo 2010 (arXiv:0706.4138).
 *
 * @throws LOWLAND_E_CAPABILITY when the objective is no factored problem, or penalises the rows of its factors
 */
export function convexForm(objective: Objective<'convexForm'>): Objective<ConvexFormCapability> {
  const form = hostCapability(objective as Objective<never>, 'convexForm');
  if (form !== undefined) return form.objective();
  throw new LowlandError('LOWLAND_E_CAPABILITY', `Objective "${objective.id}" has no convex form: ${objective.lacks?.convexForm ?? 'it is no factored problem that provides convexForm'}.`, {
    details: { capability: 'convexForm' },
  });
}

/** What the convex form of a family needs to know of it. */
export interface ConvexFormParts {
  /** The factored objective of so many columns. */
  grow(rank: number): Objective<never>;
  readonly truth: CapabilityMap['truth'];
}

export function convexFormOf(problem: FactoredProblem, { grow, truth }: ConvexFormParts): Objective<ConvexFormCapability> {
  const { symmetric, map } = problem;
  const { rows, cols } = map;
  const space: MatrixSpace = { rows, cols, symmetric };
  const layout: Layout = { blocks: [{ name: 'X', shape: [rows, cols] }] };
  const lift = liftOf(problem);
  const { penalty } = lift;
  const origin = grow(1);
  const { smoothness } = lacksOf(problem);
  const { rank: _, ...options } = origin.options;
  const kernels = [...smoothPartKernels(problem), 'fill'] as const;
  const ofSmoothPart = <K extends 'value' | Smooth>(pick: (part: SmoothPart) => CapabilityMap[K] | undefined): readonly Route<K, Uploaded>[] => [
    { kernels, label: 'composed', bind: ({ smooth }) => pick(smooth())! },
  ];
  const onHost = <K extends Capability>(capability: CapabilityMap[K]): readonly Route<K, Uploaded>[] => [{ kernels: [], label: 'composed', bind: () => capability }];

  const pointIn = (x: Point) => {
    const factors = balancedFactors(space, x.data);
    const objective = grow(factors.rank) as Objective<Capability>;
    return { objective, point: createPoint(objective.layout, factors.data) };
  };
  const distanceIn = ({ objective, point }: ReturnType<typeof pointIn>) => hostCapability(objective, 'truth')!.distance!(point);
  const smoothAlone = penalty === 0 && !symmetric;
  const routes: Routes<ConvexFormCapability, Uploaded> & Partial<Routes<Smooth, Uploaded>> = {
    value: penalty === 0 ? ofSmoothPart<'value'>((part) => part.value) : [penalisedValue(problem, space, penalty, kernels)],
    proximal: [
      {
        kernels,
        label: 'composed',
        bind: ({ smooth, spectra }, device) => ({
          valueAndGradient: smooth().valueAndGradient,
          map: proximalMap(device, spectra(), smoothAlone, penalty),
        }),
      },
    ],
    ...(penalty === 0 && { spectral: [{ kernels: ['fill'], label: 'composed', bind: ({ spectra }) => spectra() }] as const }),
    ...(smoothAlone && {
      gradient: ofSmoothPart<'gradient'>((part) => part.gradient),
      valueAndGradient: ofSmoothPart<'valueAndGradient'>((part) => part.valueAndGradient),
      hessianVectorProduct: ofSmoothPart<'hessianVectorProduct'>((part) => part.hessianVectorProduct),
    }),
    ...(penalty === 0 && isSumOfSquares(problem) && { residual: ofSmoothPart<'residual'>((part) => part.residual) }),
    ...(smoothness === undefined && { smoothness: onHost<'smoothness'>(smoothnessOf(problem)) }),
    factored: onHost<'factored'>({ at: pointIn }),
    truth: onHost<'truth'>(truth.distance === undefined ? {} : { distance: (x) => distanceIn(pointIn(x)) }),
  } as Routes<ConvexFormCapability, Uploaded>;
  return {
    id: 'convex-form',
    layout,
    ...(origin.scale !== undefined && { scale: `${origin.scale}, with X in place of the product` }),
    options: { of: { id: origin.id, options } },
    get data() {
      return origin.data!;
    },
    routes,
    ...(smoothness !== undefined && { lacks: { smoothness } }),
    upload: (device, memory) => ({
      smooth: once(() => bindSmoothPart(problem, layout, device, memory)),
      spectra: once(() => spectralCut(space, device)),
    }),
    bytes(dtype) {
      const width = dtype === 'f64' ? 8 : 4;
      const asProduct = map.bindMatrix === undefined ? map.bytes(width, cols) + width * cols * cols : map.bytes(width, 1);
      // The data, what is made of the measurements, X with its gradient, and on the host the workspace of a decomposition.
      return asProduct + width * (4 * map.length + 2 * rows * cols) + 8 * 8 * rows * cols;
    },
    initial: () => createPoint(layout),
  };
}

/** f where the penalty counts: its trace, or its singular values on the host. */
function penalisedValue(problem: FactoredProblem, space: MatrixSpace, penalty: number, kernels: readonly KernelName[]): Route<'value', Uploaded> {
  return {
    kernels: space.symmetric ? kernels : [...kernels, 'host'],
    label: 'composed',
    bind({ smooth }, device, memory) {
      const { dot } = device.kernels;
      const identity = problem.symmetric ? identityMatrix(device, memory, problem.map.rows) : undefined;
      const parts = memory.vector(2);
      const [phi, psi] = [device.view(parts, 0, 1), device.view(parts, 1, 1)];
      const weights = newVector(device, memory, Float64Array.of(1, penalty));
      const { value } = smooth();
      return (x, out) => {
        value(x, phi);
        if (identity !== undefined) dot(identity, x, psi);
        else device.write(psi, Float64Array.of(nuclearNorm(space, device.host!(x))));
        dot(weights, parts, out, 0);
      };
    },
  };
}

function nuclearNorm(space: MatrixSpace, x: Float64Array): number {
  return x.every(Number.isFinite) ? spectrumOf(space, x).s.reduce((sum, value) => sum + value, 0) : NaN;
}

/** Over all matrices without a penalty there is nothing to do. */
function proximalMap(device: Device, { shrink }: SpectralCut, smoothAlone: boolean, penalty: number): CapabilityMap['proximal']['map'] {
  const { copy, fill } = device.kernels;
  if (smoothAlone) {
    return (x, _step, out, value) => {
      if (out !== x) copy(x, out);
      fill(value, 0);
    };
  }
  return (x, step, out, value) => shrink(x, step * penalty, out, (sum) => { fill(value, penalty * sum); });
}

/** U sqrt(s) and V sqrt(s) one after the other (X itself has one factor), without what is rounding of the decomposition or negative; at least one column. */
function balancedFactors(space: MatrixSpace, x: Float64Array): { readonly rank: number; readonly data: Float64Array } {
  const { u, s, v } = spectrumOf(space, x);
  const rounding = 20 * Math.max(space.rows, space.cols) * 2 ** -52;
  const rank = Math.max(1, countAbove(s, rounding * Math.max(0, s[0]!)));
  const roots = s.slice(0, rank).map((value) => Math.sqrt(Math.max(0, value)));
  const [left, right] = [u, v].map((vectors) => scaleColumns(columns(vectors, 0, rank), roots).data) as [Float64Array, Float64Array];
  return { rank, data: space.symmetric ? left : concatenated(left, right) };
}

function concatenated(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
