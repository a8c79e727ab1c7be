/**
 * What a bound objective can do. A capability is a key of an open interface; its value is a function or an
 * object, reached as `problem[key]`, so that two capabilities can never collide.
 */
import type { Device, Ints, MaybePromise, Vec } from './device.ts';
import type { Layout, Point } from './layout.ts';
import type { Objective } from './objective.ts';

/** Third parties add keys by declaration merging. Oracles only enqueue; `out` shares no vector with an input. */
export interface CapabilityMap {
  /** out[0] = f(x) */
  value(x: Vec, out: Vec): void;
  /** out = grad f(x); over complex blocks the gradient over R^2n */
  gradient(x: Vec, out: Vec): void;
  valueAndGradient(x: Vec, value: Vec, gradient: Vec): void;
  /** out = Hess f(x)[v] */
  hessianVectorProduct(x: Vec, v: Vec, out: Vec): void;
  /** The same for k directions that stand one after another, as their products do in `out`: data that all need are read once. Counted as k products. */
  hessianVectorProducts(x: Vec, directions: Vec, out: Vec): void;
  /** The gradient in one block; writes that block of `out` only. */
  blockGradient(x: Vec, block: string, out: Vec): void;
  /** out[k] = f(x + s_k u + t_k v), (s_k, t_k) = (at[2 k], at[2 k + 1]): many points of a plane, for a few products with the data in all. */
  planeValues(x: Vec, u: Vec, v: Vec, at: Vec, out: Vec): void;
  /** Minimises over one block with the others fixed and writes that block of `out` only; `out` may be `x`. */
  blockSolve(x: Vec, block: string, out: Vec): void;
  /** f = 1/2 |r|^2 (up to penalties): the residual map and its derivative. */
  residual: Residual;
  /** min phi(x) subject to c(x) = 0, the problem that f is a merit function of. */
  constraints: Constraints;
  /** Which blocks multiply: [['U', 'V']] for U V^T, [['X', 'X']] for X X^T. Static data. */
  factors: Factors;
  symmetry: Symmetry;
  geometry: GeometryOps;
  lift: Lift;
  smoothness: Smoothness;
  /** A matrix that is known in full and fitted without penalty: its spectrum gives the optimum. */
  target: Target;
  /** f is a sum of squares, so that an exact fit is a global minimum; where `lift` or `target` say so themselves it is not needed. */
  nonNegative: { at(x: Point): Evaluated };
  scale: Scale;
  /** The same problem with another number of columns. */
  grow: { objective(rank: number): Objective<Capability> };
  /** out[k] = entry (row[k], col[k]) of the recovered matrix, offsets included. */
  predict(x: Vec, row: Ints, col: Ints, out: Vec): void;
  ensemble: EnsembleOps;
  subgradient(x: Vec, out: Vec): void;
  stochasticGradient: StochasticGradient;
  /** The data put back into the space of the solution: what spectral starts are made of. */
  estimate: Estimate;
  truth: Truth;
  /** The convex problem in X = U V^T (or X X^T) behind this one, as an objective of its own. */
  convexForm: { objective(): Objective<Capability> };
  /** The same problem on the manifold of matrices X = U S V^T of its rank, as an objective of its own. */
  fixedRank: { objective(): Objective<Capability> };
  /** The way back from a problem in X: a factored problem, and the balanced factors of X as its point. */
  factored: { at(x: Point): { readonly objective: Objective<Capability>; readonly point: Point } };
  proximal: Proximal;
  spectral: Spectral;
}

export type Capability = keyof CapabilityMap;

export interface Residual {
  readonly length: number;
  /** Of r as a polynomial in the variables, where it is one: slices of f are then exact from a few of its values. */
  readonly degree?: number;
  evaluate(x: Vec, out: Vec): void;
  /** out = J(x) v */
  jvp(x: Vec, v: Vec, out: Vec): void;
  /** out = J(x)^T w */
  vjp(x: Vec, w: Vec, out: Vec): void;
}

/** f = 1/m sum over k of f_k (+ what is no sum over the data), one f_k a sample. */
export interface StochasticGradient {
  /** m */
  readonly samples: number;
  /**
   * out = 1/|batch| sum over k in batch of grad f_k(x) (+ the gradient of the rest): its mean over all batches of one sample is grad f(x).
   * Samples may repeat, each then counts as often as it stands there. Reads `batch` before it returns.
   */
  gradient(x: Vec, batch: Int32Array, out: Vec): void;
}

