import type { StreamKey } from '@lowland/core';

import { symmetricEigenvalues } from './eigen.ts';
import { frobeniusNorm, subtract, transpose, type Matrix } from './matrix.ts';
import { matrixOperator, multiply } from './multiply.ts';
import { normUpperBound } from './norm-bound.ts';
import { orthonormalityDefect, unitRoundoff } from './proof.ts';
import { thinSvd } from './svd.ts';
import { truncatedSvd } from './truncated-svd.ts';

/** A lower bound of the least value over rank r of the distance to a known matrix, and how it was proved. */
export interface TargetBound {
  readonly bound: number;
  readonly rule: 'full-spectrum' | 'deflated-block';
  readonly failureProbability: number;
}

/**
 * A lower bound of min ¼‖X Xᵀ − M‖² over n × r factors X, for a symmetric M, from its full spectrum:
 * f* = ¼(Σ λᵢ² − the squares of the min(r, k₊) largest positive eigenvalues), k₊ the number of positive ones.
 *
 * Each λᵢ may be off by Δ = n·2⁻⁵⁰·‖M‖ (Weyl), and is moved by Δ towards zero where it counts, so rounding never raises the bound.
 *
 * Sources: C. Eckart, G. Young (1936); rigour.md A5 (a), A6. Cost of `symmetricEigenvalues`.
 */
export function symmetricTargetBound(m: Matrix, rank: number): TargetBound {
  const values = symmetricEigenvalues(m);
  const size = Math.max(Math.abs(values[0] ?? 0), Math.abs(values[values.length - 1] ?? 0));
  const delta = m.rows * 2 ** -50 * size;
  let sum = 0;
  values.forEach((value, i) => {
    const left = i < rank ? Math.min(0, value + delta) : Math.max(0, Math.abs(value) - delta);
    sum += left * left;
  });
  return { bound: (sum / 4) * (1 - 4 * (m.rows + 2) * unitRoundoff), rule: 'full-spectrum', failureProbability: 0 };
}

/**
 * A lower bound of min ½‖U Vᵀ − M‖² over rank r, from the full spectrum: f* = ½ Σ_{i>r} σᵢ², each σᵢ lowered by Δ = max(m, n)·2⁻⁵⁰·‖M‖.
 *
 * Sources: C. Eckart, G. Young (1936); rigour.md A5 (a). Cost of `thinSvd`.
 */
export function targetBound(m: Matrix, rank: number): TargetBound {
  const { s } = thinSvd(m);
  const delta = Math.max(m.rows, m.cols) * 2 ** -50 * (s[0] ?? 0);
  let sum = 0;
  for (let i = rank; i < s.length; i++) sum += Math.max(0, s[i]! - delta) ** 2;
  return { bound: (sum / 2) * (1 - 4 * (s.length + 2) * unitRoundoff), rule: 'full-spectrum', failureProbability: 0 };
}

export interface LargeTargetOptions {
  /** Stream of the random starts. */
  readonly key: StreamKey;
  /** Triples beyond the rank in the basis; default 5. */
  readonly extra?: number;
  /** Probability of failure allowed; default 1e-10. */
  readonly failureProbability?: number;
}

/**
 * The same lower bound for a matrix too large for its full spectrum, or `undefined` where it proves nothing (no gap after σ_r).
 *
 * Q: the left singular vectors found for the leading d ≥ r triples, B = M Mᵀ in blocks B₁₁, B₁₂, B₂₂ along Q, θ a *proved* upper bound
 * of λ_max(B₂₂). For λᵢ(B₁₁) > θ the Schur complement gives λᵢ(B) ≤ λᵢ(B₁₁) + ‖B₁₂‖²/(λᵢ(B₁₁) − θ), hence
 * f* ≥ ½(‖M‖_F² − Σ_{i≤r} of these). Never from Ritz values alone: power iterations that have not converged only weaken it.
 *
 * Source: rigour.md A5 (b), with the sharper gap of each eigenvalue in place of one τ.
 */
export function largeTargetBound(m: Matrix, rank: number, options: LargeTargetOptions): TargetBound | undefined {
  if (m.rows > m.cols) return largeTargetBound(transpose(m), rank, options);
  const { key, extra = 5, failureProbability = 1e-10 } = options;
  // Two streams: the start of the proof must not depend on the basis that it is about.
  const [search, proof] = [2 * key.index, 2 * key.index + 1].map((index) => ({ ...key, index })) as [StreamKey, StreamKey];
  const { u: q } = truncatedSvd(m, Math.min(rank + extra, m.rows), { key: search, tolerance: 1e-8 });
  const defect = orthonormalityDefect(q, 'left singular basis');
  const size = frobeniusNorm(m);
  // What rounding and an imperfect Q can change in a product with M.
  const slack = (8 * (m.rows + m.cols) * (q.cols + 1) * unitRoundoff + 2 * defect) * size;

  const w = multiply(m, q, { transposeA: true });
  const rest = subtract(m, multiply(q, w, { transposeB: true })); // (I − QQᵀ)M, so B₂₂ = rest·restᵀ
  const coupling = frobeniusNorm(multiply(rest, w)) + 4 * slack * size;
  const proved = normUpperBound(
    { operator: matrixOperator(rest), ...(m.rows <= 1500 && { gram: () => multiply(rest, rest, { transposeB: true }) }) },
    { key: proof, failureProbability },
  );
  if (proved === undefined) return undefined;
  const theta = (proved.bound + slack) ** 2;

  let sum = Math.max(0, frobeniusNorm(rest) - slack) ** 2;
  const { s } = thinSvd(w);
  for (let i = 0; i < Math.max(rank, s.length); i++) {
    const sigma = s[i] ?? 0;
    if (i >= rank) {
      sum += Math.max(0, sigma - slack) ** 2;
    } else if (i >= s.length) {
      sum -= theta; // interlacing: beyond the basis λᵢ(B) ≤ λ_max(B₂₂)
    } else {
      const gap = Math.max(0, sigma - slack) ** 2 - theta;
      if (gap <= 0) return undefined;
      sum -= coupling ** 2 / gap;
    }
  }
  const bound = Math.max(0, (sum / 2) * (sum > 0 ? 1 - 4 * (m.rows + m.cols) * unitRoundoff : 1));
  return { bound, rule: 'deflated-block', failureProbability: proved.failureProbability };
}
