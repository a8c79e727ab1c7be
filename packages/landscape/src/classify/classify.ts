/**
 * What kind of point this is: first and second order, with the directions of the symmetry group set apart.
 *
 * Verdicts as in rigour.md B1. A strict saddle comes with a direction whose negative curvature was evaluated twice and along
 * which the value was seen to fall; a second-order point with a proved lower bound of the least eigenvalue; anything less is
 * called a first-order point, with the interval that is known.
 */
import { type Analysis, createPoint, type Context, type Factors, LowlandError, type Point, type Vec } from '@lowland/core';
import { dot, inertia, lanczos, type Matrix, matrix, multiply, norm, provePositiveDefinite, randomisedEigenvalueBound, symmetricEigen } from '@lowland/linalg';

import { leading } from '../compress.ts';
import { balancedFactors, type Factored, factorsAt, numericalRank, pointOf, productCut, productSvd } from '../factored.ts';
import { balancedPoint } from './balanced-point.ts';
import type { Classification, Curvature, Escape, Nullity } from './classification.ts';
import { descentAlong } from './escape.ts';
import { type Aids, type DeflatedHessian, deflatedHessian, denseOnComplement, productAt, type SecondOrder } from './hessian.ts';
import { nullityOf } from './nullity.ts';
import { factorGramCurvature } from './unbalanced.ts';
import { walkOf } from './walk.ts';

export interface ClassifyOptions {
  /** Stationary means |gradient| <= tolerance * g0; default 1e-6. */
  readonly gradientTolerance?: number;
  /** Up to this many variables the Hessian is formed and its inertia proved; default 1,500. */
  readonly denseVariables?: number;
  /** Up to this many variables the whole spectrum is computed; default 300. */
  readonly spectrumVariables?: number;
  /** Lanczos steps at most; default 200. */
  readonly lanczosSteps?: number;
  /** Above this many variables times the square of the symmetry directions the second-order test is left out; default 1e10, some 10 s. */
  readonly orbitWork?: number;
}

const defaults = { gradientTolerance: 1e-6, denseVariables: 1500, spectrumVariables: 300, lanczosSteps: 200, orbitWork: 1e10 };

/** The analysis `classify`. Requires a twice differentiable objective; runs in f64. */
export function classify(options: ClassifyOptions = {}): Analysis<SecondOrder, Classification, Aids> {
  const settings = { ...defaults, ...options };
  return {
    id: 'classify',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['symmetry', 'scale', 'factors', 'target', 'geometry'],
    dtype: 'f64',
    run: (context, point, host) => classifyAt(context, point, host, settings),
  };
}

type Settings = typeof defaults;

type Ctx = Context<SecondOrder, Aids>;