/**
 * A matrix that the solution's leading singular vectors can be read off: its mean over random measurements is the solution itself, or the
 * solution and a multiple of the identity where only directions are right. Known by its products; host f64.
 */
export interface Estimate {
  /** Eigenvectors and eigenvalues, or singular triples. Blocks that are complex are R^2n here, entries as pairs. */
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  /** out = M v, or M^T v */
  apply(v: Float64Array, out: Float64Array, transposed: boolean): void;
  /** |x|^2 of a solution x x^T as the mean of the data tells it, where it does; 0 where they have none. */
  readonly squaredNorm?: number;
}

/**
 * An equality-constrained problem, min phi(x) subject to c(x) = 0. Where x is one factor, rows x rank, points may have any other
 * number of columns here: that is told by their length, and what it takes is bound when first used.
 */
export interface Constraints {
  /** Number of constraints. */
  readonly length: number;
  /** out = c(x) */
  evaluate(x: Vec, out: Vec): void;
  /** out = c'(x) v */
  jvp(x: Vec, v: Vec, out: Vec): void;
  /** out = c'(x)^T w */
  vjp(x: Vec, w: Vec, out: Vec): void;
  /** value[0] = L(x), gradient = grad L(x), L = phi + <multipliers, c> + weight/2 |c|^2: the augmented Lagrangian. */
  lagrangian(x: Vec, multipliers: Vec, weight: number, value: Vec, gradient: Vec): void;
  /** out = argmin over l of |grad phi(x) + c'(x)^T l|; NaN where the rows of c'(x) are linearly dependent. */
  multipliers(x: Vec, out: Vec): void;
  /**
   * The augmented Lagrangian with these multipliers as an objective of the same layout. At a solution and its multipliers it has the value of
   * the problem, and its least value is never above that: verdicts on solutions are about it.
   */
  augmented(multipliers: Float64Array): Objective<Capability>;
}

export interface Factors {
  readonly pairs: readonly (readonly [left: string, right: string])[];
}

/** For f = phi(X) + penalties, X the product of the factors or the variables themselves, where grad phi is Lipschitz continuous. Known on the host. */
export interface Smoothness {
  /** A Lipschitz constant L of grad phi, finite: a step of 1 / L in X is safe. */
  readonly constant: number;
}

/** f = phi + psi, phi smooth and psi simple: a nuclear norm, a cone to stay in. What proximal-gradient methods split. */
export interface Proximal {
  /** value[0] = phi(x), gradient = grad phi(x) */
  valueAndGradient(x: Vec, value: Vec, gradient: Vec): void;
  /** out = argmin over z of psi(z) + |z - x|^2 / (2 step), value[0] = psi(out). One read; `out` may be `x`. */
  map(x: Vec, step: number, out: Vec, value: Vec): MaybePromise<void>;
}

/** The singular values of X, or its eigenvalues over psd matrices, for methods that cut them. One read each; `out` may be `x`. */
export interface Spectral {
  /** out = X with its values lowered by `amount`, those below it 0 */
  shrink(x: Vec, amount: number, out: Vec): MaybePromise<void>;
  /** out = the nearest matrix of rank at most `rank` */
  truncate(x: Vec, rank: number, out: Vec): MaybePromise<void>;
}

/** The group that leaves f unchanged, through the tangent directions of an orbit. */
export interface Symmetry {
  /** `O(r)`, `GL(r)`, … */
  readonly group: string;
  /** Number of generators; at rank-deficient points the directions are linearly dependent. */
  readonly dimension: number;
  /** out = the k-th generator's direction at x */
  generator(x: Vec, k: number, out: Vec): void;
}

/** Euclidean, scaled (Gram) and manifold methods differ only here; ScaledGD is gradient descent in another geometry. */
export interface GeometryOps {
  /** The gradient with respect to `inner`, from the Euclidean one. */
  gradient(x: Vec, euclidean: Vec, out: Vec): void;
  /** out[at] = <u, v> at x */
  inner(x: Vec, u: Vec, v: Vec, out: Vec, at?: number): void;
  /** out = the point reached from x along alpha v; may overwrite x when out is x. */
  retract(x: Vec, alpha: number, v: Vec, out: Vec): void;
  /** out = v carried from x to y */
  transport(x: Vec, y: Vec, v: Vec, out: Vec): void;
}

