/**
 * The Hessian's spectrum at a point: its ends, its density, its trace and the signs of its eigenvalues, without forming it.
 */
import { type Analysis, blockLength, boolean, choice, type Context, type Infer, integer, LowlandError, normals, number, options, parseOptions, type Point, string, type Vec } from '@lowland/core';
import { columns, joinColumns, lanczos, type LanczosResult, type Matrix, matrix, norm, randomisedEigenvalueBound, type SymmetricOperator } from '@lowland/linalg';

import { deflatedHessian, eigenvaluesOnComplement, productsAt, type SecondOrder } from '../classify/hessian.ts';
import { type BlockOperator, composed, removeSpanOfAll } from './block-operator.ts';
import { gramPreconditioner } from './gram-preconditioner.ts';
import { hutchPlusPlus, type TraceEstimate } from './hutch.ts';
import { lobpcg } from './lobpcg.ts';
import { type Estimate, spectralDensity, type SpectralDensity, stochasticLanczos, traceOf } from './quadrature.ts';

export const spectrumSchema = options({
  count: integer({ min: 1, default: 5, summary: 'Eigenvalues wanted at each end.' }),
  copies: integer({ min: 1, default: 1, summary: 'An eigenvalue is found as often as its multiplicity, up to this; more often only where there are hardly any others.' }),
  steps: integer({ min: 1, default: 300, summary: 'Hessian-vector products for the ends, and for each bound, at most.' }),
  method: choice(['auto', 'lanczos', 'lobpcg'], { default: 'auto', summary: 'For the lowest eigenvalues: lobpcg is for many close ones at the end of a wide spectrum, and preconditioned by the factors; auto takes it where there are factors and Lanczos has not converged.' }),
  denseVariables: integer({ min: 0, default: 300, summary: 'Up to so many variables all eigenvalues are computed.' }),
  failureProbability: number({ min: 0, below: 1, default: 1e-10, summary: 'With which the bounds of the ends may fail; 0: no bounds.' }),
  probes: integer({ min: 0, default: 20, summary: 'Random probes of the density; 0: no density.' }),
  probeSteps: integer({ min: 1, default: 30, summary: 'Hessian-vector products a probe.' }),
  traceProducts: integer({ min: 0, default: 60, summary: 'Hessian-vector products for the trace; 0: no trace.' }),
  deflate: boolean({ default: true, summary: 'Leave out the directions of the symmetry group.' }),
  block: string({ default: '', summary: 'The Hessian in the variables of this block alone; empty: all.' }),
});

type Aids = 'symmetry' | 'geometry' | 'factors' | 'hessianVectorProducts';
type Settings = Infer<typeof spectrumSchema>;
export type SpectrumOptions = Partial<Settings>;

/** A Ritz value: within `residual` of it lies an eigenvalue. The rounding of the products is in it: 16 n 2^-53 of the largest |Ritz value|, n the variables; a Hessian-vector product is a chain of a few products of matrices. */
export interface RitzValue {
  readonly value: number;
  readonly residual: number;
}

/** A bound that no eigenvalue passes, except with the probability of failure (over the seed; 0: proved). */
export interface SpectralBound {
  readonly value: number;
  readonly failureProbability: number;
}

export interface Spectrum {
  /** On a manifold its dimension. */
  readonly variables: number;
  readonly group: string | null;
  /** Dimension of the orbit through the point, whose tangent was left out; 0 where nothing was. */
  readonly deflated: number;
  readonly block: string | null;
  /** Norm of the gradient: away from stationary points inertia depends on coordinates. */
  readonly gradientNorm: number;
  /** All eigenvalues, ascending; null where the matrix was not formed. */
  readonly eigenvalues: Float64Array | null;
  /** Ascending. */
  readonly smallest: readonly RitzValue[];
  /** Descending. */
  readonly largest: readonly RitzValue[];
  /** By which the lowest eigenvalues were found. */
  readonly method: 'lanczos' | 'lobpcg';
  /** Whether the residuals of both ends are below 1e-10 of the largest |eigenvalue|. */
  readonly converged: boolean;
  /** null where none was asked for, or found in the steps allowed. */
  readonly lowerBound: SpectralBound | null;
  readonly upperBound: SpectralBound | null;
  /** Zero means at most this: 1e-8 of the largest |eigenvalue|. */
  readonly threshold: number;
  /** Counts of all eigenvalues where they are known; null otherwise. */
  readonly signs: { readonly negative: number; readonly zero: number; readonly positive: number } | null;
  /** Of the number below -threshold, by quadrature: biased where eigenvalues crowd near the threshold. */
  readonly negativeEstimate: Estimate | null;
  readonly density: SpectralDensity | null;
  /** The sum of all eigenvalues where they are known, without an error but rounding. */
  readonly trace: TraceEstimate | null;
  /** Hessian-vector products in all. */
  readonly products: number;
}

