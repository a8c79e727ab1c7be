/**
 * Linear maps a: R^(rows x cols) -> R^length, known at products of factors so that u v^T need not be formed.
 * Everything that differs between factorization, completion and sensing is such a map.
 */
import type { Device, KernelName, Mat, Memory, Vec } from '@lowland/core';
import type { LinearOperator, Matrix } from '@lowland/linalg';

export interface LinearMap {
  readonly rows: number;
  readonly cols: number;
  /** Number of measurements. */
  readonly length: number;
  /** Whether a* a is the identity: then curvature needs r x r products alone. */
  readonly isometry: boolean;
  /** Sum of the squares of all coefficients: the mean of |a(X)|^2 over X with iid N(0, 1) entries. */
  readonly frobeniusSquared: number;
  /** Rounding steps behind one number of `image` at rank r are at most `depth + r`. */
  readonly depth: number;
  /** Kernels that a bound map calls. */
  readonly kernels: readonly KernelName[];
  /** What the `fused` of a bound map calls; absent where it has none. */
  readonly fusedKernels?: FusedKernels;
  /** Whether bound maps have `several`, for which base kernels are enough. */
  readonly severalAtOnce?: boolean;
  /** A proved upper bound of |a|^2; may take a while, computed when first asked. */
  normSquared(): number;
  /** Host, f64: out = a(u v^T). */
  image(u: Matrix, v: Matrix, out: Float64Array): void;
  /** out[k] is at least the sum of the absolute values of the products that `image` sums for measurement k. */
  magnitudes(u: Matrix, v: Matrix, out: Float64Array): void;
  /** Host, f64: a*(w), plus a dense row-major matrix if given. */
  adjoint(w: Float64Array, plus?: Float64Array): HostOperator;
  /** The map on a device for factors of `rank` columns; what it uploads lives in `memory`. */
  bind(device: Device, memory: Memory, rank: number): DeviceMap;
  /** The map on a device at matrices X that are there themselves; absent where X I^T does as well. Base kernels alone. */
  bindMatrix?(device: Device, memory: Memory): MatrixDeviceMap;
  /** The map by single measurements, for devices whose numbers the host reaches. */
  sampled(device: Device, memory: Memory): SampledMap;
  /** The matrices A_k of a(X)_k = <A_k, X>, dense, one after another; absent where they are not held and not small. */
  matrices?(): Float64Array;
  /** Bytes that `bind` takes, `width` bytes a number. */
  bytes(width: number, rank: number): number;
  /** Numbers of the largest vector that `bind` makes; default one for each measurement. */
  readonly largest?: number;
}

/** A matrix known by its products, as certificates use it. */
export interface HostOperator extends LinearOperator {
  /** Most terms in one entry of the Gram matrix of the smaller side. */
  readonly maxRowCount: number;
  /** A bound of |fl(Z) - Z|_F where the entries of Z are sums that may cancel; 0 where each is a product. */
  readonly rounding: number;
  /** out = the smaller of Z Z^T and Z^T Z, dense. */
  gram(out: Float64Array): void;
  /** out = Z itself, dense row-major. */
  dense(out: Float64Array): void;
}

/** The kernels behind each half of `FusedMap`. */
interface FusedKernels {
  readonly residual: readonly KernelName[];
  /** Absent where a map is no isometry and has no `curvatureProducts`: Hessian-vector products are composed then. */
  readonly curvature?: readonly KernelName[];
}

/**
 * A linear map on a device. What several of its functions read is uploaded by `bind`; scratch that one of them alone needs
 * is best made when first called for, since a fused map and a composed one are seldom both in use. All calls only enqueue.
 */
export interface DeviceMap {
  /** out = a(u v^T) */
  image(u: Mat, v: Mat, out: Vec): void;
  /** out = a(du v^T + u dv^T) */
  differential(u: Mat, v: Mat, du: Mat, dv: Mat, out: Vec): void;
  /** Keeps Z = alpha a*(w) for `times`. It may keep `w` itself, which must not change before the last `times`. */
  load(alpha: number, w: Vec): void;
  /** out = Z b + beta out, or with Z^T. */
  times(transposed: boolean, b: Mat, beta: 0 | 1, out: Mat): void;
  /** The map at several matrices at once, the rows of `xs` and of `out`; `measured` and `w` have a column for each. Where `severalAtOnce` says so. */
  readonly several?: {
    images(xs: Mat, measured: Mat): void;
    adjoints(w: Mat, out: Mat): void;
  };
  /** The map with data, for devices that have `fusedKernels`. `data` must not change. */
  fused?(data: Vec): FusedMap;
}

/** A linear map on a device at matrices themselves. All calls only enqueue. */
export interface MatrixDeviceMap {
  /** out = a(x) */
  image(x: Mat, out: Vec): void;
  /** out = alpha a*(w) */
  adjoint(alpha: number, w: Vec, out: Mat): void;
}

/** Some measurements alone, on the live arrays of the device; nothing else is touched or drawn. */
export interface SampledMap {
  /** left += scale Z v, right += scale Z^T u, Z = sum over k in batch of slope(a(u v^T)_k, k) A_k. `right` may be `left`, and u be v. */
  products(u: Mat, v: Mat, slope: (z: number, k: number) => number, batch: Int32Array, scale: number, left: Mat, right: Mat): void;
}

/**
 * Value and products of the residual in one pass over the data:
 *
 *     rho = a(u v^T) - data,   Z = a*(rho),   squares[slot] = |rho|^2,   left = scale Z b,   right = scale Z^T c
 *
 * A gradient has b = v, c = u; the part of the Hessian that the residual gives has b = dv, c = du. Outputs overwrite, and
 * where `b`, `left` or `c`, `right` are absent their half is not computed.
 */
export interface FusedMap {
  residualProducts(u: Mat, v: Mat, scale: number, b: Mat | undefined, left: Mat | undefined, c: Mat | undefined, right: Mat | undefined, squares: Vec, slot: number): void;
  /** left = scale Z b, right = scale Z^T c with Z = a*(data); only where a measures every entry, so that `gramFit` can use it. */
  dataProducts?(scale: number, b: Mat | undefined, left: Mat | undefined, c: Mat | undefined, right: Mat | undefined): void;
  /**
   * The whole Hessian in one pass: left = scale (a*(a(du v^T + u dv^T)) v + Z dv), right = scale (a*(a(du v^T + u dv^T))^T u + Z^T du).
   * An isometry needs it not.
   */
  curvatureProducts?(u: Mat, v: Mat, du: Mat, dv: Mat, scale: number, left: Mat, right: Mat | undefined): void;
}