function classifyAt(context: Ctx, given: Vec, host: Point, settings: Settings): Classification {
  const { problem } = context;
  const moved = balancedPoint(problem, host);
  const point = moved === undefined ? given : upload(context, moved.point);
  const at = moved?.point ?? host;
  const group = problem.symmetry?.group ?? null;
  const undecided = { curvature: null, escape: null, symmetry: { group, dimension: null, balanced: moved !== undefined, raw: null } };

  const size = gradientNorm(context, point);
  const scale = problem.scale?.gradient(at) ?? hessianNorm(context, point) * norm(at.data);
  const gradient = { norm: size, scale, relative: scale === 0 ? 0 : size / scale, tolerance: settings.gradientTolerance };
  if (scale > 0 ? size > settings.gradientTolerance * scale : size > 0) {
    const reason = `The gradient is ${gradient.relative.toExponential(1)} of its scale; stationary means at most ${settings.gradientTolerance}.`;
    return { kind: 'not-stationary', reason, gradient, ...undecided };
  }
  const generators = problem.symmetry?.dimension ?? 0;
  if (Math.min(generators, 4 * point.length) ** 2 * point.length > settings.orbitWork) {
    const reason = `The second-order test was left out: ${generators} symmetry directions of ${point.length} variables are more than orbitWork = ${settings.orbitWork} allows.`;
    return { kind: 'first-order-point', reason, gradient, ...undecided };
  }

  const hessian = deflatedHessian(context, point);
  const ritz = extremes(context, hessian, settings);
  const raw = moved === undefined ? null : summary(context, given, settings);
  const symmetry = { group, dimension: hessian.orbit.cols, balanced: moved !== undefined, raw };
  const lipschitz = problem.scale?.hessianLipschitz(at) ?? lipschitzAlong(context, point, hessian, ritz.direction);
  const threshold = Math.max(1e-8 * ritz.largest, Math.sqrt(lipschitz * size));
  const dense = denseFacts(context, hessian, at, ritz, threshold, settings);
  const rounding = 4 * hessian.size * 2 ** -53 * ritz.largest;
  const candidate = dense?.candidate ?? { value: ritz.smallest, direction: ritz.direction };

  const escape =
    unbalancedEscape(context, hessian, point, host, moved !== undefined) ??
    confirmedEscape(context, hessian, point, candidate.direction, -threshold - rounding, lipschitz, at);
  const bound = lowerBound(context, hessian, ritz, dense, threshold, rounding, settings);
  const curvature: Curvature = {
    smallest: { lower: bound.value, upper: Math.min(candidate.value, escape?.curvature ?? Infinity) + rounding },
    largest: dense?.spectrum == null ? ritz.largest : Math.max(0, ...dense.spectrum.map(Math.abs)),
    threshold,
    hessianLipschitz: lipschitz,
    method: escape?.exact === true ? 'factor-grams' : bound.method,
    failureProbability: bound.failureProbability,
    morseIndex: dense?.morseIndex ?? null,
    nullity: dense?.nullity ?? null,
    spectrum: dense?.spectrum ?? null,
  };
  if (escape !== undefined) {
    const { direction, length } = moved?.pullBack(escape.direction) ?? { direction: escape.direction, length: 1 };
    const { step, decrease, curvature: value } = escape;
    return { kind: 'strict-saddle', reason: null, gradient, curvature, symmetry, escape: { direction, curvature: value, step: step * length, decrease } };
  }
  if (bound.value !== null && bound.value >= -threshold) {
    return { kind: 'second-order-point', reason: null, gradient, curvature, symmetry, escape: null };
  }
  const interval = `[${bound.value === null ? 'unknown' : bound.value.toPrecision(4)}, ${curvature.smallest.upper.toPrecision(4)}]`;
  const reason = `The least Hessian eigenvalue lies in ${interval}; neither a bound of at least ${(-threshold).toPrecision(3)} was proved nor a descent seen.`;
  return { kind: 'first-order-point', reason, gradient, curvature, symmetry, escape: null };
}

/** The norm of the Hessian by 20 Lanczos steps, a lower bound: the scale where the objective states none. */
function hessianNorm(context: Ctx, point: Vec): number {
  const { largest, smallest } = lanczos({ size: point.length, apply: productAt(context, point) }, { key: context.random('classify', 2), maxSteps: 20, which: 'both' });
  return Math.max(Math.abs(largest), Math.abs(smallest));
}

interface Ritz {
  readonly smallest: number;
  readonly largest: number;
  readonly direction: Float64Array;
}

/** Extreme Ritz values of P H P: the least one, and the largest in absolute value. */
function extremes(context: Ctx, hessian: DeflatedHessian, settings: Settings): Ritz {
  const { values, vectors } = lanczos(hessian.whole, {
    key: context.random('classify', 0),
    maxSteps: settings.lanczosSteps,
    which: 'both',
    deflate: hessian.apart,
  });
  const last = vectors.cols - 1;
  const direction = Float64Array.from({ length: hessian.size }, (_, i) => vectors.data[i * vectors.cols + last] ?? 0);
  const smallest = values[values.length - 1] ?? 0;
  return { smallest, largest: Math.max(Math.abs(smallest), Math.abs(values[0] ?? 0)), direction };
}

interface DenseFacts {
  readonly candidate: { readonly value: number; readonly direction: Float64Array };
  readonly morseIndex: number;
  readonly nullity: Nullity | null;
  readonly spectrum: Float64Array | null;
  readonly matrix: Matrix;
  /** Whether the Hessian is zero on the complement, to the last bit. */
  readonly vanishes: boolean;
}

