/**
 * The problem min phi(X) subject to a(X) = b, X = U U^T with U: rows x rank, and a merit function of it.
 *
 *     phi(X) = <C, X> + (weight/2) |q(X) - data|^2,   G = grad phi(X) = C + weight q*(q(X) - data)
 */
import type { Layout } from '@lowland/core';

import type { LinearMap } from '../factored/linear-map.ts';
import type { Cost } from './cost.ts';
import type { NormalEquations } from './normal-equations.ts';

/** The least-squares part of phi. */
export interface LeastSquares {
  readonly map: LinearMap;
  readonly data: Float64Array;
  readonly weight: number;
}

/** a, b, and how a(U .) is inverted. */
export interface EqualityConstraints {
  readonly map: LinearMap;
  readonly bounds: Float64Array;
  readonly normal: NormalEquations;
  /** e with a*(e) = I, where there is one in sight: then tr X = <e, b>. */
  readonly identity?: Float64Array;
}

export type Merit =
  | { readonly kind: 'penalty'; readonly weight: number }
  | { readonly kind: 'augmented'; readonly weight: number; readonly multipliers: Float64Array }
  | { readonly kind: 'fletcher'; readonly weight: number };

export interface ConstrainedProblem {
  readonly rows: number;
  readonly rank: number;
  readonly cost: Cost | undefined;
  readonly fit: LeastSquares | undefined;
  readonly constraints: EqualityConstraints;
  readonly merit: Merit;
}

/** The one block, U. */
export const factorLayout = (rows: number, rank: number): Layout => ({ blocks: [{ name: 'U', shape: [rows, rank] }] });