/**
 * The analysis `spectrum`, of H = Hess f(x) on the complement of the orbit's tangent (P H P, P = I - Q Q^T). Where the group acts by
 * isometries, as O(r) does, this is the Hessian on the quotient, at any point; for GL(r) its inertia is, at stationary points.
 *
 * - ends: Lanczos with full reorthogonalisation; where that has not converged at the lower one, and the objective has factors to precondition
 *   by, LOBPCG; each value with its residual, and bounds that no eigenvalue passes (Kuczyński and Woźniakowski 1992) with the
 *   probability that they fail
 * - density: stochastic Lanczos quadrature; trace: Hutch++; both with standard errors
 * - all eigenvalues, and exact signs, up to `denseVariables` variables
 *
 * @throws LOWLAND_E_OPTIONS for an option out of bounds, or a block that the objective has not
 */
export function spectrum(given: SpectrumOptions = {}): Analysis<SecondOrder, Spectrum, Aids> {
  const settings = parseOptions(spectrumSchema, given, 'analysis "spectrum"');
  return {
    id: 'spectrum',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['symmetry', 'geometry', 'factors', 'hessianVectorProducts'],
    dtype: 'f64',
    run: (context, point, host) => spectrumAt(context, point, host, settings),
  };
}

function spectrumAt(context: Context<SecondOrder, Aids>, point: Vec, host: Point, settings: Settings): Spectrum {
  const { problem } = context;
  const block = settings.block === '' ? undefined : settings.block;
  let products = 0;
  const hessian = deflatedHessian(context, point);
  const several = problem.hessianVectorProducts && productsAt(context, point);
  const counted: BlockOperator = {
    size: point.length,
    apply(x, out) {
      products++;
      hessian.raw(x, out);
    },
    ...(several && {
      applyAll(xs, outs) {
        products += xs.length;
        several(xs, outs);
      },
    }),
  };
  const operator = block === undefined ? counted : restricted(counted, host, block);
  const normals = hessian.apart.cols - hessian.orbit.cols;
  if (block !== undefined && normals > 0) throw new LowlandError('LOWLAND_E_OPTIONS', `Blocks of a point on a manifold (${context.manifold!.name}) do not move each on its own; leave out block "${block}".`);
  const orbit = block === undefined && settings.deflate ? hessian.orbit.cols : 0;
  const apart = block === undefined ? columns(hessian.apart, 0, normals + orbit) : matrix(operator.size, 0);
  const dimension = operator.size - apart.cols;
  const deflate = apart.cols > 0 ? { deflate: apart } : {};

  const { count, copies, steps } = settings;
  const which = settings.method === 'lobpcg' ? 'largest' : 'both';
  const ends = lanczos(operator, { key: context.random('spectrum', 0), which, count, block: copies, maxSteps: steps, ...deflate });
  const found = which === 'both' ? ends.values.length / 2 : ends.values.length;
  const size = Math.max(Math.abs(ends.largest), Math.abs(ends.smallest));
  const withRounding = (residual: number): number => residual + 16 * operator.size * 2 ** -53 * size;
  const pairs = Array.from(ends.values, (value, k): RitzValue => ({ value, residual: withRounding(ends.residuals[k]!) }));
  const low = lowEnd(context, host, operator, apart, { ...ends, found }, settings);
  const threshold = 1e-8 * size;
  const bound = (of: SymmetricOperator, index: number) => randomisedEigenvalueBound(of, { key: context.random('spectrum', index), maxSteps: steps, failureProbability, ...deflate });
  const negated: SymmetricOperator = {
    size: operator.size,
    apply(x, out) {
      operator.apply(x, out);
      for (let i = 0; i < out.length; i++) out[i] = -out[i]!;
    },
  };
  const { failureProbability } = settings;
  const [below, above] = dimension === 0 || failureProbability === 0 ? [] : [bound(operator, 1), bound(negated, 2)];

  const rules = settings.probes > 0 && dimension > 0 ? stochasticLanczos(operator, { key: context.random('spectrum', 3), probes: settings.probes, steps: settings.probeSteps, ...deflate }) : null;
  const projected = projectedTo(operator, apart);
  const eigenvalues = operator.size <= settings.denseVariables ? eigenvaluesOnComplement({ size: operator.size, apart, operator: projected }) : null;
  const trace = settings.traceProducts === 0 || dimension === 0 ? null : (knownTrace(eigenvalues) ?? hutchPlusPlus(projected, { key: context.random('spectrum', 4), products: settings.traceProducts }));
  return {
    variables: operator.size - normals,
    group: problem.symmetry?.group ?? null,
    deflated: orbit,
    block: block ?? null,
    gradientNorm: gradientNorm(context, point),
    eigenvalues,
    smallest: low?.pairs.map(({ value, residual }) => ({ value, residual: withRounding(residual) })) ?? pairs.slice(found),
    largest: pairs.slice(0, found),
    converged: low === undefined ? ends.converged : low.converged && ends.residuals.subarray(0, found).every((residual) => residual <= 1e-10 * size),
    method: low === undefined ? 'lanczos' : 'lobpcg',
    lowerBound: below === undefined ? null : { value: below.bound, failureProbability: below.failureProbability },
    upperBound: above === undefined ? null : { value: -above.bound, failureProbability: above.failureProbability },
    threshold,
    signs: eigenvalues === null ? null : signsOf(eigenvalues, threshold),
    negativeEstimate: rules === null ? null : traceOf(rules, (node) => (node < -threshold ? 1 : 0)),
    density: rules === null ? null : spectralDensity(rules, dimension),
    trace,
    products,
  };
}

