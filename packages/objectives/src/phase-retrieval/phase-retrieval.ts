import { createPoint, fingerprint, LowlandError, type Capability, type CapabilityMap, type KernelName, type Layout, type Measurements, type Objective, type Route } from '@lowland/core';

import { ensembleRoutes } from '../ensemble/ensemble.ts';
import { phaseEnsemble } from '../ensemble/problems.ts';
import { requireAllFinite, requireLength, requireNonNegative, requireUnweighted } from '../factored/checks.ts';
import { factsOf, statesOptimum } from '../factored/facts.ts';
import { once } from '../factored/once.ts';
import { planeLossOn } from '../factored/plane-loss.ts';
import { composedKernels, type ComposedOracles } from './composed.ts';
import { estimateOf } from './estimate.ts';
import { evaluated } from './evaluated.ts';
import { fusedKernels } from './fused.ts';
import { planeKernels } from './plane.ts';
import { uploadOf, type PhaseProblem, type Uploaded } from './problem.ts';
import { scaleOf } from './scale.ts';
import { gaussianStart, spectralStart } from './start.ts';
import { sampledKernels } from './stochastic.ts';
import { distanceModuloPhase, phaseSymmetry } from './symmetry.ts';
import { signalWidth, squaresOf, vectorsOf, widthOf, type Vectors } from './vectors.ts';

/** What is compared with the data: |z|^2, |z|, or sqrt(|z|^2 + smoothing^2). */
export type PhaseLoss = 'intensity' | 'amplitude' | 'smoothed-amplitude';
export const phaseLosses = ['intensity', 'amplitude', 'smoothed-amplitude'] as const satisfies readonly PhaseLoss[];

/** Gaussian entries, or the leading eigenvector of sum of y_k a_k a_k^*. */
export type PhaseStart = 'gaussian' | 'spectral';
export const phaseStarts = ['gaussian', 'spectral'] as const satisfies readonly PhaseStart[];

export interface PhaseRetrievalOptions {
  /** Intensities y_k as values; the vectors as a rank-one ensemble without right vectors, as coded diffraction, or seeded. */
  readonly measurements: Measurements;
  /** The signal is real though the vectors are complex; default false. Without meaning for real vectors. */
  readonly real?: boolean;
  /** Default `intensity`. */
  readonly loss?: PhaseLoss;
  /** eps > 0 of the smoothed amplitudes; default, also where 0 is given: 0.5 sqrt(mean y). Other losses take none. */
  readonly smoothing?: number;
  /** How the default start is made; default `gaussian`. */
  readonly start?: PhaseStart;
  /** The signal that was planted, where it is known; pairs (re, im) where x is complex. */
  readonly signal?: Float64Array;
}

type Common = 'value' | 'gradient' | 'valueAndGradient' | 'residual' | 'nonNegative' | 'symmetry' | 'truth' | 'stochasticGradient' | 'estimate' | 'planeValues';

/** The loss as given, or its default. */
type LossOf<O> = O extends { readonly loss: infer L } ? Exclude<L, undefined> : 'intensity';

/** Amplitudes without smoothing have a kink wherever one vanishes: there is no Hessian, and no scale to judge curvature by. */
export type PhaseRetrievalCapability<O> = Common | ('amplitude' extends LossOf<O> ? never : 'hessianVectorProduct' | 'scale');

/**
 * A signal x, real or complex, from intensities y_k = |<a_k, x>|^2 (+ noise), k = 1 … m. With z = A x, z_k = a_k^* x:
 *
 *     intensity            f(x) = w sum of (|z_k|^2 - y_k)^2,                             w = 1/(4m) for real a_k, 1/(2m) for complex ones
 *     amplitude            f(x) = 1/(2m) sum of (|z_k| - sqrt(y_k))^2
 *     smoothed-amplitude   f(x) = 1/(2m) sum of (q_k - sqrt(y_k + eps^2))^2,             q_k = sqrt(|z_k|^2 + eps^2)
 *
 * x: one block of n entries, complex ones interleaved. The gradient is that over R^n or R^2n, 4 w A^*((|z|^2 - y) z) for intensities: for
 * complex x twice the derivative by the conjugate of x (Wirtinger's), so that a step of length s here is one of length 2 s there.
 * 1/(4m) gives the gradient 1/m sum of ((a_k^T x)^2 - y_k)(a_k^T x) a_k; `symmetricSensing` with c = 1/m has twice this f.
 * Intensities of Gaussian vectors have the population version `populationPhaseRetrieval` as their mean.
 *
 * The amplitude's gradient takes the direction of a vanishing z_k as 0; it has no Hessian-vector product. Random starts need the smoothing.
 * A constant step is safe only where no |<a_k, x>| is large (1/10 for |signal| = 1 diverges now and then): search along the direction.
 *
 * A value costs 2mn flops (8 complex), a gradient twice, a Hessian-vector product three times as many; where a device has `phaseProducts`
 * all read A once. Of coded diffraction (masks, then a Fourier transform) A is never formed: an image costs one transform a mask, on the host.
 * `truth.distance` is the least over the lost phase, |x p - signal|. Starts have the length that the intensities tell.
 *
 * Source: Sun, Qu, Wright 2016 (arXiv 1602.06664), complex intensities; Ma, Wang, Chi, Chen 2017 (arXiv 1711.10467), real ones;
 * Zhang, Liang 2016 (arXiv 1605.07719), amplitudes; Candès, Li, Soltanolkotabi 2015 (arXiv 1407.1065), coded diffraction.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE, LOWLAND_E_ENSEMBLE for bad measurements or another length of the signal; LOWLAND_E_EMPTY when there are none; LOWLAND_E_WEIGHT when they have weights
 * @throws LOWLAND_E_OPTIONS for a loss or start of another name, a smoothing that the loss does not take, amplitudes of negative or vanishing intensities, or a linear term
 */
