/**
 * Is this point a global minimum? Rules in order, each a proof or a reason (rigour.md A).
 */
import {
  analyse,
  createPoint,
  number,
  options,
  parseOptions,
  type Analysis,
  type Backend,
  type Capability,
  type Definition,
  type Evaluated,
  type Infer,
  type Lift,
  type Lifted,
  type Objective,
  type Oracles,
  type Point,
  type StreamKey,
} from '@lowland/core';
import { dot, frobeniusNorm } from '@lowland/linalg';

import { conclude, roundingSlack, type Bound, type Certificate, type CertifiedPoint } from './certificate.ts';
import { convexBound } from './dual-bound.ts';
import { factorsAt, numericalRank, productSvd, type Factored } from './factored.ts';
import { knownTarget } from './known-target.ts';
import { inFactors } from './in-factors.ts';
import { zeroValueOf } from './lifted-point.ts';
import { proveExtreme } from './norm-bound.ts';

const schema = options({
  tolerance: number({ above: 0, default: 1e-6, summary: 'Relative gap up to which a point counts as a global minimum.' }),
});
export type CertifyOptions = Partial<Infer<typeof schema>>;

type Used = 'lift' | 'target' | 'nonNegative' | 'scale' | 'factors';

/**
 * The certificate of a point: a proved bound of f(x) − f*, whatever the point, or why there is none.
 *
 * Rules, in order: `lower-bound-zero` (an objective that cannot be negative has gap <= f(x)); `known-target` (unpenalised
 * factorisation of a known matrix: f* from its spectrum); `psd-trace` and `nuclear-norm` (duality gap of the convex
 * problem behind a penalised one); `first-order` (the same where the loss has a linear term or is not least squares). The tightest one counts,
 * and none is tried after one that certifies.
 *
 * Sources: Burer and Monteiro 2003 (doi:10.1007/s10107-002-0352-8); Fazel 2002; Rump 2006 (doi:10.1007/s10543-006-0056-1).
 *
 * @throws LOWLAND_E_OPTIONS when the tolerance is not positive
 */
export function certify(given: CertifyOptions = {}): Analysis<'value', Certificate, Used> {
  const { tolerance } = parseOptions(schema, given, 'analysis "certify"');
  return {
    id: 'certify',
    requires: ['value'],
    uses: ['lift', 'target', 'nonNegative', 'scale', 'factors'],
    dtype: 'f64',
    async run({ problem, device, lacks, scratch, random }, point, host) {
      const slot = scratch(1);
      problem.value(point, slot);
      const value = await device.scalar(slot);
      const { layout, lift, nonNegative } = problem;
      const zeroValue = problem.scale?.zeroValue ?? (lift && zeroValueOf({ layout, lift }, lift.at(host))) ?? nonNegative?.at(createPoint(layout)).value ?? 0;
      return certificateOf(problem, host, { value, zeroValue, tolerance }, random('certify', 0), lacks?.lift);
    },
  };
}

export const certifyDefinition: Definition<Infer<typeof schema>, Analysis<'value', Certificate, Used>> = {
  apiVersion: 1,
  id: 'certify',
  summary: 'Whether a point is a global minimum: a proved bound of f(x) − f*, from any point.',
  whenToUse: 'After a run, to know how far the value is from the least one. Needs a convex form (penalised problems) or a known target.',
  formula: 'f(x) − f* <= gap,  relativeGap = gap / max(|f(x)|, 1e-6 f(0))',
  reference: 'Burer and Monteiro 2003 (doi:10.1007/s10107-002-0352-8); Fazel 2002; Rump 2006 (doi:10.1007/s10543-006-0056-1)',
  requires: ['value'],
  options: schema,
  create: certify,
};

/**
 * `certify` at one point, with the objective bound to a backend; for problems in X itself, or in singular triples, at the balanced factors
 * of X (`inFactors`).
 *
 * @throws LOWLAND_E_SHAPE when the point is not of the objective's layout.
 */
export async function certifyPoint(
  objective: Objective<'value'> | Objective<'valueAndGradient'>,
  point: Point,
  { backend, seed = 0, ...given }: CertifyOptions & { readonly backend: Backend; readonly seed?: number },
): Promise<Certificate> {
  const place = await inFactors({ objective: objective as Objective<Capability>, point }, backend);
  return analyse(place.objective, certify(given), place.point, backend, { seed });
}

