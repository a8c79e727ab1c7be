import type { Lift, Lifted, StreamKey } from '@lowland/core';
import { columns, lanczos, lanczosSvd, multiplyTransposedVector, multiplyVector, type LinearOperator, type Matrix } from '@lowland/linalg';

import type { ThinProduct } from './factored.ts';
import { gradientOperator } from './lifted-point.ts';

/** X − G/L as an operator: x ↦ U (s ∘ Vᵀx) − G x/L. */
function gradientStep({ u, s, v }: ThinProduct, gradient: LinearOperator, smoothness: number): LinearOperator {
  const coefficients = new Float64Array(s.length);
  const step = (apply: LinearOperator['apply'], left: Matrix, right: Matrix): LinearOperator['apply'] => {
    const part = new Float64Array(left.rows);
    return (x, out) => {
      multiplyTransposedVector(right, x, coefficients);
      for (let k = 0; k < s.length; k++) coefficients[k] = coefficients[k]! * s[k]!;
      multiplyVector(left, coefficients, part);
      apply(x, out);
      for (let i = 0; i < out.length; i++) out[i] = part[i]! - out[i]! / smoothness;
    };
  };
  return {
    rows: gradient.rows,
    cols: gradient.cols,
    apply: step(gradient.apply, u, v),
    applyTransposed: step(gradient.applyTransposed, v, u),
  };
}

/**
 * One proximal-gradient step on X itself: X⁺ = the singular values of X − G/L, lowered by penalty/L and cut at 0
 * (Cai, Candès and Shen 2010, arXiv:0810.3286; eigenvalues for psd). The value falls by at least L/2 |X⁺ − X|², which
 * gives global convergence whatever the method in between does (rigour.md A8). Only as many triples are computed as
 * survive, and at most `most`: then the step may fail to descend, which the caller sees.
 */
export function proximalStep(lift: Lift, lifted: Lifted, product: ThinProduct, most: number, key: StreamKey): ThinProduct {
  const operator = gradientStep(product, gradientOperator(lift, lifted), lift.smoothness);
  const side = Math.min(lift.rows, lift.cols);
  const threshold = lift.penalty / lift.smoothness;
  for (let count = Math.min(side, most, product.s.length + 5); ; count = Math.min(side, most, 2 * count)) {
    const asked = { key, count, maxSteps: Math.min(side, 4 * count + 60), tolerance: 1e-10 };
    const found = lift.kind === 'psd' ? eigenTriples(operator, asked) : lanczosSvd(operator, asked);
    let rank = 0;
    while (rank < found.s.length && found.s[rank]! > threshold) rank++;
    if (rank === count && count < Math.min(side, most)) continue;
    const left = columns(found.u, 0, rank);
    return {
      symmetric: product.symmetric,
      u: left,
      s: found.s.slice(0, rank).map((value) => value - threshold),
      v: product.symmetric ? left : columns(found.v, 0, rank),
    };
  }
}

function eigenTriples(operator: LinearOperator, asked: { key: StreamKey; count: number; maxSteps: number; tolerance: number }) {
  const { values, vectors } = lanczos({ size: operator.rows, apply: operator.apply }, { ...asked, which: 'largest' });
  return { u: vectors, s: values, v: vectors };
}
