import type { StreamKey } from '@lowland/core';

import { factorLower } from './cholesky.ts';
import { withSymmetricOperator } from './factor/host-operator.ts';
import { lanczos, type RitzState } from './lanczos.ts';
import { frobeniusNorm, matrix, subtract, trace, type LinearOperator, type Matrix } from './matrix.ts';
import { applyToColumns, multiply, transposedOperator } from './multiply.ts';
import { projectOut } from './orthonormalize.ts';
import { orthonormalityDefect, productRounding, unitRoundoff, type ProofRule, type ProvedBound } from './proof.ts';
import { lanczosAccount } from './randomised-lanczos.ts';
import { thinSvd } from './svd.ts';

/** Up to this smaller side the inertia check is the cheapest rule (15 ms at 943, half a second at 3000). */
const inertiaSide = 3000;

/** A matrix whose norm is to be bounded, and what its rules need. */
export interface NormProblem {
  readonly operator: LinearOperator;
  /** The dense Gram matrix of the smaller side (A Aᵀ when rows ≤ cols, else AᵀA), each entry a plain sum of at most `terms` products. */
  readonly gram?: (() => Matrix) | undefined;
  /** Most products summed in one entry of the Gram matrix or of a product with a vector; default max(rows, cols). */
  readonly terms?: number | undefined;
}

export interface NormBoundOptions {
  /** Stream of the random starts. */
  readonly key: StreamKey;
  /** Orthonormal columns along which the operator is large (bases of the factor columns); either both or none. */
  readonly left?: Matrix | undefined;
  readonly right?: Matrix | undefined;
  /** Probability of failure allowed to the randomised rules; default 1e-10. */
  readonly failureProbability?: number | undefined;
  /** Most products with the Gram operator in the randomised rules; default 500. */
  readonly maxSteps?: number | undefined;
  /** Stop once more steps could lower the bound by less than this relative amount; default 1e-10. */
  readonly tolerance?: number | undefined;
  /** Try this rule alone. */
  readonly rule?: ProofRule | undefined;
}

/**
 * A proved upper bound of ‖A‖₂, by the first rule that applies: (i) `inertiaNormBound` when the Gram matrix is given and its side is
 * at most 3000, (ii) the deflated block bound when bases are given, (iii) plain randomised Lanczos. `undefined`: not proved. Never a Ritz value.
 *
 * Source: rigour.md A1.
 *
 * @throws LOWLAND_E_ORTHONORMAL when a basis is not orthonormal.
 */
export function normUpperBound(problem: NormProblem, options: NormBoundOptions): ProvedBound | undefined {
  const { operator, gram, terms = Math.max(operator.rows, operator.cols) } = problem;
  const { rule, key } = options;
  const side = Math.min(operator.rows, operator.cols);
  if (gram !== undefined && (rule === 'inertia' || (rule === undefined && side <= inertiaSide))) {
    const proved = inertiaNormBound(gram(), { terms, key });
    if (proved !== undefined || rule === 'inertia') return proved;
  }
  if (rule === 'inertia') return undefined;
  const deflated = rule !== 'randomised-lanczos' && options.left !== undefined && options.right !== undefined;
  if (rule === 'deflated-block' && !deflated) return undefined;
  return blockNormBound(operator, terms, deflated ? options : { ...options, left: undefined, right: undefined });
}

/**
 * Rule (i): ‖G‖₂ ≤ s for the matrix G whose Gram matrix of the smaller side is B, when the Cholesky factorisation of s²(1 − δ)I − B runs through,
 * δ = 4(q + terms + 2)·q·2⁻⁵³ covering the rounding of forming B and of factoring. s starts at `estimate`·(1 + 1e-9) and its excess
 * grows tenfold until it succeeds. Without an `estimate` (the largest Ritz value) Lanczos on B gives one.
 *
 * Sources: S. M. Rump, BIT 46 (2006); rigour.md A1 (i). Cost: one factorisation for each attempt, q³/3 flops.
 */
export function inertiaNormBound(
  b: Matrix, options: { readonly terms: number; readonly key: StreamKey; readonly estimate?: number },
): ProvedBound | undefined {
  const q = b.rows;
  const total = trace(b);
  if (q === 0) return { bound: 0, rule: 'inertia', failureProbability: 0 };
  // All squares vanished: entries below 2⁻⁵³⁷.
  if (total === 0) return { bound: Math.sqrt(q * options.terms) * 2 ** -537, rule: 'inertia', failureProbability: 0 };
  const delta = 4 * (q + options.terms + 2) * q * unitRoundoff;
  if (!(delta < 0.1 && total > 2 ** -900 && total < 2 ** 1000)) return undefined;
  const estimate = options.estimate ?? Math.sqrt(withSymmetricOperator(b, (operator) => lanczos(operator, { key: options.key, which: 'largest', tolerance: 1e-7 }).largest));
  for (let excess = 1e-9; excess <= 10; excess *= 10) {
    const s = estimate * (1 + excess);
    const diagonal = s * s * (1 - delta);
    const work = b.data.map((v) => -v);
    for (let i = 0; i < q; i++) work[i * q + i] = diagonal - b.data[i * q + i]!;
    if (factorLower(work, q)) return { bound: s, rule: 'inertia', failureProbability: 0 };
  }
  return undefined;
}