/**
 * The convex problem behind the factored one: min over X of phi(X) + penalty |X|_* (or tr X over X psd), where
 * phi(X) = 1/2 |a(X) - data|^2 + <linear, X>, or another convex differentiable function. Host f64 in, host f64 out; X is never formed.
 */
export interface Lift {
  readonly kind: 'psd' | 'nuclear';
  readonly rows: number;
  readonly cols: number;
  /** The weight of tr X or |X|_*; 0 when there is none. */
  readonly penalty: number;
  /** A lower bound of phi; -Infinity when none is known. */
  readonly lowerBound: number;
  /** A Lipschitz constant of grad phi: the inverse of a safe proximal step; Infinity where there is none. */
  readonly smoothness: number;
  /** Whether phi is least squares (and a linear term). Where it is not, `at` gives an `intercept`. */
  readonly leastSquares: boolean;
  /** Whether phi + penalty attains its least value: with a penalty always, without one not for every loss. */
  readonly attained: boolean;
  /** Whether phi has a linear term, which changes the dual. */
  readonly hasLinearTerm: boolean;
  /** e with a*(e) - I positive semidefinite, in the scale of the residual, where the measurements know that much of the trace: tr X <= <e, a(X)>. */
  readonly identity?: Float64Array | undefined;
  /** An upper bound of |C|_2, for psd of max(0, -lambda_min(C)), C the linear term, where there is one and that is cheap: below the penalty, the dual point may be scaled. */
  readonly linearSize?: number | undefined;
  /** A constant that f has beyond phi and penalty; default 0. The values of `at` have it, `lowerBound` has it not. */
  readonly offset?: number;
  /** What certificates say of the problem beside its formula. */
  readonly about?: string;
  at(x: Point): Lifted;
}

/** A value on the host with what its rounding is measured by: it is exact to 4 (terms + 10) 2^-53 absoluteSum (rigour.md A2). */
export interface Evaluated {
  readonly value: number;
  /**
   * Sum of the absolute values of the terms summed in `value`, and how many they are. A term that is itself the square of a rounded
   * difference counts with what that rounding can do to it, so that factors whose products cancel do not pass for an exact fit.
   */
  readonly absoluteSum: number;
  readonly terms: number;
}

/**
 * What certificates need at one point; everything is computed once, when made. `value` is the factored one,
 * P = phi(X) + penalty (|U|^2 + |V|^2)/2, an upper bound of the convex value.
 */
export interface Lifted extends Evaluated {
  /** rho = a(X) - data, scaled so that phi = 1/2 |rho|^2 (+ the linear term); where phi is not least squares its derivatives in a(X). */
  readonly residual: Float64Array;
  /** The data in the scale of rho. */
  readonly data: Float64Array;
  /**
   * Where phi is not least squares: phi(X) - <G, X>, with its rounding: the height over X = 0 of the plane that touches phi at X. As convex
   * functions lie above such planes, P* >= intercept - max(0, |G|_2 - penalty) |X*|_* (rigour.md A9).
   */
  readonly intercept?: Evaluated;
  /** out = G v with G = grad phi(X), or G^T v. */
  apply(v: Float64Array, out: Float64Array, transposed: boolean): void;
  /** out = the smaller of G G^T and G^T G, dense row-major; absent where it is not cheap. For psd lifts out = G itself (symmetric). */
  gram?(out: Float64Array): void;
  /** Most terms summed in one entry of the Gram matrix or of a product with G (rigour.md A1 (i)). */
  readonly maxRowCount: number;
  /** A bound, in the Frobenius norm, of what rounding did to G as it was formed from rho where its sums cancel; relative rounding aside. */
  readonly gradientRounding: number;
}

export interface Target {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  /** Row-major. */
  readonly data: Float64Array;
  /** f at a point, balancing terms included. */
  at(x: Point): Evaluated;
}

/** The sizes that tolerances are relative to. Host f64. */
export interface Scale {
  /** f at zero factors. */
  readonly zeroValue: number;
  /** g0: the sum of the norms of the terms that cancel in grad f(x) (rigour.md B1). */
  gradient(x: Point): number;
  /** A Lipschitz constant of the Hessian at the scale of x. */
  hessianLipschitz(x: Point): number;
}

