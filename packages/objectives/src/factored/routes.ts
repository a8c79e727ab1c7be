/**
 * The routes that every factored problem has. Families add what is their own: block solves, targets, truth, offsets.
 */
import type { Capability, CapabilityMap, Device, Dtype, KernelName, Memory, Objective, Route, Routes, Vec } from '@lowland/core';
import { generalLinearSymmetry, orthogonalSymmetry } from '@lowland/linalg';

import { convexFormOf } from '../convex-form/convex-form.ts';
import { fixedRankOf } from '../fixed-rank/fixed-rank.ts';
import { composedFit } from './composed-fit.ts';
import { estimateOf } from './estimate.ts';
import { isOfProduct } from './facts.ts';
import type { Fit } from './fit.ts';
import { fusedFit } from './fused-fit.ts';
import { gramFit } from './gram-fit.ts';
import { incoherenceKernels } from './incoherence.ts';
import { lacksOf } from './lacks.ts';
import { liftOf } from './lift.ts';
import { lossFit } from './loss-fit.ts';
import { lossKernels } from './loss.ts';
import { bindOracles, bindProducts, bindResidual, bindTerms, type Oracles } from './oracles.ts';
import { bindPlane, fitOnPlanes, type PlaneLoss } from './plane.ts';
import { planeLossOn } from './plane-loss.ts';
import { factorNames, type FactoredProblem } from './problem.ts';
import { once } from './once.ts';
import { scaleOf } from './scale.ts';
import { severalCurvatures } from './several-curvatures.ts';
import { smoothnessOf } from './smoothness.ts';
import { maskedGradient, maskedKernels, sampledGradient, sampledKernels } from './stochastic.ts';
import { newVector } from './term.ts';
import { isometricCurvatures } from './wide-curvature.ts';

export type FactoredCapability =
  | 'value'
  | 'gradient'
  | 'valueAndGradient'
  | 'hessianVectorProduct'
  | 'blockGradient'
  | 'residual'
  | 'factors'
  | 'symmetry'
  | 'lift'
  | 'smoothness'
  | 'scale'
  | 'grow'
  | 'predict'
  | 'truth'
  | 'convexForm'
  | 'fixedRank'
  | 'stochasticGradient'
  | 'estimate'
  | 'planeValues';

/** What `upload` gives, each made when first asked for. Routes of one kind share their oracles, both kinds the map and the terms. */
export interface Uploaded {
  /** The data of the fit. */
  data(): Vec;
  composed(): Oracles;
  fused(): Oracles;
  /** The fused ones, gradients by Gram matrices where they are far from the optimum. */
  gram(): Oracles;
  residual(): CapabilityMap['residual'];
  sampled(): CapabilityMap['stochasticGradient'];
  masked(): CapabilityMap['stochasticGradient'];
  plane(planeLoss: PlaneLoss): CapabilityMap['planeValues'];
  /** For isometries in one pass, and for maps that take several matrices at once. */
  wide(): CapabilityMap['hessianVectorProducts'];
  several(): CapabilityMap['hessianVectorProducts'];
}

export function uploadOf(problem: FactoredProblem): (device: Device, memory: Memory) => Uploaded {
  return (device, memory) => {
    const data = once(() => newVector(device, memory, problem.data));
    const map = once(() => problem.map.bind(device, memory, problem.rank));
    const terms = once(() => bindTerms(problem, device, memory));
    const fit = once(() => composedFit(problem, map(), data(), device, memory));
    // Routes come here only where the map has fused kernels, and then it has this.
    const fusedMap = once(() => map().fused!(data()));
    const fused = once(() => fusedFit(problem, fusedMap(), device, memory));
    const oracles = (of: Fit) => bindOracles(problem, of, terms(), device, memory);
    return {
      data,
      composed: once(() => oracles(problem.loss === undefined ? fit() : lossFit(problem, problem.loss, map(), data(), device, memory))),
      fused: once(() => oracles(fused())),
      gram: once(() => oracles(gramFit(problem, fused(), fusedMap(), device, memory))),
      residual: once(() => bindResidual(fit(), terms(), device)),
      sampled: once(() => sampledGradient(problem, problem.map.sampled(device, memory), terms(), device)),
      masked: once(() => maskedGradient(problem, map(), data(), terms(), device, memory)),
      wide: once(() => bindProducts(isometricCurvatures(problem, fusedMap(), device, memory), terms(), device)),
      several: once(() => bindProducts(severalCurvatures(problem, map(), map().several!, data(), device, memory), terms(), device)),
      plane: (planeLoss) => bindPlane([fitOnPlanes(problem, map(), data, device), ...terms().map(({ plane }) => plane)], planeLoss, device, memory),
    };
  };
}

/** A capability that lives on the host and needs no kernel. */
export function hostRoute<K extends Capability>(capability: CapabilityMap[K]): readonly [Route<K, Uploaded>] {
  return [{ kernels: [], label: 'composed', bind: () => capability }];
}

/** What families differ in among the shared capabilities. */
export interface FamilyParts {
  grow(rank: number): Objective<never>;
  readonly truth: CapabilityMap['truth'];
  /** Default: entries of the product alone. */
  readonly predict?: readonly Route<'predict', Uploaded>[];
}