/**
 * The lowest eigenvalues by LOBPCG, where it was asked for, or from the Ritz vectors of Lanczos where these have not converged and there
 * are factors to precondition by (without it is the slower one).
 */
function lowEnd(context: Context<SecondOrder, Aids>, host: Point, operator: BlockOperator, deflate: Matrix, ends: LanczosResult & { readonly found: number }, { method, count, copies, steps, block }: Settings) {
  const size = Math.max(Math.abs(ends.largest), Math.abs(ends.smallest));
  const open = ends.residuals.subarray(ends.found).some((residual) => residual > 1e-10 * size);
  if (method === 'lanczos' || operator.size === deflate.cols || (method === 'auto' && !open)) return undefined;
  const precondition = block === '' && context.manifold === undefined ? gramPreconditioner(context, host) : undefined;
  if (precondition === undefined && method === 'auto') return undefined;
  const room = operator.size - deflate.cols;
  const width = Math.min(Math.max(count, copies), room);
  const ritz = columns(ends.vectors, ends.found, Math.min(ends.vectors.cols, ends.found + width));
  const more = matrix(operator.size, width - ritz.cols);
  normals(context.random('spectrum', 5), more.data);
  const { values, residuals, converged, products } = lobpcg(operator, { start: joinColumns(ritz, more), count: width, tolerance: 1e-10 * size, maxProducts: steps, deflate, ...(precondition && { precondition }) });
  const pairs: RitzValue[] = [];
  // Copies are what residuals do not tell apart; of what Lanczos saw, that which is told apart from all of them.
  const take = (value: number, residual: number, most: number): void => {
    const same = pairs.filter((pair) => Math.abs(pair.value - value) <= pair.residual + residual + 1e-13 * size).length;
    if (same < most && pairs.length < count) pairs.push({ value, residual });
  };
  values.forEach((value, k) => { take(value, residuals[k]!, copies); });
  for (let k = ends.found; k < ends.values.length; k++) take(ends.values[k]!, ends.residuals[k]!, 1);
  pairs.sort((a, b) => a.value - b.value);
  return { pairs, converged, products };
}

/** The variables of one block, the others held at zero. */
function restricted(whole: BlockOperator, { layout }: Point, name: string): BlockOperator {
  let offset = 0;
  for (const block of layout.blocks) {
    const size = blockLength(block);
    if (block.name === name) {
      const from = offset;
      const embedded = (v: Float64Array): Float64Array => {
        const x = new Float64Array(whole.size);
        x.set(v, from);
        return x;
      };
      return composed(whole, size, (vs) => vs.map(embedded), (found, outs) => {
        found.forEach((image, j) => { outs[j]!.set(image.subarray(from, from + size)); });
      });
    }
    offset += size;
  }
  const names = layout.blocks.map((block) => block.name);
  throw new LowlandError('LOWLAND_E_OPTIONS', `The point has the blocks ${names.join(', ')}; "${name}" was asked for.`, { details: { given: name, expected: names } });
}

/** P A P, P = I - Q Q^T */
function projectedTo(operator: BlockOperator, q: Matrix): BlockOperator {
  if (q.cols === 0) return operator;
  const projected = (xs: readonly Float64Array[]): readonly Float64Array[] => {
    const copies = xs.map((x) => x.slice());
    removeSpanOfAll(q, copies);
    return copies;
  };
  return composed(operator, operator.size, projected, (found, outs) => {
    removeSpanOfAll(q, found);
    found.forEach((image, j) => { outs[j]!.set(image); });
  });
}

function signsOf(eigenvalues: Float64Array, threshold: number): NonNullable<Spectrum['signs']> {
  const negative = eigenvalues.filter((value) => value < -threshold).length;
  const positive = eigenvalues.filter((value) => value > threshold).length;
  return { negative, zero: eigenvalues.length - negative - positive, positive };
}

function gradientNorm({ problem, device, scratch }: Context<SecondOrder, Aids>, point: Vec): number {
  const out = scratch();
  problem.gradient(point, out);
  return norm(device.host!(out));
}

function knownTrace(eigenvalues: Float64Array | null): TraceEstimate | null {
  return eigenvalues && { value: eigenvalues.reduce((sum, value) => sum + value, 0), standardError: 0, products: 0 };
}
