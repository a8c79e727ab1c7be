import { normals, type StreamKey } from '@lowland/core';

import { matrix, type Matrix } from './matrix.ts';
import { axpy, dot, norm, scale } from './vector.ts';

/**
 * A growing orthonormal basis of a subspace of ℝⁿ that stays orthogonal to a fixed, deflated one.
 *
 * Every vector is orthogonalised twice against all others (modified Gram–Schmidt), so orthogonality holds to rounding whatever
 * the spectrum. Bound by memory: each pass reads the whole basis once for 4 flops per entry.
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
    for (let pass = 0; pass < 2; pass++) {
      for (const q of this.#deflated) axpy(-dot(q, w), q, w);
      for (let j = 0; j < this.vectors.length; j++) {
        const v = this.vectors[j]!;
        const c = dot(v, w);
        axpy(-c, v, w);
        if (coefficients !== undefined) coefficients[j] = coefficients[j]! + c;
      }
    }
    return norm(w);
  }

  /** Adds a copy of w / length, for a w that `orthogonalize` returned with that length. */
  push(w: Float64Array, length: number): void {
    const v = w.slice();
    scale(1 / length, v);
    this.vectors.push(v);
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
      scale(1 / left, w);
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

/** A remainder this small relative to the operator's scale is rounding: the Krylov space is invariant. */
export function breakdownTolerance(size: number): number {
  return (10 + Math.sqrt(size)) * 2 ** -50;
}
