import type { Point } from '@lowland/core';

/** What a point is, short of a global minimum, which `certify` alone can tell. Kinds as rigour.md B1 defines them. */
export type PointKind = 'strict-saddle' | 'second-order-point' | 'first-order-point' | 'not-stationary';

export interface Classification {
  readonly kind: PointKind;
  /** Why the next better kind was not proved; null for `second-order-point`. */
  readonly reason: string | null;
  readonly gradient: {
    readonly norm: number;
    /** g0: the sum of the norms of the terms that cancel in the gradient, or H0 |x| where the objective states none. */
    readonly scale: number;
    readonly relative: number;
    readonly tolerance: number;
  };
  /** The Hessian on the complement of the symmetry directions; null at points that are not stationary, or too large to decide. */
  readonly curvature: Curvature | null;
  readonly symmetry: {
    readonly group: string | null;
    /** Dimension of the orbit through the point; null where it was not needed. */
    readonly dimension: number | null;
    /** Whether the numbers are those of the balanced point of the orbit (inertia is constant along it). */
    readonly balanced: boolean;
    /** The norm of the gradient and the least curvature found at the point as it was given. */
    readonly raw: { readonly gradientNorm: number; readonly smallest: number } | null;
  };
  readonly escape: Escape | null;
}

export interface Curvature {
  /** Interval that holds the least eigenvalue; `lower` is null where none was proved. */
  readonly smallest: { readonly lower: number | null; readonly upper: number };
  /** H0, the largest eigenvalue in absolute value; above 300 variables the largest Ritz value, a lower bound of it. */
  readonly largest: number;
  /** epsilon_H = max(1e-8 H0, sqrt(rho |gradient|)) */
  readonly threshold: number;
  readonly hessianLipschitz: number;
  readonly method: 'spectrum' | 'inertia' | 'randomised-lanczos' | 'factor-grams';
  /** Over the choice of the seed; 0 for deterministic methods. */
  readonly failureProbability: number;
  /** Eigenvalues below -epsilon_H; null above 1,500 variables. */
  readonly morseIndex: number | null;
  readonly nullity: Nullity | null;
  /** All eigenvalues on the complement, ascending, up to 300 variables. */
  readonly spectrum: Float64Array | null;
}

/** Null directions: those of the symmetry group, and the rest. */
export interface Nullity {
  /** `ambiguous` where no gap of a factor 1e3 separates the null eigenvalues from the next ones. */
  readonly status: 'clear' | 'ambiguous';
  readonly symmetry: number;
  readonly excess: number;
  /** The eigenvalues that were counted as null, or that leave it open. */
  readonly values: readonly number[];
  /** Excess null directions, at most eight. */
  readonly directions: readonly Point[];
}

/** A direction of negative curvature that was seen to lower the value. */
export interface Escape {
  /** Unit direction at the point as given. */
  readonly direction: Point;
  /** v^T H v of the unit direction where curvature was read: at the balanced point, if there is one. */
  readonly curvature: number;
  /** f(x + step direction) = f(x) - decrease, evaluated where curvature was read; on a manifold the step is one of its geometry. */
  readonly step: number;
  readonly decrease: number;
}