export interface Truth {
  /** The least value, where it is known exactly. */
  readonly optimum?: number;
  stationaryPoints?(): Iterable<Point>;
  /** Distance of the recovered matrix (not of the factors) to the planted one, in the Frobenius norm. */
  distance?(x: Point): number;
}

/** Many independent runs of one method in one call: `solveEnsemble` uses it where the objective has it for the method. */
export interface EnsembleOps {
  readonly methods: readonly string[];
  /** Numbers that one run holds under a method: its point first. Zeros after the point are the state at the start. */
  stateLength(method: string): number;
  /** Numbers that a method takes: those that its `ensemble` names. */
  parameterCount(method: string): number;
  /**
   * `steps` steps on `count` runs, run k the very run of the method from seed + k. All steps in one call are those of several calls, to the bit.
   *
   * @throws LOWLAND_E_ENSEMBLE before anything is done, where this device cannot run problems of this size or this method: the message says why
   */
  run(runs: EnsembleRuns): void;
  /** Whether `run` heeds `exit`. */
  readonly exits?: boolean;
  /** Where in the state of a run what is known of its point lies; absent where runs keep none of it and heed no limits. */
  readonly slots?: EnsembleSlots;
  /** The same for run k on the k-th of these problems, of which this is the first; or why they do not go together. */
  together?(problems: readonly EnsembleOps[]): EnsembleOps | string;
}

/** Some steps of an ensemble. `row` numbers: one row for all runs, or one for each. */
export interface EnsembleRuns {
  readonly method: string;
  readonly count: number;
  readonly steps: number;
  /** Steps that the runs have taken before. */
  readonly firstStep: number;
  /** Run k draws from the streams of seed + k. */
  readonly seed: number;
  readonly noise: NoiseRule;
  /** Rows of `parameterCount` numbers: those that the method's `ensemble` names. */
  readonly parameters: Vec;
  /** count x stateLength */
  readonly states: Vec;
  /** Rows of two: the value and the gradient norm at or below which a run has reached its end; -1 where it has no such limit. Default: none. */
  readonly limits?: Vec;
  readonly exit?: EnsembleExit;
}

/**
 * Where noise comes from: `normal`, the standard normals of `normals`, or `lattice`, the rule of `latticeNormals`: mean 0 and variance 1, the same
 * bits on every device, not exactly normal.
 */
export type NoiseRule = 'normal' | 'lattice';

/**
 * Places in the state of a run, written by `run`. A run that has reached a limit or diverged rests: it takes no more steps, and what is said of it
 * stays.
 */
export interface EnsembleSlots {
  /** f at the point. */
  readonly value: number;
  /** |grad f| at the point. */
  readonly gradientNorm: number;
  /** 0, or 1 + the steps after which a limit was first met. */
  readonly reached: number;
  /** 0, or 1 + the steps after which value or gradient norm were first no finite numbers, a step that is undefined counted. */
  readonly diverged: number;
  /** 0, or 1 + the steps after which the method ended the run by itself. */
  readonly ended: number;
}

/** Ends runs of an ensemble on their way: when, and which have ended. */
export interface EnsembleExit {
  /** Whether a run ends at this point, asked after each of its steps; the array is the live one, to read and not to keep. */
  readonly test: (point: Float64Array) => boolean;
  /** The steps that each run had taken when it ended, written by `run`; -1 while it goes on. A run that has ended takes no steps. */
  readonly at: Float64Array;
}

/** Exact derivations that core supplies itself, so that nobody writes value, gradient and both, or loops over directions. */
export type Closed<P extends Capability> =
  | P
  | ('valueAndGradient' extends P ? 'value' | 'gradient' : never)
  | (['value' | 'gradient'] extends [P] ? 'valueAndGradient' : never)
  | ('hessianVectorProduct' extends P ? 'hessianVectorProducts' : never);

export type Oracles<P extends Capability> = { readonly [K in P]: CapabilityMap[K] };

/** An objective bound to a device: its layout and its oracles. */
export type Problem<P extends Capability, U extends Capability = never> = {
  readonly layout: Layout;
  readonly device: Device;
} & Oracles<P> &
  Partial<Oracles<U>>;