/** Routes of all shared capabilities that the problem has, typed as if it had them all: families' own types say more. */
export function factoredRoutes(problem: FactoredProblem, parts: FamilyParts): Routes<FactoredCapability, Uploaded> {
  const { layout, rank, map, loss, incoherence } = problem;
  const names = factorNames(problem);
  const distinct = [...new Set(names)];
  // Residuals are read in one pass; other losses take what `image` gives.
  const { residual, curvature } = (loss === undefined ? map.fusedKernels : undefined) ?? {};
  const both = [...(['axpy', 'dot', 'gemm', 'scal'] as const), ...(loss === undefined ? [] : lossKernels), ...(incoherence === undefined ? [] : incoherenceKernels)];
  const composed = [...new Set([...map.kernels, ...both])];
  /** One pass over the data where the device has the kernels for it, else base kernels. */
  const oracle = <K extends Capability>(fused: readonly KernelName[] | undefined, pick: (oracles: Oracles) => CapabilityMap[K]): readonly Route<K, Uploaded>[] => {
    const route: Route<K, Uploaded> = { kernels: composed, label: 'composed', bind: (uploaded) => pick(uploaded.composed()) };
    if (fused === undefined) return [route];
    return [{ kernels: [...new Set([...fused, ...both])], label: 'fused', bind: (uploaded) => pick(uploaded.fused()) }, route];
  };
  /** Those with a gradient. Which form it takes is decided on the host. */
  const sloped = <K extends Capability>(pick: (oracles: Oracles) => CapabilityMap[K]): readonly Route<K, Uploaded>[] => {
    const routes = oracle(residual, pick);
    if (residual === undefined || problem.gramFarFromOptimum !== true) return routes;
    return [{ kernels: [...new Set([...residual, ...both, 'host'] as const)], label: 'fused', bind: (uploaded) => pick(uploaded.gram()) }, ...routes];
  };
  const all: Routes<FactoredCapability, Uploaded> = {
    value: oracle<'value'>(residual, (oracles) => oracles.value),
    gradient: sloped<'gradient'>((oracles) => oracles.gradient),
    valueAndGradient: sloped<'valueAndGradient'>((oracles) => oracles.valueAndGradient),
    hessianVectorProduct: oracle<'hessianVectorProduct'>(curvature, (oracles) => oracles.hessianVectorProduct),
    blockGradient: sloped<'blockGradient'>((oracles) => oracles.blockGradient),
    // Elsewhere core makes them one by one.
    ...(curvature !== undefined && map.isometry && {
      hessianVectorProducts: [{ kernels: [...new Set([...curvature, ...both, 'spmm'] as const)], label: 'fused', bind: (uploaded: Uploaded) => uploaded.wide() }],
    }),
    ...(map.severalAtOnce === true && { hessianVectorProducts: [{ kernels: composed, label: 'composed', bind: (uploaded: Uploaded) => uploaded.several() }] }),
    residual: [{ kernels: composed, label: 'composed', bind: (uploaded) => uploaded.residual() }],
    factors: hostRoute<'factors'>({ pairs: [names] }),
    symmetry: [
      {
        kernels: ['fill', 'gemm'],
        label: 'composed',
        bind: (_uploaded, device, memory) =>
          isOfProduct(problem)
            ? generalLinearSymmetry(device, memory, layout, names[0], names[1], rank)
            : orthogonalSymmetry(device, memory, layout, distinct, rank),
      },
    ],
    lift: hostRoute<'lift'>(liftOf(problem)),
    smoothness: hostRoute<'smoothness'>(smoothnessOf(problem)),
    scale: hostRoute<'scale'>(scaleOf(problem)),
    // A registry's view of an objective claims every capability; what it has is read from its routes.
    grow: hostRoute<'grow'>({ objective: (next) => parts.grow(next) as Objective<Capability> }),
    predict: parts.predict ?? [
      {
        kernels: ['sddmm'],
        label: 'composed',
        bind: (_uploaded, device) => (x, row, col, out) => {
          const blocks = device.blocks(x, layout);
          device.kernels.sddmm(row, col, blocks[names[0]]!, blocks[names[1]]!, out);
        },
      },
    ],
    truth: hostRoute<'truth'>(parts.truth),
    stochasticGradient: [
      { kernels: sampledKernels, label: 'fused', bind: (uploaded) => uploaded.sampled() },
      { kernels: [...new Set([...composed, ...maskedKernels])], label: 'composed', bind: (uploaded) => uploaded.masked() },
    ],
    planeValues: [
      { kernels: [...new Set([...composed, 'fill', 'planeLoss'] as const)], label: 'fused', bind: (uploaded, device) => uploaded.plane(device.kernels.planeLoss!) },
      { kernels: [...new Set([...composed, 'fill', 'host'] as const)], label: 'fused', bind: (uploaded, device) => uploaded.plane(planeLossOn(device)) },
    ],
    estimate: hostRoute<'estimate'>(estimateOf(problem)),
    convexForm: hostRoute<'convexForm'>({ objective: () => convexFormOf(problem, parts) as Objective<Capability> }),
    fixedRank: hostRoute<'fixedRank'>({ objective: () => fixedRankOf(problem, parts) as Objective<Capability> }),
  };
  const lacks = lacksOf(problem);
  return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in lacks))) as unknown as Routes<FactoredCapability, Uploaded>;
}

/** Bytes of the largest vector: the data, or what the map holds. */
export const bufferBytesOf = ({ map }: FactoredProblem, dtype: Dtype): number => (dtype === 'f64' ? 8 : 4) * Math.max(map.length, map.largest ?? 0);

/** Bytes on a device at least: the map, data, residual and its differential, and the point with a few vectors of its size. An isometry in one pass holds the data alone. */
export function bytesOf(problem: FactoredProblem, dtype: Dtype): number {
  const width = dtype === 'f64' ? 8 : 4;
  const { map, rank, linear, loss } = problem;
  const variables = (problem.symmetric ? map.rows : map.rows + map.cols) * rank;
  const residuals = loss !== undefined ? (loss.weights === undefined ? 6 : 8) : map.isometry && map.fusedKernels !== undefined ? 1 : 3;
  return map.bytes(width, rank) + width * (residuals * map.length + 2 * variables + (linear?.length ?? 0) + 3 * rank * rank);
}
