/**
 * The dual bound of a constrained problem from the multipliers at any point, feasible or not (founding-papers 16, rigour.md A10).
 */
import { type Analysis, type Context, createPoint, type Definition, type Lift, LowlandError, options, type Point, type Vec } from '@lowland/core';
import { dot } from '@lowland/linalg';

import { roundingSlack, type NormBound } from './certificate.ts';
import { factorsAt } from './factored.ts';
import { hostLift } from './host-lift.ts';
import { multipliersAt } from './multipliers.ts';
import { proveExtreme } from './norm-bound.ts';

/** Plain JSON; `lowerBound` is null where nothing is proved, and `reason` says why. */
export interface DualBound {
  /** No feasible psd X has a lower <C, X>. */
  readonly lowerBound: number | null;
  /** <C, X> at the point. */
  readonly value: number;
  /** |a(X) - b| at the point. */
  readonly infeasibility: number;
  /** value - lowerBound: says how far the point is from the least value only as far as it is feasible. */
  readonly gap: number | null;
  /** t: the multipliers were scaled by it, where C = s I. */
  readonly multiplier: number;
  /** s: the multipliers were moved by s e, where a*(e) - I is psd, so that none of C + a*(l) is negative. */
  readonly shift: number;
  /** Of lambda_min(C + a*(l)) from below, or of a*(l) where C = s I. */
  readonly normBound: NormBound | null;
  readonly failureProbability: number;
  readonly reason: string | null;
}

export interface DualBoundOptions {
  /** Any l, one a constraint: those that a method for constraints found. Default: the least-squares multipliers at the point, which need not be the best. */
  readonly multipliers?: Float64Array;
}

type Needs = 'constraints' | 'factors';

/**
 * The analysis `dual-bound`, for min <C, X> over psd X with a(X) = b. For any l
 *
 *     <C, X> >= -<l + s e, b>,   s = max(0, -lambda_min(C + a*(l))),   a*(e) - I psd,
 *
 * which is -<l, b> + tr X min(0, lambda_min) where the constraints know the trace; and for C = c I the best multiple of l,
 *
 *     <C, X> >= -t <l, b>,   t = c / max(0, -lambda_min(a*(l))) if <l, b> < 0, else 0.
 *
 * l are given, or the least-squares multipliers at the point; lambda_min is proved, and rounding is taken off. At a spurious state the bound may still be the
 * optimum, as at the twisted states of the ring. `certify` bounds the merit function instead, which tells what a point that is only nearly feasible is worth.
 *
 * Sources: Burer, Monteiro 2003 (doi:10.1007/s10107-002-0352-8); Boumal, Voroninski, Bandeira 2016 (arXiv:1606.04970).
 *
 * @throws LOWLAND_E_CAPABILITY where the cost is not linear; LOWLAND_E_SHAPE for another number of multipliers
 */
export function dualBound({ multipliers }: DualBoundOptions = {}): Analysis<Needs, DualBound> {
  return { id: 'dual-bound', requires: ['constraints', 'factors'], dtype: 'f64', run: (context, x, host) => boundAt(context, x, host, multipliers) };
}

