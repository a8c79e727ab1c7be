/**
 * What computes: a backend opens a device, a device has memory and kernels.
 *
 * Kernels only enqueue. Reductions write a slot of a device vector, so that a step that needs three
 * numbers reads once. Only `read` and `scalar` may return a promise.
 */
import type { Layout } from './layout.ts';
import type { StreamKey } from './philox.ts';

export type MaybePromise<T> = T | Promise<T>;
export type Dtype = 'f64' | 'f32';

/**
 * Opaque device vector; a view is also a Vec, its offset counted in elements.
 * The brand is a string key: a unique symbol would make two copies of core incompatible.
 */
export interface Vec {
  readonly length: number;
  readonly '~vec': true;
}

/** Index array on the device, such as the rows and columns of observations. */
export interface Ints {
  readonly length: number;
  readonly '~ints': true;
}

/** A Vec with a matrix shape (row-major); made once at start, never in a step. */
export interface Mat extends Vec {
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;
}

/** As it is, transposed, conjugate transposed. */
export type Transpose = 'N' | 'T' | 'C';

/**
 * The closed base set: every backend has all of these, under these names.
 *
 * Alias rule: `out` shares no vector with an input; views of one vector count as sharing.
 * `copy`, `axpy` and `scal` may have `out` and input whole and identical.
 */
export interface BaseKernels {
  /** out = x */
  copy(x: Vec, out: Vec): void;
  /** out[i] = value */
  fill(out: Vec, value: number): void;
  /** out += alpha x */
  axpy(alpha: number, x: Vec, out: Vec): void;
  /** out *= alpha */
  scal(alpha: number, out: Vec): void;
  /** out[at] = <x, y>. Here alone x may be y. */
  dot(x: Vec, y: Vec, out: Vec, at?: number): void;
  /** out = alpha op(a) op(b) + beta out. beta = 0 overwrites, also what is not finite. */
  gemm(ta: Transpose, tb: Transpose, alpha: number, a: Mat, b: Mat, beta: number, out: Mat): void;
  /** out = alpha op(a) x + beta out */
  gemv(t: Transpose, alpha: number, a: Mat, x: Vec, beta: number, out: Vec): void;
  /** out = b (a + shift I)^-1 for r x r symmetric positive definite a: the small solve stays on the device. A failed Cholesky writes NaN. */
  posvRight(a: Mat, shift: number, b: Mat, out: Mat): void;
  /** out[k] = <u[row[k], :], v[col[k], :]> (sampled dense-dense product) */
  sddmm(row: Ints, col: Ints, u: Mat, v: Mat, out: Vec): void;
  /** out = S b, S the sparse matrix with S[row[k], col[k]] = values[k]; with `transposed` out = S^T b. Overwrites. */
  spmm(row: Ints, col: Ints, values: Vec, b: Mat, out: Mat, transposed: boolean): void;
  /** out[i] = x[i] y[i] */
  mul(x: Vec, y: Vec, out: Vec): void;
  /** out[i] = the i-th standard normal of the stream. The Philox words are bit-equal everywhere, the normals on every CPU device. */
  normal(key: StreamKey, out: Vec): void;
}

/**
 * Fused and extra kernels: an open interface that packages extend by declaration merging;
 * the signature lives below both the objective and the backend, in linalg.
 */
export interface ExtraKernels {
  /** A marker, not callable: the device has `host()`. */
  host: true;
  /** A marker, not callable: the device is `sync`, in either number type, and computing on the host is as good as on the device. */
  immediate: true;
  /** out[i] = the i-th number of the stream by the lattice rule (`latticeNormals`): the same bits on every device, GPUs included. */
  latticeNormal(key: StreamKey, out: Vec): void;
}

export type Kernels = BaseKernels & Partial<ExtraKernels>;
export type KernelName = keyof BaseKernels | keyof ExtraKernels;

/** The closed list as data: what `plan()` and the backend suite read. */
export const baseKernelNames = [
  'copy',
  'fill',
  'axpy',
  'scal',
  'dot',
  'gemm',
  'gemv',
  'posvRight',
  'sddmm',
  'spmm',
  'mul',
  'normal',
] as const satisfies readonly (keyof BaseKernels)[];

/** An arena: disposing it frees everything it gave. The driver owns one per binding and one per run. */
export interface Memory extends Disposable {
  /** A new vector of zeros. */
  vector(length: number): Vec;
  integers(data: Int32Array): Ints;
}

export interface Device extends Disposable {
  readonly dtype: Dtype;
  /** Whether reads return at once. */
  readonly sync: boolean;
  readonly kernels: Kernels;
  memory(): Memory;
  view(x: Vec, offset: number, length: number): Vec;
  matrix(x: Vec, offset: number, rows: number, cols: number, complex?: boolean): Mat;
  write(x: Vec, data: Float64Array): void;
  /** A copy of the vector's numbers, in f64. */
  read(x: Vec): MaybePromise<Float64Array>;
  /** x[at] without the array: the only hot read. */
  scalar(x: Vec, at?: number): MaybePromise<number>;
  /** Block views of a vector with this layout, remembered on the handle. A block of k > 2 dimensions comes as shape[0] x (the rest). */
  blocks(x: Vec, layout: Layout): Readonly<Record<string, Mat>>;
  /**
   * Only where `sync` and f64: the live array. Look it up anew after anything that may allocate, since memory may move; and hold on to the
   * memory that gave `x`, which the array alone does not keep. Routes that use it name the kernel `host`.
   */
  host?(x: Vec): Float64Array;
}

export interface Backend {
  readonly id: string;
  readonly dtype: Dtype;
  /** Whether its devices read at once. */
  readonly sync: boolean;
  readonly kernels: ReadonlySet<KernelName>;
  readonly limits: { readonly bytes: number; readonly bufferBytes: number };
  /** `bits`: same inputs, same bits; `tolerance`: the order of reductions may vary. */
  readonly determinism: 'bits' | 'tolerance';
  /** What else decides how it computes, for records of runs: kernels, threads, a library. */
  readonly details?: Readonly<Record<string, string | number>>;
  open(): MaybePromise<Device>;
  /** Ends what runs beside the devices, such as threads; only where there is such a thing. Its devices are disposed before. */
  [Symbol.asyncDispose]?(): Promise<void>;
}
