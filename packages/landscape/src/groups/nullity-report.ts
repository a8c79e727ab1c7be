/**
 * Which flat directions symmetry accounts for, and what the others are.
 */
import { type Analysis, type Context, type Definition, type Infer, integer, LowlandError, options, type Point, type Vec } from '@lowland/core';
import { columns, type Matrix, matrix, multiply, norm, subtract, symmetricEigen, thinSvd } from '@lowland/linalg';

import { hostModel } from '../census/host-model.ts';
import { toStationary } from '../census/levenberg-marquardt.ts';
import { deflatedHessian, denseOnComplement, type SecondOrder } from '../classify/hessian.ts';
import { nullityOf } from '../classify/nullity.ts';
import { findAction, orbitDistance } from './action.ts';

/**
 * What zero eigenvalues beyond the orbit are: `none` there; columns that the minimum does not use (`over-parametrised`); points of the same value
 * in other orbits (`family`: a larger symmetry, or a continuum); or f just grows slower than a square (`degenerate`).
 * `unexplained` where the null space is ambiguous or smaller than the orbit, the group's orbits cannot be told apart here, or points live on a manifold.
 */
export type Excess = 'none' | 'over-parametrised' | 'family' | 'degenerate' | 'unexplained';

export interface NullityReport {
  /** On a manifold its dimension. */
  readonly variables: number;
  readonly group: string | null;
  /** Dimension of the orbit at the point: what the null space has at least, where the gradient is 0. */
  readonly predicted: number;
  readonly stabiliserDimension: number;
  /** Eigenvalues of the Hessian up to 1e-8 of the largest. */
  readonly measured: number;
  /** `ambiguous`: there are eigenvalues that are neither small nor large enough to tell (rigour.md B4). */
  readonly status: 'clear' | 'ambiguous';
  /** Those counted, and those in doubt. */
  readonly values: readonly number[];
  /** Principal angles of the orbit's tangent and the null space, in radians, largest first: 0 where the tangent is null, as at stationary points. */
  readonly angles: Float64Array;
  readonly excess: { readonly dimension: number; readonly kind: Excess; readonly statement: string };
  /** |grad f| against |H| |x|. */
  readonly relativeGradient: number;
}

type Aids = 'symmetry' | 'factors' | 'geometry';

/**
 * The analysis `nullity`: the null space of the Hessian against the tangent of the orbit, which it contains at stationary points.
 *
 * @throws LOWLAND_E_OPTIONS for more variables than allowed: the Hessian is formed
 */
export function nullity({ variables = 600 }: { readonly variables?: number } = {}): Analysis<SecondOrder, NullityReport, Aids> {
  return {
    id: 'nullity',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['symmetry', 'factors', 'geometry'],
    dtype: 'f64',
    run: (context, point, host) => report(context, point, host, variables),
  };
}

function report(context: Context<SecondOrder, Aids>, point: Vec, host: Point, variables: number): NullityReport {
  const n = host.data.length;
  if (n > variables) throw new LowlandError('LOWLAND_E_OPTIONS', `A null space is read off a dense Hessian; ${n} variables are more than the ${variables} allowed.`, { details: { expected: variables, given: n } });
  const model = hostModel(context, n);
  const { orbit, apart, whole } = deflatedHessian(context, point);
  const normals = columns(apart, 0, apart.cols - orbit.cols);
  // The normals of a manifold come first, shifted above the others, and are left out.
  const { matrix: hessian, bound } = denseOnComplement({ size: n, apart: normals, operator: whole });
  const all = symmetricEigen(hessian);
  const values = bound === 0 ? new Float64Array(n - normals.cols) : all.values.slice(normals.cols);
  const vectors = columns(all.vectors, normals.cols, n);
  const largest = Math.max(Math.abs(values[0] ?? 0), Math.abs(values.at(-1) ?? 0));
  const order = [...values.keys()].sort((a, b) => Math.abs(values[a]!) - Math.abs(values[b]!));
  const found = nullityOf(values, 0, () => host);
  const nulls = select(vectors, order.slice(0, found.excess));
  const gradient = new Float64Array(n);
  model.gradient(host.data, gradient);
  const symmetry = context.problem.symmetry;
  const size = norm(host.data);
  return {
    variables: values.length,
    group: symmetry?.group ?? null,
    predicted: orbit.cols,
    stabiliserDimension: (symmetry?.dimension ?? 0) - orbit.cols,
    measured: found.excess,
    status: found.status,
    values: found.values,
    angles: principalAngles(orbit, nulls),
    excess: orbit.cols > nulls.cols && found.status === 'clear' ? tooFew(orbit.cols - nulls.cols) : explain(context, model, host, beyond(nulls, orbit), found.status, largest, size),
    relativeGradient: norm(gradient) === 0 ? 0 : norm(gradient) / (largest * size || norm(gradient)),
  };
}