async function boundAt({ problem, device, scratch, random }: Context<Needs>, x: Vec, host: Point, given: Float64Array | undefined): Promise<DualBound> {
  const { constraints, factors, layout } = problem;
  const { dot: product, fill } = device.kernels;
  const [c, none, l, b] = [scratch(constraints.length), scratch(constraints.length), scratch(constraints.length), scratch(constraints.length)];
  const [gradient, origin] = [scratch(x.length), scratch(x.length)];
  const numbers = scratch(2);
  fill(none, 0);
  fill(origin, 0);
  constraints.lagrangian(x, none, 0, numbers, gradient);
  constraints.evaluate(x, c);
  product(c, c, numbers, 1);
  constraints.evaluate(origin, b);
  if (given === undefined) await multipliersAt(constraints, x, gradient, l, { device, scratch });
  else if (given.length === constraints.length) device.write(l, given);
  else throw new LowlandError('LOWLAND_E_SHAPE', `There are ${constraints.length} constraints; ${given.length} multipliers were given. Give one for each.`, { details: { constraints: constraints.length, given: given.length } });
  const [value = NaN, square = NaN] = await device.read(numbers);
  const bounds = (await device.read(b)).map((entry) => -entry);
  const at = { value, infeasibility: Math.sqrt(square) };
  const multipliers = await device.read(l);
  const nothing = (reason: string): DualBound => ({ ...at, lowerBound: null, gap: null, multiplier: 1, shift: 0, normBound: null, failureProbability: 0, reason });
  if (!multipliers.every(Number.isFinite)) return nothing('the multipliers at this point are not finite');

  // sqrt(gamma) of the merit function, in whose scale its lift measures
  const lift = (given: Float64Array): Lift => hostLift(constraints.augmented(given), 'The dual bound is one of a linear cost <C, X>; this problem has another.');
  const { data } = lift(new Float64Array(bounds.length)).at(createPoint(layout));
  const largest = bounds.reduce((most, entry, k) => (Math.abs(entry) > Math.abs(bounds[most]!) ? k : most), 0);
  const root = bounds[largest] === 0 ? 1 : data[largest]! / bounds[largest]!;
  // at X = 0 the residual of the augmented Lagrangian with l + gamma b is l / sqrt(gamma)
  const dual = lift(multipliers.map((value, k) => value + root * root * bounds[k]!));
  const lifted = dual.at(createPoint(layout));
  const proof = proveExtreme(dual, lifted, factorsAt(host, factors), random('dual-bound', 0));
  if (typeof proof === 'string') return nothing(proof);
  const rho = lifted.residual;
  const excess = (Math.max(0, -proof.value) + lifted.gradientRounding) * (1 + dual.rows * 2 ** -51);
  const inner = root * dot(rho, bounds);
  const size = (numbers: Float64Array): number => numbers.reduce((sum, entry, k) => sum + Math.abs(root * entry * bounds[k]!), 0);
  const proved = (bound: number, absoluteSum: number, multiplier: number, shift: number): DualBound => {
    const lowerBound = bound - roundingSlack(2 * bounds.length, absoluteSum);
    return { ...at, lowerBound, gap: value - lowerBound, multiplier, shift, normBound: proof, failureProbability: proof.failureProbability, reason: null };
  };

  if (!dual.hasLinearTerm && dual.penalty > 0) {
    const multiplier = inner < 0 ? dual.penalty / excess : 0;
    if (multiplier === Infinity) return nothing('a*(l) is positive semidefinite and <l, b> negative: nothing is feasible');
    return proved(multiplier === 0 ? 0 : -multiplier * inner, multiplier === 0 ? 0 : multiplier * size(rho), multiplier, 0);
  }
  if (excess === 0) return proved(-inner, size(rho), 1, 0);
  const { identity } = dual;
  if (identity === undefined) return nothing('C + a*(l) has a negative eigenvalue, and the constraints do not bound the trace');
  const shift = excess * (1 + 2 ** -50);
  return proved(-inner - shift * root * dot(identity, bounds), size(rho) + shift * size(identity), 1, shift);
}

export const dualBoundDefinition: Definition<object, ReturnType<typeof dualBound>> = {
  apiVersion: 1,
  id: 'dual-bound',
  summary: 'A proved lower bound of a semidefinite program from the multipliers at any point.',
  whenToUse: 'To know what a constrained problem can reach at best, also where a run is stuck or not feasible yet.',
  formula: '<C, X> >= -<l + s e, b>,  s = max(0, -lambda_min(C + a*(l))), a*(e) = I;  C = c I: -t <l, b>',
  reference: 'Burer, Monteiro 2003, doi:10.1007/s10107-002-0352-8; Boumal, Voroninski, Bandeira 2016, arXiv:1606.04970',
  requires: ['constraints', 'factors'],
  options: options({}),
  create: () => dualBound(),
};