/**
 * Rules (ii) and (iii): with G in blocks along the bases, ‖G‖ ≤ ‖[[a, f], [e, b]]‖₂, where a = ‖Q_Uᵀ G Q_V‖, e = ‖(I − Q_UQ_Uᵀ) G Q_V‖_F
 * and f = ‖Q_Uᵀ G (I − Q_VQ_Vᵀ)‖_F are dense and b bounds the doubly deflated rest, b = √(θ/(1 − ε)) by randomised Lanczos.
 * Without bases b alone is the bound.
 */
function blockNormBound(operator: LinearOperator, terms: number, options: NormBoundOptions): ProvedBound | undefined {
  if (operator.rows > operator.cols) {
    const { left, right, ...rest } = options;
    return blockNormBound(transposedOperator(operator), terms, { ...rest, left: right, right: left });
  }
  const { rows, cols } = operator;
  const { key, failureProbability = 1e-10, maxSteps = 500, tolerance = 1e-10 } = options;
  const left = options.left ?? matrix(rows, 0);
  const right = options.right ?? matrix(cols, 0);
  const rule = options.left === undefined ? 'randomised-lanczos' : 'deflated-block';
  const d = Math.max(left.cols, right.cols);
  const defect = orthonormalityDefect(left, 'left basis') + orthonormalityDefect(right, 'right basis');

  const images = applyToColumns(operator, right);
  const core = multiply(left, images, { transposeA: true });
  const a = thinSvd(core).s[0] ?? 0;
  const e = frobeniusNorm(subtract(images, multiply(left, core)));
  const back = applyToColumns(operator, left, true);
  const f = frobeniusNorm(subtract(back, multiply(right, core, { transposeB: true })));

  const rounding = productRounding(rows, cols, terms);
  const cover = 8 * (Math.sqrt(d) * rounding + (rows + cols) * (d + 1) * unitRoundoff + defect);
  if (!(cover < 0.1)) return undefined;

  const middle = new Float64Array(cols);
  const inner = new Float64Array(Math.max(right.cols, 1));
  const deflatedGram = {
    size: rows,
    apply(x: Float64Array, out: Float64Array) {
      operator.applyTransposed(x, middle);
      projectOut(right, middle, inner);
      operator.apply(middle, out);
    },
  };
  // ‖fl(Dx) − Dx‖ for the deflated Gram operator D: two products and a projection.
  const gramRounding = (theta: number): number => 4 * rounding * Math.max(a, Math.sqrt(theta)) * Math.sqrt(theta);
  const account = lanczosAccount(rows - left.cols, failureProbability, (state) => gramRounding(Math.max(0, state.largest)));
  let best = Infinity;
  lanczos(deflatedGram, {
    key,
    which: 'largest',
    maxSteps,
    tolerance: -1,
    deflate: left,
    until(state: RitzState) {
      const theta = Math.max(0, state.largest);
      const { epsilon, excess } = account.look(state);
      const slack = Math.sqrt(state.steps) * gramRounding(theta);
      const squared = Math.min(epsilon < 1 ? (theta + slack) / (1 - epsilon) : Infinity, theta + excess + slack);
      const bound = blockNorm(a, f, e, Math.sqrt(squared));
      // A complete basis leaves nothing to chance, so what chance gave before does not count beside it.
      best = state.complete ? bound : Math.min(best, bound);
      return best <= blockNorm(a, f, e, Math.sqrt(theta)) * (1 + tolerance);
    },
  });
  if (best === Infinity) return undefined;
  // Entries below 2⁻⁵⁰⁰ may have vanished when squared.
  const vanished = Math.sqrt(rows * cols) * 2 ** -500;
  return { bound: best * (1 + 2 * cover) + vanished, rule, failureProbability: account.failureProbability };
}

/** ‖[[a, f], [e, b]]‖₂ without cancellation. */
function blockNorm(a: number, f: number, e: number, b: number): number {
  return b === Infinity ? b : (Math.hypot(a + b, f - e) + Math.hypot(a - b, f + e)) / 2;
}