/** Near points that more of the group leaves in place, directions of the orbit are so short that rounding bends them. */
const tooFew = (missing: number): NullityReport['excess'] => ({
  dimension: 0,
  kind: 'unexplained',
  statement: `${missing} of the orbit's directions are not flat: the point is not quite stationary, or so near to one that more of the group leaves in place (factors of less rank) that rounding decides what its orbit is. Converge further.`,
});

/** Sines of the angles are what is left of the tangent outside the null space: cosines would lose half the digits. */
function principalAngles(tangent: Matrix, nulls: Matrix): Float64Array {
  if (tangent.cols === 0) return new Float64Array(0);
  const rest = nulls.cols === 0 ? tangent : subtract(tangent, multiply(nulls, multiply(nulls, tangent, { transposeA: true })));
  return thinSvd(rest).s.map((sine) => Math.asin(Math.min(1, sine)));
}

/** An orthonormal basis of the null directions across the orbit. */
function beyond(nulls: Matrix, tangent: Matrix): Matrix {
  if (nulls.cols === 0 || tangent.cols === 0) return nulls;
  const rest = subtract(nulls, multiply(tangent, multiply(tangent, nulls, { transposeA: true })));
  const { u, s } = thinSvd(rest);
  return columns(u, 0, s.filter((value) => value > 0.5).length);
}

function explain({ problem, manifold }: Context<SecondOrder, Aids>, model: ReturnType<typeof hostModel>, host: Point, excess: Matrix, status: NullityReport['status'], largest: number, size: number): NullityReport['excess'] {
  const dimension = excess.cols;
  const say = (kind: Excess, statement: string): NullityReport['excess'] => ({ dimension, kind, statement });
  if (status === 'ambiguous') return say('unexplained', 'Some eigenvalues are too large to be zero and too small to be curvature: the point is nearly degenerate, or not quite stationary. Converge further.');
  if (dimension === 0) return say('none', 'The null space is the tangent of the orbit, and no more.');
  if (manifold !== undefined) return say('unexplained', `On a manifold (${manifold.name}) it is left open where these directions lead.`);
  const action = findAction(host.layout, problem.symmetry, problem.factors);
  if (action === undefined) return say('unexplained', `Orbits of ${problem.symmetry!.group} cannot be told apart here, so it is open whether these directions lead to other ones.`);
  const zero = 1e-6 * size;
  const { rank, unused } = action.orbit(host.data, zero);
  const reach = 0.05 * (size || 1);
  const value = model.value(host.data);
  const settings = { goal: 1e-9 * largest * reach, far: 1e4 * (size || 1), maxIterations: 200 };
  let flat = 0;
  for (let k = 0; k < dimension; k++) {
    const start = host.data.map((entry, i) => entry + reach * excess.data[i * dimension + k]!);
    const end = toStationary(model, start, settings);
    const same = end.end === 'stationary' && Math.abs(model.value(end.x) - value) <= 1e-9 * largest * reach ** 2;
    if (same && orbitDistance(action, end.x, host.data) > reach / 10) flat++;
  }
  if (flat > 0) return say('family', `${flat} of ${dimension} directions lead to stationary points of the same value in other orbits: a symmetry that the objective does not name, or a continuum.`);
  if (rank !== null && unused > 0) return say('over-parametrised', `Of rank ${rank}, the point leaves ${unused} columns of its factors (neurons of its layers) unused: f grows slower than a square where they come in.`);
  return say('degenerate', 'No other stationary points of this value were found along these directions: f grows slower than a square there, or falls.');
}

function select(vectors: Matrix, picked: readonly number[]): Matrix {
  const out = matrix(vectors.rows, picked.length);
  picked.forEach((k, j) => { for (let i = 0; i < vectors.rows; i++) out.data[i * picked.length + j] = vectors.data[i * vectors.cols + k]!; });
  return out;
}

const nullityOptions = options({
  variables: integer({ min: 1, default: 600, summary: 'Variables at most: the Hessian is formed.' }),
});

export const nullityDefinition: Definition<Infer<typeof nullityOptions>, ReturnType<typeof nullity>> = {
  apiVersion: 1,
  id: 'nullity',
  summary: 'The flat directions at a point: those of the symmetry group, and what the others are.',
  whenToUse: 'To see whether a minimum is isolated up to symmetry, and if not, why.',
  formula: 'dim null ∇²f(x) ≥ dim G − dim Stab(x) where ∇f(x) = 0',
  reference: 'Li, Lu, Arora, Haupt, Liu, Wang, Zhao 2019 (arXiv:1612.09296)',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: nullityOptions,
  create: nullity,
};
