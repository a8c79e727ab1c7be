/**
 * Lower bounds of a problem's least value, each by its own formula.
 */
import { frobeniusNorm, matrix, symmetricEigenvalues, thinSvd, type Matrix } from '@lowland/linalg';

import { numbersOf } from './data.ts';
import type { CertificateEvidence } from './document.ts';
import type { Evaluation } from './evaluate.ts';
import { adjoint, eigenvalueFromBelow, normFromAbove, requireDense } from './extreme.ts';
import type { Model } from './model.ts';
import { wrong } from './wrong.ts';

export interface LowerBound {
  readonly lowerBound: number;
  /** Rounding of the value and of the bound together (rigour.md A2). */
  readonly slack: number;
  /** What the proof needed of G; null where nothing. */
  readonly normBound: number | null;
  /** The size of G, which that is relative to, and what rounding alone may change in it. */
  readonly size: number;
  readonly rounding: number;
  /** Whether the dual point is feasible. */
  readonly feasible: boolean;
}

type Evidence = Pick<CertificateEvidence, 'rule' | 'multiplier' | 'shift'>;

const slackOf = (terms: number, absoluteSum: number, { blur }: Evaluation): number => 4 * (terms + 10) * 2 ** -53 * absoluteSum + blur;

/** @throws LOWLAND_E_CERTIFICATE where the rule is not for this problem, or evidence is there that it does not use. */
export function lowerBoundOf(model: Model, { rule, multiplier, shift }: Evidence, at: Evaluation): LowerBound {
  const scaled = rule === 'psd-trace' || rule === 'nuclear-norm';
  if (scaled ? multiplier === null : multiplier !== null && rule !== 'first-order') throw wrong(scaled ? `${rule} needs a multiplier` : `${rule} has no multiplier`);
  if (rule !== 'first-order' && shift !== null) throw wrong(`${rule} has no shift`);
  switch (rule) {
    case 'lower-bound-zero':
      if (!neverNegative(model)) throw wrong('this problem may have negative values, or values that come near 0 and nowhere reach it');
      return { lowerBound: 0, slack: slackOf(at.terms, at.absoluteSum, at), normBound: null, size: 0, rounding: 0, feasible: true };
    case 'known-target':
      if (model.target === undefined) throw wrong('known-target is for factorisation by least squares without a penalty');
      return spectral(model.target, model, at);
    case 'first-order':
      return tangent(model, at, multiplier, shift);
    default:
      if (model.symmetric !== (rule === 'psd-trace')) throw wrong(`${rule} is for ${rule === 'psd-trace' ? 'X X^T' : 'U V^T'}`);
      return scaledDual(model, at, multiplier!);
  }
}

/** sum of w_k inf psi_k */
function leastOf({ parts }: Model): number {
  let sum = 0;
  for (const { loss, weight } of parts) weight.forEach((w, k) => (sum += w === 0 ? 0 : w * loss.least(k)));
  return sum;
}

const neverNegative = (model: Model): boolean => model.linear === undefined && leastOf(model) >= 0 && (model.penalty > 0 || model.parts.every(({ loss }) => loss.attained));

/**
 * No matrix of rank r comes nearer to M than its truncated spectrum: 1/2 sum of sigma_i^2, i > r (Eckart, Young 1936); for X X^T 1/4 of the sum of
 * all lambda_i^2 but those of the r largest positive ones. Every number is moved by what may be wrong with it, to the side that proves less
 * (rigour.md A5, A6).
 */
function spectral(m: Matrix, { symmetric, rows, cols, pair }: Model, at: Evaluation): LowerBound {
  requireDense(rows, cols);
  const columns = pair.left.cols;
  const computed = symmetric ? symmetricEigenvalues(m) : thinSvd(m).s;
  const size = computed.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const wide = Math.max(rows, cols) * 2 ** -50 * size;
  const kept = symmetric ? Math.min(columns, computed.filter((value) => value > -wide).length) : columns;
  let sum = 0;
  for (const value of computed.slice(kept)) sum += Math.max(0, Math.abs(value) - wide) ** 2;
  const lowerBound = (sum / (symmetric ? 4 : 2)) * (1 - (computed.length + 8) * 2 ** -51);
  return { lowerBound, slack: slackOf(at.terms, at.absoluteSum + lowerBound, at), normBound: null, size: 0, rounding: 0, feasible: true };
}

/** A proved bound of G = sum of w_k v_k A_k + C: of |G|_2 from above, or of lambda_min(G) from below; and |G|_F. */
function extremeOf(model: Model, { slopes, spreads }: Evaluation): { readonly bound: number; readonly size: number; readonly rounding: number } {
  requireDense(model.rows, model.cols);
  const g = adjoint(model, slopes, model.linear);
  if (!g.matrix.data.every(Number.isFinite)) throw wrong('the gradient at its point is not finite');
  const bound = model.symmetric ? eigenvalueFromBelow(g) : normFromAbove(g);
  if (bound === undefined || !Number.isFinite(bound)) throw wrong('no bound of the gradient could be proved; are the data finite and not tiny?');
  const scratch = matrix(model.rows, model.cols);
  const spread = model.parts.reduce((sum, { map, weight }, p) => sum + map.adjoint(spreads[p]!.map((size, k) => weight[k]! * size), scratch).size, 0);
  return { bound, size: frobeniusNorm(g.matrix), rounding: g.rounding + 2 * spread };
}