function denseFacts(context: Ctx, hessian: DeflatedHessian, at: Point, ritz: Ritz, threshold: number, settings: Settings): DenseFacts | undefined {
  const { size, orbit, apart } = hessian;
  if (size > settings.denseVariables) return undefined;
  const { matrix: dense, bound } = denseOnComplement(hessian);
  const vanishes = bound === 0;
  if (size > settings.spectrumVariables) {
    const negative = vanishes ? 0 : inertia(dense, -threshold).negative;
    return { candidate: { value: ritz.smallest, direction: ritz.direction }, morseIndex: negative, nullity: null, spectrum: null, matrix: dense, vanishes };
  }
  const eigen = symmetricEigen(dense);
  // Descending: the first are the directions set apart. Of a matrix that vanishes the others are zero, up to what the shift leaves of itself.
  const count = size - apart.cols;
  const spectrum = Float64Array.from({ length: count }, (_, k) => (vanishes ? 0 : eigen.values[size - 1 - k]!));
  const column = (k: number): Float64Array => Float64Array.from({ length: size }, (_, i) => eigen.vectors.data[i * size + size - 1 - k]!);
  return {
    candidate: { value: spectrum[0] ?? 0, direction: column(0) },
    morseIndex: spectrum.filter((value) => value < -threshold).length,
    nullity: nullityOf(spectrum, orbit.cols, (k) => createPoint(at.layout, column(k))),
    spectrum,
    matrix: dense,
    vanishes,
  };
}

interface Bound {
  readonly value: number | null;
  readonly method: Curvature['method'];
  readonly failureProbability: number;
}

/** A proved lower bound of the least eigenvalue on the complement. */
function lowerBound(context: Ctx, hessian: DeflatedHessian, ritz: Ritz, dense: DenseFacts | undefined, threshold: number, rounding: number, settings: Settings): Bound {
  if (dense !== undefined) {
    // Forming the matrix by Hessian-vector products is as accurate as the products, which `rounding` covers.
    const method = dense.spectrum === null ? 'inertia' : 'spectrum';
    if (dense.vanishes) return { value: 0, method, failureProbability: 0 };
    for (const goal of [dense.candidate.value - 1e-10 * ritz.largest, -threshold / 2, -threshold]) {
      if (goal >= -threshold && provePositiveDefinite(dense.matrix, -goal - rounding)) return { value: goal, method, failureProbability: 0 };
    }
    return { value: null, method, failureProbability: 0 };
  }
  const proved = randomisedEigenvalueBound(hessian.whole, {
    key: context.random('classify', 1),
    maxSteps: settings.lanczosSteps,
    deflate: hessian.apart,
    target: -threshold + rounding,
  });
  return { value: proved === undefined ? null : proved.bound - rounding, method: 'randomised-lanczos', failureProbability: proved?.failureProbability ?? 0 };
}

type Confirmed = Escape & { readonly exact?: true };

/** Evaluates v^T H v anew for the projected unit v, and looks for an actual decrease along it. */
function confirmedEscape(context: Ctx, hessian: DeflatedHessian, point: Vec, candidate: Float64Array, limit: number, lipschitz: number, at: Point): Confirmed | undefined {
  const v = candidate.slice();
  hessian.project(v);
  const length = norm(v);
  if (!(length > 0)) return undefined;
  for (let i = 0; i < v.length; i++) v[i]! /= length;
  const image = new Float64Array(v.length);
  hessian.raw(v, image);
  const curvature = dot(v, image);
  // A limit of 0 is that of a Hessian that vanishes, which descends nowhere to second order.
  if (!(curvature <= limit && curvature < 0)) return undefined;
  const reach = Math.max(1, norm(at.data), lipschitz > 0 ? Math.abs(curvature) / lipschitz : 0);
  const descent = descentFrom(context, point, v, reach);
  return descent && { direction: createPoint(at.layout, v), curvature, ...descent };
}

function descentFrom(context: Ctx, point: Vec, v: Float64Array, reach: number) {
  const { device, problem } = context;
  const walk = walkOf(context);
  const direction = context.scratch();
  const there = context.scratch();
  const slot = context.scratch(1);
  device.write(direction, v);
  const along = (t: number): number => {
    walk.step(point, t, direction, there);
    problem.value(there, slot);
    return device.host!(slot)[0]!;
  };
  return descentAlong(along, along(0), reach);
}

/**
 * rigour.md B2: stationary points without a balanced representative are decided by d x d matrices, in exact scale. That scale is the
 * one of the balanced point in the closure of the orbit (columns outside the product set to 0), where the least eigenvalue is at
 * most -sigma: only a sigma above the curvature threshold there is told apart from what a gradient that is not 0 leaves.
 */
