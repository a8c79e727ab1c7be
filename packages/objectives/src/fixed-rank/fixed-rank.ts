import { createPoint, LowlandError, type Capability, type CapabilityMap, type Device, type KernelName, type Memory, type Objective, type Point, type Route, type Routes } from '@lowland/core';

import { hostCapability } from '../factored/host-capability.ts';
import { initialPoint } from '../factored/initial.ts';
import { once } from '../factored/once.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import { newVector } from '../factored/term.ts';
import { bindFixedRank, geometryKernels, tangentKernels, type BoundFixedRank } from './geometry.ts';
import { bindPsdFixedRank, psdGeometryKernels } from './psd-geometry.ts';
import { fixedRankLayout } from './layout.ts';
import { measuredKernels } from './measured.ts';
import { bindFixedRankOracles, type FirstOrder, type FixedRankOracles } from './oracles.ts';
import { balancedFactors, fixedRankManifold, startFrom } from './point.ts';

/** `residual` is there for least squares without a linear term alone: read `routes`. */
export type FixedRankCapability = 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'geometry' | 'residual' | 'factored' | 'truth' | 'grow';

interface Uploaded {
  readonly oracles: () => FixedRankOracles;
  readonly geometry: () => BoundFixedRank;
}

/**
 * The problem behind a factored one on the manifold of matrices of rank exactly r, embedded in all of them:
 *
 *     min phi(X),   X = U S V^T,   U^T U = V^T V = I,   blocks S: r x r, U: rows x r, V: cols x r,
 *
 * phi(X) = (weight/2) |a(X) - data|^2 + <C, X>, or the objective's own convex loss in place of the squares. Where the rank is r its
 * stationary points are those of the factored problem, and it knows neither their scaling nor their symmetry. A balancing term has no part
 * in it: balanced factors exist for every X, and are found by `factored`.
 *
 * Gradient and Hessian-vector product are the Riemannian ones, and tangent vectors (M, U_p, V_p) lie in the places of (S, U, V):
 * see `bindFixedRank` for the geometry and `bindFixedRankOracles` for the derivatives. Problems in X X^T are taken to psd matrices U S U^T of rank r, with
 * blocks S and U alone (`bindPsdFixedRank`); there steps that would lose rank or sign end at NaN, and searches turn back. Methods walk by `geometry`, and those that cannot are
 * refused by `plan`; starts of lower rank are refused (LOWLAND_E_POINT), and where the least singular value goes to zero on the way so does
 * what the Hessian is worth. Starts are made from factors by `fixedRankPoint`. X is never formed.
 *
 * Source: Vandereycken 2013 (arXiv 1209.3834); Vandereycken, Absil, Vandewalle 2009, doi:10.1109/SSP.2009.5278558, for psd matrices.
 *
 * @throws LOWLAND_E_CAPABILITY when the objective is no factored problem, or has a penalty on its factors: |U|^2 + |V|^2 and the norms of rows
 * are no functions of X
 */
export function fixedRank<P extends Capability>(objective: Objective<P>): Objective<FixedRankCapability> {
  const form = hostCapability(objective as Objective<never>, 'fixedRank');
  if (form !== undefined) return form.objective() as Objective<FixedRankCapability>;
  throw new LowlandError('LOWLAND_E_CAPABILITY', `Objective "${objective.id}" has no form of fixed rank: ${objective.lacks?.fixedRank ?? 'it is no factored problem that provides fixedRank'}.`, {
    details: { capability: 'fixedRank' },
  });
}

/** What the form needs to know of its family. */
export interface FixedRankParts {
  /** The factored objective of so many columns. */
  grow(rank: number): Objective<never>;
  readonly truth: CapabilityMap['truth'];
}