export function phaseRetrieval<const O extends PhaseRetrievalOptions>(options: O & PhaseRetrievalOptions): Objective<PhaseRetrievalCapability<O>> {
  return create(options) as Objective<PhaseRetrievalCapability<O>>;
}

function create({ measurements, loss = 'intensity', smoothing = 0, start = 'gaussian', real = false, signal }: PhaseRetrievalOptions): Objective<never> {
  const { values } = measurements;
  if (values.length === 0) throw new LowlandError('LOWLAND_E_EMPTY', 'Phase retrieval needs at least one measurement.');
  requireAllFinite('An intensity', values);
  requireName('loss', loss, phaseLosses);
  requireName('start', start, phaseStarts);
  requireNonNegative('smoothing', smoothing);
  requireUnweighted(measurements, 'Phase retrieval');
  if (measurements.linear !== undefined) throw new LowlandError('LOWLAND_E_OPTIONS', 'Phase retrieval has no linear term; leave it out of the measurements.');
  const vectors = vectorsOf(measurements, real);
  const { count, size } = vectors;
  const complex = signalWidth(vectors) === 2;
  const eps = smoothingOf(loss, smoothing, values);
  const layout: Layout = { blocks: [{ name: 'x', shape: [size], ...(complex && { complex: true as const }) }] };
  const problem: PhaseProblem = {
    vectors,
    layout,
    length: size * signalWidth(vectors),
    weight: (loss === 'intensity' && !vectors.complex ? 1 / 4 : 1 / 2) / count,
    smoothing: eps,
    data: eps === undefined ? values : values.map((y) => Math.sqrt(y + eps * eps)),
  };
  if (signal !== undefined) {
    requireLength('The planted signal', signal.length, problem.length);
    requireAllFinite('The planted signal', signal);
  }
  const smooth = loss !== 'amplitude';
  const host = <K extends Capability>(capability: CapabilityMap[K]): readonly Route<K, Uploaded>[] => [{ kernels: [], label: 'composed', bind: () => capability }];
  const base = composedKernels(problem);
  const oracle = <K extends Capability & keyof Omit<ComposedOracles, 'residual' | 'stochasticGradient'>>(name: K): readonly Route<K, Uploaded>[] => [
    ...(vectors.matrix === undefined ? [] : [{ kernels: fusedKernels, label: 'fused', bind: (uploaded: Uploaded) => uploaded.fused()[name] as CapabilityMap[K] } as const]),
    { kernels: base, label: 'composed', bind: (uploaded) => uploaded.composed()[name] as CapabilityMap[K] },
  ];
  const truth = truthOf(problem, values, smooth, signal);
  const ensemble = phaseEnsemble(problem);
  const routes = {
    value: oracle('value'),
    gradient: oracle('gradient'),
    valueAndGradient: oracle('valueAndGradient'),
    ...(smooth && { hessianVectorProduct: oracle('hessianVectorProduct'), scale: host<'scale'>(scaleOf(problem)) }),
    residual: [{ kernels: base, label: 'composed', bind: (uploaded: Uploaded) => uploaded.composed().residual }],
    symmetry: [{
      kernels: (complex ? ['gemm'] : []) satisfies readonly KernelName[],
      label: 'composed',
      bind: (_uploaded: Uploaded, device, memory) => phaseSymmetry(device, memory, layout, complex),
    }] satisfies readonly Route<'symmetry', Uploaded>[],
    nonNegative: host<'nonNegative'>({ at: (x) => evaluated(problem, x) }),
    truth: host<'truth'>(truth),
    stochasticGradient: [
      { kernels: sampledKernels, label: 'fused', bind: (uploaded: Uploaded) => uploaded.sampled() },
      { kernels: base, label: 'composed', bind: (uploaded: Uploaded) => uploaded.composed().stochasticGradient },
    ],
    planeValues: [
      { kernels: [...planeKernels(problem), 'planeLoss'], label: 'fused', bind: (uploaded: Uploaded, device) => uploaded.plane(device.kernels.planeLoss!) },
      { kernels: [...planeKernels(problem), 'host'], label: 'fused', bind: (uploaded: Uploaded, device) => uploaded.plane(planeLossOn(device)) },
    ] satisfies readonly Route<'planeValues', Uploaded>[],
    estimate: host<'estimate'>(estimateOf(vectors, values)),
    ...(ensemble && { ensemble: ensembleRoutes<Uploaded>(ensemble) }),
  };
  const digest = once(() => digestOf(measurements));
  const objective: Objective<Common, Uploaded> = {
    id: 'phase-retrieval',
    layout,
    scale: scaleText(loss, vectors.complex),
    options: { loss, smoothing: loss === 'smoothed-amplitude' ? eps : 0, start, real },
    get data() {
      return digest();
    },
    routes: routes as never,
    facts: factsOf({ optimum: statesOptimum(truth) }),
    upload: uploadOf(problem),
    // A, the data, four lists of pairs and eight of numbers, and a few vectors of the length of x.
    bytes: (dtype) => (dtype === 'f64' ? 8 : 4) * (vectors.held + count * (9 + 4 * widthOf(vectors)) + 4 * problem.length),
    bufferBytes: (dtype) => (dtype === 'f64' ? 8 : 4) * Math.max(vectors.held, count * widthOf(vectors)),
    initial: (key) => (start === 'spectral' ? spectralStart : gaussianStart)(vectors, layout, values, key),
  };
  return objective as Objective<never>;
}

