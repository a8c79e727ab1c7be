/**
 * Lower bounds of a problem's least value, each by its own formula.
 */
import { matrix, symmetricEigenvalues, thinSvd } from '@lowland/linalg';

import { wrong, type Cells } from './data.ts';
import type { CertificateDocument } from './document.ts';
import type { Evaluation } from './evaluate.ts';
import { eigenvalueFromBelow, normFromAbove, requireDense } from './extreme.ts';

export interface LowerBound {
  readonly lowerBound: number;
  /** Rounding of the value and of the bound together (rigour.md A2). */
  readonly slack: number;
  /** What the proof needed of G; null where nothing. */
  readonly normBound: number | null;
  /** Whether the dual point is feasible. */
  readonly feasible: boolean;
}

const slackOf = (terms: number, absoluteSum: number, { blur }: Evaluation): number => 4 * (terms + 10) * 2 ** -53 * absoluteSum + blur;

/** @throws LOWLAND_E_CERTIFICATE where the rule is not for this problem. */
export function lowerBoundOf(document: CertificateDocument, cells: Cells, at: Evaluation, columns: number): LowerBound {
  const { problem, evidence: { rule, multiplier } } = document;
  const dual = rule === 'psd-trace' || rule === 'nuclear-norm';
  if (dual !== (multiplier !== null)) throw wrong(dual ? `${rule} needs a multiplier` : `${rule} has no multiplier`);
  switch (rule) {
    case 'lower-bound-zero':
      return { lowerBound: 0, slack: slackOf(at.terms, at.absoluteSum, at), normBound: null, feasible: true };
    case 'known-target':
      if (problem.objective !== 'matrix-factorization' || problem.lambda > 0) throw wrong('known-target is for factorisation without a penalty');
      return spectral(problem, cells, at, columns);
    default:
      if (problem.symmetric !== (rule === 'psd-trace')) throw wrong(`${rule} is for ${rule === 'psd-trace' ? 'X X^T' : 'U V^T'}`);
      return fenchel(problem, cells, at, multiplier!);
  }
}

/**
 * No matrix of rank r comes nearer to M than its truncated spectrum: 1/2 sum of sigma_i^2, i > r (Eckart, Young 1936); for X X^T 1/4 of the sum of
 * all lambda_i^2 but those of the r largest positive ones. Every number is moved by what may be wrong with it, to the side that proves less
 * (rigour.md A5, A6).
 */
function spectral({ symmetric, rows, cols }: CertificateDocument['problem'], { b }: Cells, at: Evaluation, columns: number): LowerBound {
  requireDense(rows, cols);
  const m = matrix(rows, cols, b);
  const computed = symmetric ? symmetricEigenvalues(m) : thinSvd(m).s;
  const size = computed.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const wide = Math.max(rows, cols) * 2 ** -50 * size;
  const kept = symmetric ? Math.min(columns, computed.filter((value) => value > -wide).length) : columns;
  let sum = 0;
  for (const value of computed.slice(kept)) sum += Math.max(0, Math.abs(value) - wide) ** 2;
  const lowerBound = (sum / (symmetric ? 4 : 2)) * (1 - (computed.length + 8) * 2 ** -51);
  return { lowerBound, slack: slackOf(at.terms, at.absoluteSum + lowerBound, at), normBound: null, feasible: true };
}

/**
 * For every Y with -t Y below the penalty (|t Y|_2 <= penalty, or t Y + penalty I psd), by Fenchel,
 *
 *     least value >= -sum over cells of (t^2 y^2 / (2 weight) + t b y),
 *
 * here at Y = G as stored doubles, so that only this sum is rounded. Nothing is assumed of the point.
 */
function fenchel({ symmetric, rows, cols }: CertificateDocument['problem'], cells: Cells, at: Evaluation, multiplier: number): LowerBound {
  requireDense(rows, cols);
  const { slopes } = at;
  const bound = symmetric ? eigenvalueFromBelow(cells, slopes, rows) : normFromAbove(cells, slopes, rows, cols);
  if (bound === undefined) throw wrong('no bound of the gradient could be proved; are the data finite and not tiny?');
  const size = symmetric ? Math.max(0, -bound) : bound;
  const most = size === 0 ? Infinity : (cells.penalty / size) * (1 - 2 ** -50);
  const t = Math.min(multiplier, most);
  let [sum, absolute] = [0, 0];
  for (let k = 0; k < slopes.length; k++) {
    const y = t * slopes[k]!;
    const square = (y * y) / (2 * cells.weight[k]!);
    sum += square + cells.b[k]! * y;
    absolute += square + Math.abs(cells.b[k]! * y);
  }
  return {
    lowerBound: -sum,
    slack: slackOf(at.terms + 2 * slopes.length, at.absoluteSum + absolute, at),
    normBound: bound,
    feasible: multiplier <= most * (1 + 1e-7),
  };
}