export function fixedRankOf(problem: FactoredProblem, parts: FixedRankParts): Objective<FixedRankCapability> {
  const { map, rank, loss, linear } = problem;
  const { symmetric } = problem;
  const size = { symmetric, rows: map.rows, cols: map.cols, rank };
  const layout = fixedRankLayout(size);
  const factored = once(() => parts.grow(rank) as Objective<Capability>);
  const origin = factored();
  const pointIn = (x: Point): ReturnType<CapabilityMap['factored']['at']> => ({ objective: factored(), point: createPoint(factored().layout, balancedFactors(size, x)) });

  const composed: readonly KernelName[] = [...new Set([...map.kernels, ...measuredKernels(problem), ...tangentKernels, 'scal' as const])];
  // one pass over symmetric measurements takes u = v for granted
  const fusedKernels = loss === undefined && !symmetric ? map.fusedKernels : undefined;
  const first = <K extends keyof FirstOrder>(pick: (oracles: FirstOrder) => CapabilityMap[K]): readonly Route<K, Uploaded>[] => [
    ...(fusedKernels === undefined ? [] : [{ kernels: [...new Set([...fusedKernels.residual, ...tangentKernels, 'dot' as const])], label: 'fused' as const, bind: ({ oracles }: Uploaded) => pick(oracles().fused()) }]),
    { kernels: composed, label: 'composed', bind: ({ oracles }) => pick(oracles().composed()) },
  ];
  const onHost = <K extends Capability>(capability: CapabilityMap[K]): readonly Route<K, Uploaded>[] => [{ kernels: [], label: 'composed', bind: () => capability }];
  const { distance } = parts.truth;
  const routes: Routes<Exclude<FixedRankCapability, 'residual'>, Uploaded> & Partial<Routes<'residual', Uploaded>> = {
    value: first<'value'>((oracles) => oracles.value),
    gradient: first<'gradient'>((oracles) => oracles.gradient),
    valueAndGradient: first<'valueAndGradient'>((oracles) => oracles.valueAndGradient),
    hessianVectorProduct: [
      ...(fusedKernels === undefined || !map.isometry
        ? []
        : [{ kernels: [...new Set([...fusedKernels.residual, ...tangentKernels, 'axpy' as const, 'trsm' as const])], label: 'fused' as const, bind: ({ oracles }: Uploaded) => oracles().fusedHessianVectorProduct() }]),
      { kernels: [...composed, 'trsm'], label: 'composed', bind: ({ oracles }) => oracles().hessianVectorProduct() },
    ],
    geometry: [{ kernels: symmetric ? psdGeometryKernels : geometryKernels, label: 'composed', bind: ({ geometry }) => geometry() }],
    ...(loss === undefined && linear === undefined && { residual: [{ kernels: composed, label: 'composed', bind: ({ oracles }: Uploaded) => oracles().residual() }] as const }),
    factored: onHost<'factored'>({ at: pointIn }),
    truth: onHost<'truth'>(distance === undefined ? {} : { distance: (x) => distance(pointIn(x).point) }),
    grow: onHost<'grow'>({ objective: (next) => fixedRank(parts.grow(next)) as Objective<Capability> }),
  };
  return {
    id: 'fixed-rank',
    layout,
    manifold: fixedRankManifold(size),
    ...(origin.scale !== undefined && { scale: `${origin.scale}, at X = U S V^T` }),
    options: { of: { id: origin.id, options: origin.options } },
    get data() {
      return origin.data!;
    },
    routes: routes as Routes<FixedRankCapability, Uploaded>,
    upload(device: Device, memory: Memory): Uploaded {
      const geometry = once(() => (symmetric ? bindPsdFixedRank : bindFixedRank)(size, layout, device, memory));
      const data = once(() => newVector(device, memory, problem.data));
      return { geometry, oracles: once(() => bindFixedRankOracles(problem, layout, geometry, map.bind(device, memory, rank), data, device, memory)) };
    },
    // The map, its measurements with a differential, the point with some vectors of its size, and the sides of a retraction.
    bytes: (dtype) => map.bytes(dtype === 'f64' ? 8 : 4, rank) + (dtype === 'f64' ? 8 : 4) * ((loss === undefined ? 3 : 7) * map.length + (linear?.length ?? 0) + 11 * (map.rows + map.cols) * rank + 20 * rank * rank),
    initial: (key) => startFrom(size, initialPoint(problem, key).data, key),
  };
}