/** -sum of w_k psi_k*(v_k), with its rounding: the height over X = 0 of the plane with these slopes. */
function heightOf({ parts }: Model, slopes: (part: number, k: number) => number): { value: number; magnitude: number; terms: number } {
  const sum = { value: 0, magnitude: 0, terms: 0 };
  parts.forEach(({ loss, weight }, p) => {
    weight.forEach((w, k) => {
      if (w === 0) return;
      const { value, magnitude } = loss.conjugate(slopes(p, k), k);
      sum.value -= w * value;
      sum.magnitude += w * magnitude;
    });
    sum.terms += 2 * weight.length;
  });
  return sum;
}

/**
 * For quadratics without a linear term and every t >= 0 with |t G|_2 <= penalty (or t G + penalty I psd), by Fenchel,
 *
 *     least value >= -sum of w_k psi_k*(t v_k),
 *
 * here at slopes v as stored doubles. Nothing is assumed of the point.
 */
function scaledDual(model: Model, at: Evaluation, multiplier: number): LowerBound {
  if (model.linear !== undefined || model.penalty === 0 || model.parts.some(({ loss }) => !loss.quadratic)) throw wrong('only least squares with a penalty, without a linear term, have a dual point that scales');
  const { bound, size, rounding } = extremeOf(model, at);
  const most = bound === 0 || (model.symmetric && bound > 0) ? Infinity : (model.penalty / Math.abs(bound)) * (1 - 2 ** -50);
  const t = Math.min(multiplier, most);
  const { value, magnitude, terms } = heightOf(model, (p, k) => t * at.slopes[p]![k]!);
  return { lowerBound: value, slack: slackOf(at.terms + terms, at.absoluteSum + magnitude, at), normBound: bound, size, rounding, feasible: multiplier <= most * (1 + 1e-7) };
}

/**
 * Any convex losses lie above their planes: least value >= -sum of w_k psi_k*(v_k) - excess T, the excess that of |G|_2 over the penalty (of
 * -lambda_min(G) for psd), and T = (f - least loss)/penalty >= |X*|_* (rigour.md A9). With a shift e the psd excess is moved into the dual point
 * instead, and with a multiplier t, where C alone is below the penalty, t v takes the place of v: with E = sum of sqrt(w_k) e_k A_k, lambda_min(E) >= mu > 0, v + (excess/mu) e / sqrt(w) leaves none.
 */
function tangent(model: Model, at: Evaluation, multiplier: number | null, shift: string | null): LowerBound {
  const { bound, size, rounding } = extremeOf(model, at);
  const excess = excessOf(model, bound);
  const found = (lowerBound: number, { magnitude, terms }: { magnitude: number; terms: number }): LowerBound => ({
    lowerBound,
    slack: slackOf(at.terms + terms, at.absoluteSum + magnitude, at),
    normBound: bound,
    size,
    rounding,
    feasible: true,
  });
  if (multiplier !== null) {
    if (shift !== null || model.linear === undefined || model.parts.some(({ loss }) => !loss.quadratic)) throw wrong('only least squares with a linear term have a dual point between it and theirs');
    const slopes = at.slopes.map((list) => list.map((slope) => multiplier * slope));
    const height = heightOf(model, (p, k) => slopes[p]![k]!);
    const between = excessOf(model, extremeOf(model, { ...at, slopes }).bound);
    return { ...found(between === 0 ? height.value : -Number.MAX_VALUE, height), feasible: between === 0 };
  }
  if (shift !== null) {
    const along = shiftOf(model, shift, excess);
    const height = heightOf(model, (p, k) => at.slopes[p]![k]! + along(k));
    return found(height.value, height);
  }
  const height = heightOf(model, (p, k) => at.slopes[p]![k]!);
  if (excess === 0) return found(height.value, height);
  const least = model.linear === undefined ? leastOf(model) : -Infinity;
  if (model.penalty === 0 || least === -Infinity) throw wrong('nothing bounds the norm of a minimiser');
  const reach = (at.value - least + slackOf(at.terms, at.absoluteSum + Math.abs(least), at)) / model.penalty;
  return found(height.value - excess * reach, { ...height, magnitude: height.magnitude + excess * reach });
}

/** By how much |G|_2, or -lambda_min(G), is above the penalty. */
const excessOf = ({ symmetric, penalty }: Model, bound: number): number => Math.max(0, (symmetric ? -bound : bound) - penalty);

/** What the shift adds to the slopes. */
function shiftOf(model: Model, encoded: string, excess: number): (k: number) => number {
  const [part, ...more] = model.parts;
  if (!model.symmetric || part === undefined || more.length > 0 || !part.loss.quadratic) throw wrong('only least squares in X X^T have a dual point that shifts');
  const e = numbersOf(encoded, part.map.length, 'evidence.shift');
  const direction = e.map((value, k) => (part.weight[k] === 0 ? 0 : value / Math.sqrt(part.weight[k]!)));
  const mu = eigenvalueFromBelow(adjoint(model, [direction], undefined));
  if (mu === undefined || mu <= 0) throw wrong('its shift makes no positive definite matrix');
  // the quotient, the products and the sums are rounded
  const amount = (excess / mu) * (1 + 2 ** -48);
  return (k) => amount * direction[k]!;
}
