import { normals, type StreamKey } from '@lowland/core';

import { matrix, type Matrix } from './matrix.ts';
import { axpy, dot, norm } from './vector.ts';

/**
 * A growing orthonormal basis of a subspace of ℝⁿ that stays orthogonal to a fixed, deflated one.
 *
 * Every vector is orthogonalised twice against all others (Gram–Schmidt, four at a time), so orthogonality holds to rounding whatever
 * the spectrum: one pass would not do, since what is left of it grows from step to step. The deflated subspace comes between the two
 * passes, and again at the end only where it took away much: operators that (nearly) leave it invariant read it once.
 * Bound by memory: each pass reads the whole basis once for 4 flops per entry.
 */
export class KrylovBasis {
  readonly size: number;
  /** The orthonormal vectors so far, each of `size` entries. */
  readonly vectors: Float64Array[] = [];
  readonly #deflated: Float64Array[];
  readonly #key: StreamKey;
  #draws = 0;

  /** @param deflate Orthonormal columns to stay orthogonal to. */
  constructor(size: number, key: StreamKey, deflate?: Matrix) {
    this.size = size;
    this.#key = key;
    this.#deflated = deflate === undefined ? [] : columnsOf(deflate);
  }

  get count(): number {
    return this.vectors.length;
  }

  /** How many vectors the complement of the deflated subspace has room for. */
  get capacity(): number {
    return this.size - this.#deflated.length;
  }

  /** Takes the basis and the deflated subspace out of w; returns what is left of its norm, adds the coefficients to `coefficients`. */
  orthogonalize(w: Float64Array, coefficients?: Float64Array): number {
    removeFrom(w, this.vectors, coefficients);
    const before = norm(w);
    removeFrom(w, this.#deflated);
    const after = norm(w);
    removeFrom(w, this.vectors, coefficients);
    if (!(after > before / 2)) removeFrom(w, this.#deflated);
    return norm(w);
  }

  /** Adds a copy of w / length, for a w that `orthogonalize` returned with that length. */
  push(w: Float64Array, length: number): void {
    this.vectors.push(w.map((x) => x / length));
  }

  /** Adds a direction drawn uniformly from the orthogonal complement; false when the basis is full. */
  pushRandom(): boolean {
    if (this.count >= this.capacity) return false;
    const w = new Float64Array(this.size);
    for (;;) {
      normals(this.#key, w, this.#draws * this.size);
      this.#draws += 1;
      const before = norm(w);
      const left = this.orthogonalize(w);
      // In a nearly full space most of a draw cancels: normalise and clean once more, or draw again.
      if (left <= 1e-10 * before) continue;
      for (let i = 0; i < w.length; i++) w[i] = w[i]! / left;
      const length = this.orthogonalize(w);
      this.push(w, length);
      return true;
    }
  }

  /** The combinations Σ_j vectors[j]·weights(j, c), one for each column c of `weights` from `from` on, `count` of them. */
  combine(weights: Matrix, from: number, count: number): Matrix {
    const out = matrix(this.size, count);
    const column = new Float64Array(this.size);
    for (let c = 0; c < count; c++) {
      column.fill(0);
      for (let j = 0; j < weights.rows; j++) axpy(weights.data[j * weights.cols + from + c]!, this.vectors[j]!, column);
      for (let i = 0; i < this.size; i++) out.data[i * count + c] = column[i]!;
    }
    return out;
  }
}

function columnsOf(a: Matrix): Float64Array[] {
  return Array.from({ length: a.cols }, (_, j) => {
    const out = new Float64Array(a.rows);
    for (let i = 0; i < a.rows; i++) out[i] = a.data[i * a.cols + j]!;
    return out;
  });
}

/** Whether a remainder is rounding on the operator's scale (or subnormal): the Krylov space is then invariant. */
export function isBreakdown(remainder: number, size: number, scale: number): boolean {
  return remainder <= Math.max((10 + Math.sqrt(size)) * 2 ** -50 * scale, 2 ** -1022);
}

/** w loses its components along orthonormal vectors, in groups of four so that w is read a quarter as often. */
function removeFrom(w: Float64Array, vectors: readonly Float64Array[], coefficients?: Float64Array): void {
  const whole = vectors.length - (vectors.length % 4);
  for (let j = 0; j < whole; j += 4) {
    const a = vectors[j]!;
    const b = vectors[j + 1]!;
    const c = vectors[j + 2]!;
    const d = vectors[j + 3]!;
    let p = 0;
    let q = 0;
    let r = 0;
    let s = 0;
    for (let i = 0; i < w.length; i++) {
      const wi = w[i]!;
      p += a[i]! * wi;
      q += b[i]! * wi;
      r += c[i]! * wi;
      s += d[i]! * wi;
    }
    for (let i = 0; i < w.length; i++) w[i] = w[i]! - (p * a[i]! + q * b[i]! + (r * c[i]! + s * d[i]!));
    if (coefficients === undefined) continue;
    coefficients[j] = coefficients[j]! + p;
    coefficients[j + 1] = coefficients[j + 1]! + q;
    coefficients[j + 2] = coefficients[j + 2]! + r;
    coefficients[j + 3] = coefficients[j + 3]! + s;
  }
  for (let j = whole; j < vectors.length; j++) {
    const c = dot(vectors[j]!, w);
    axpy(-c, vectors[j]!, w);
    if (coefficients !== undefined) coefficients[j] = coefficients[j]! + c;
  }
}