function requireName(what: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `${what} is one of ${known.join(', ')}; "${given}" was given.`, { details: { [what]: given } });
}

/** eps, or undefined for intensities. */
function smoothingOf(loss: PhaseLoss, given: number, values: Float64Array): number | undefined {
  if (loss !== 'smoothed-amplitude' && given !== 0) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The loss ${loss} takes no smoothing; ${given} was given. Leave it out, or choose smoothed-amplitude.`);
  }
  if (loss === 'intensity') return undefined;
  const negative = values.findIndex((y) => y < 0);
  if (negative !== -1) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `Amplitudes are roots of intensities; intensity ${negative} is ${values[negative]!}. Choose the loss intensity, or clip the data.`);
  }
  if (loss === 'amplitude') return 0;
  const eps = given > 0 ? given : 0.5 * Math.sqrt(values.reduce((sum, y) => sum + y, 0) / values.length);
  if (!(eps > 0)) throw new LowlandError('LOWLAND_E_OPTIONS', 'All intensities vanish: give a smoothing > 0, or choose the loss intensity.');
  return eps;
}

function scaleText(loss: PhaseLoss, complex: boolean): string {
  const z = complex ? '|a^* x|' : '|a^T x|';
  switch (loss) {
    case 'intensity':
      return `${complex ? '1/(2m)' : '1/(4m)'} sum (${z}^2 - y)^2`;
    case 'amplitude':
      return `1/(2m) sum (${z} - sqrt y)^2`;
    case 'smoothed-amplitude':
      return `1/(2m) sum (sqrt(${z}^2 + eps^2) - sqrt(y + eps^2))^2`;
  }
}

/** The least value is 0 where the planted signal has the intensities that are given, up to their rounding. */
function truthOf({ layout, length, vectors }: PhaseProblem, values: Float64Array, smooth: boolean, signal: Float64Array | undefined): CapabilityMap['truth'] {
  const origin = createPoint(layout);
  if (signal === undefined) return smooth ? { stationaryPoints: () => [origin] } : {};
  const complex = signalWidth(vectors) === 2;
  const exact = agrees(vectors, values, signal);
  const planted = createPoint(layout, signal.slice());
  return {
    ...(exact && { optimum: 0 }),
    ...((smooth || exact) && { stationaryPoints: () => [...(smooth ? [origin] : []), ...(exact ? [planted, createPoint(layout, signal.map((value) => -value))] : [])] }),
    distance: (x) => {
      requireLength('A point', x.data.length, length);
      return distanceModuloPhase(x, signal, complex);
    },
  };
}

/** | |z|^2 - y | <= 4 (n + 4) eps (|a| |x|)^2 for every measurement. */
function agrees(vectors: Vectors, values: Float64Array, signal: Float64Array): boolean {
  const { count, size } = vectors;
  const width = widthOf(vectors);
  const z = new Float64Array(count * width);
  vectors.image(signal, z);
  const squared = (x: Float64Array): number => x.reduce((sum, value) => sum + value * value, 0);
  const of = squared(signal);
  const n = size * width;
  return squaresOf(vectors, z).every((y, k) => Math.abs(y - values[k]!) <= 4 * (n + 4) * 2 ** -52 * vectors.squaredNorm(k) * of);
}

/** Seeded vectors are covered by name, version and seed, given ones by their numbers. */
function digestOf({ rows, values, ensemble }: Measurements): string {
  const vectors =
    ensemble.kind === 'seeded' ? [ensemble.name, ensemble.version, ensemble.seed]
    : ensemble.kind === 'rank-one' ? [ensemble.complex === true ? 'complex' : 'real', ensemble.left]
    : ensemble.kind === 'coded-diffraction' ? [ensemble.masks]
    : [];
  return fingerprint('intensities', [rows, rows], values, ensemble.kind, ...vectors);
}