function unbalancedEscape(context: Ctx, hessian: DeflatedHessian, point: Vec, host: Point, balanced: boolean): Confirmed | undefined {
  const { factors, target, symmetry } = context.problem;
  if (balanced || factors === undefined || target === undefined || target.symmetric || symmetry?.group.startsWith('GL') !== true) return undefined;
  const pair = factorsAt(host, factors);
  const residual = matrix(target.rows, target.cols, target.data.slice());
  const product = multiply(pair.left, pair.right, { transposeB: true });
  for (let i = 0; i < residual.data.length; i++) residual.data[i]! -= product.data[i]!;
  const exact = factorGramCurvature(pair, residual);
  if (!exact.negative || !(exact.smallest < 0) || exact.sigma <= thresholdInClosure(context, factors, host, pair, exact.sigma)) return undefined;
  const direction = pointOf(host.layout, factors, { symmetric: false, left: exact.left, right: exact.right });
  // Where columns nearly vanish, directions of the group can come close to it; then the complement has the word.
  const across = direction.data.slice();
  hessian.project(across);
  if (!(norm(across) > 0.99)) return undefined;
  const descent = descentFrom(context, point, direction.data, Math.max(1, norm(host.data)));
  return descent && { direction, curvature: exact.smallest, ...descent, exact: true };
}

/** epsilon_H at the balanced point in the closure of the orbit: |H| <= 2 |X| + sigma there, and the Hessian of 1/2 |U V^T - M|^2 is 3 sqrt(|U|^2 + |V|^2)-Lipschitz. */
function thresholdInClosure(context: Ctx, factors: Factors, host: Point, pair: Factored, sigma: number): number {
  const product = productSvd(pair);
  const kept = leading(product, numericalRank(product.s, productCut));
  const closure = pointOf(host.layout, factors, balancedFactors(kept, pair.left.cols));
  const largest = kept.s[0] ?? 0;
  const lipschitz = 3 * Math.sqrt(2 * largest);
  return Math.max(1e-8 * (2 * largest + sigma), Math.sqrt(lipschitz * gradientNorm(context, upload(context, closure))));
}

function summary(context: Ctx, point: Vec, settings: Settings): { gradientNorm: number; smallest: number } {
  const hessian = deflatedHessian(context, point);
  // For information only: where nothing is dense, a look at the end of the spectrum will do.
  const lanczosSteps = hessian.size > settings.denseVariables ? Math.min(50, settings.lanczosSteps) : settings.lanczosSteps;
  return { gradientNorm: gradientNorm(context, point), smallest: extremes(context, hessian, { ...settings, lanczosSteps }).smallest };
}

function upload(context: Ctx, point: Point): Vec {
  const vector = context.scratch();
  context.device.write(vector, point.data);
  return vector;
}

function gradientNorm(context: Ctx, point: Vec): number {
  const out = context.scratch();
  context.problem.gradient(point, out);
  const length = norm(context.device.host!(out));
  if (Number.isFinite(length)) return length;
  throw new LowlandError('LOWLAND_E_NOT_FINITE', 'The gradient is not finite at this point; classify needs a finite point of the objective’s domain.');
}

/** |(H(x + h v) - H(x)) v| / h along the lowest Ritz vector, vectors being carried there and back on manifolds: an estimate where the objective states no constant. */
function lipschitzAlong(context: Ctx, point: Vec, hessian: DeflatedHessian, direction: Float64Array): number {
  const { device, problem } = context;
  const h = 1e-4 * Math.max(1, norm(device.host!(point)));
  const here = new Float64Array(hessian.size);
  hessian.raw(direction, here);
  const walk = walkOf(context);
  const there = context.scratch();
  const v = context.scratch();
  const carried = context.scratch();
  const out = context.scratch();
  device.write(v, direction);
  walk.step(point, h, v, there);
  walk.carry(point, there, v, carried);
  problem.hessianVectorProduct(there, carried, out);
  walk.carry(there, point, out, carried);
  const image = device.host!(carried);
  let sum = 0;
  for (let i = 0; i < here.length; i++) sum += (image[i]! - here[i]!) ** 2;
  return Math.sqrt(sum) / h;
}