/** The certificate of a host point from what is known there: its value and f(0); `whyNoLift` is said where nothing else can be. */
export function certificateOf(
  { lift, target, nonNegative, factors }: Partial<Pick<Oracles<Used>, 'lift' | 'target' | 'nonNegative' | 'factors'>>,
  point: Point,
  claim: Omit<CertifiedPoint, 'rank'>,
  key: StreamKey,
  whyNoLift?: string,
): Certificate {
  const { value } = claim;
  if (!Number.isFinite(value) || point.data.some((entry) => !Number.isFinite(entry))) {
    const certificate = conclude({ ...claim, rank: null }, []);
    return { ...certificate, reason: 'the point or its value is not finite' };
  }
  const factored = factors === undefined ? undefined : factorsAt(point, factors);
  const rank = factored === undefined ? null : rankOf(factored);
  const lifted = lift?.at(point);
  const evaluated = target?.at(point) ?? lifted ?? nonNegative?.at(point);
  if (evaluated !== undefined && vanishes(evaluated, claim.zeroValue, point, target?.data ?? lifted?.data)) {
    const reason = 'the numbers are so small that their squares vanish, so nothing can be told from the value; scale the data up';
    return { ...conclude({ ...claim, rank }, []), reason };
  }
  const rules: (() => Bound)[] = [];
  // Where an infimum need not be attained, coming near it makes no minimum.
  const neverNegative = target !== undefined || nonNegative !== undefined || (lift !== undefined && lift.lowerBound + (lift.offset ?? 0) >= 0 && !lift.hasLinearTerm && lift.attained);
  if (evaluated !== undefined && neverNegative) rules.push(() => lowerBoundZero(evaluated));
  if (target !== undefined && evaluated !== undefined && factored !== undefined) {
    rules.push(() => knownTarget(target, evaluated, factored.left.cols, key));
  }
  if (lift !== undefined && lifted !== undefined && factored !== undefined) rules.push(() => convex(lift, lifted, factored, value, key));

  const bounds: Bound[] = [];
  let certificate = conclude({ ...claim, rank }, bounds);
  for (const rule of rules) {
    bounds.push(rule());
    certificate = conclude({ ...claim, rank }, bounds);
    if (certificate.kind === 'global-minimum') return certificate;
  }
  return rules.length > 0 ? certificate : { ...certificate, reason: `this objective offers no convex lift and no known target${whyNoLift === undefined ? '' : `: ${whyNoLift}`}` };
}

/** The number of singular values of the product; null where its entries overflow. */
function rankOf(factored: Factored): number | null {
  const size = frobeniusNorm(factored.left) * frobeniusNorm(factored.right);
  return Number.isFinite(size) ? numericalRank(productSvd(factored).s) : null;
}

/** Squares below this are subnormal, or have lost digits that matter at a tolerance of 1e-12. */
const leastSquare = 2 ** -1000;

/** Whether all terms of the value are lost to underflow; not where they are zero because point and data are. */
function vanishes({ absoluteSum }: Evaluated, zeroValue: number, point: Point, data: Float64Array | undefined): boolean {
  if (absoluteSum >= leastSquare || zeroValue >= leastSquare) return false;
  return point.data.some((entry) => entry !== 0) || data?.some((entry) => entry !== 0) === true;
}

const lowerBoundZero = ({ terms, absoluteSum }: Evaluated): Bound => ({
  rule: 'lower-bound-zero',
  lowerBound: 0,
  slack: roundingSlack(terms, absoluteSum),
  problem: 'minimise this objective, whose value is never negative',
});

/** The duality gap at a point, with the extreme of G proved. */
function convex(lift: Lift, lifted: Lifted, factored: Factored, value: number, key: StreamKey): Bound {
  const shifts = lift.kind === 'psd' && lift.leastSquares;
  const rule = lift.hasLinearTerm || !lift.leastSquares || (lift.penalty === 0 && shifts) ? 'first-order' : lift.kind === 'psd' ? 'psd-trace' : 'nuclear-norm';
  if (!lift.attained) return { rule, reason: 'without a penalty this loss need not attain its infimum, so that no point is certified as its minimum' };
  if (lift.penalty === 0 && !lift.hasLinearTerm && !(shifts && lift.identity !== undefined)) {
    return { rule, reason: 'without a penalty only an exact fit can be certified' };
  }
  const size = dot(lifted.residual, lifted.residual);
  if (!Number.isFinite(size)) return { rule, reason: 'the residual at this point is not finite' };
  const proof = proveExtreme(lift, lifted, factored, key);
  if (typeof proof === 'string') return { rule, reason: proof };
  const bound = convexBound(lift, lifted, proof.value);
  // What f has above the factored value P, such as a balancing term, only raises the gap.
  return 'lowerBound' in bound ? { ...bound, slack: bound.slack + 2 ** -50 * Math.abs(value - lifted.value), normBound: proof } : bound;
}
