import { type Context, type Mat, unitRoundoff, type Vec } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

/**
 * An orthonormal basis v_0, v_1, … that grows by products with a symmetric operator H, orthogonalised against all of it, twice:
 * Lanczos' method, or its band form when it is given more than one vector to begin with (Ruhe 1979).
 *
 * A product is bound by memory: it passes four times over the vectors so far. One read a product.
 */
export class Krylov {
  readonly capacity: number;
  /** Column j: the coefficients of H v_j in the basis. */
  readonly #products: Float64Array[] = [];
  readonly #context: Context<never>;
  readonly #rows: readonly Vec[];
  /** The first k vectors, k = 1 … capacity. */
  readonly #first: readonly Mat[];
  readonly #once: readonly Vec[];
  readonly #twice: readonly Vec[];
  readonly #numbers: Vec;
  readonly #work: Vec;
  readonly #size: number;
  #count = 0;

  /** Room for `products` products of a basis that begins with two vectors at most. */
  constructor(context: Context<never>, size: number, products: number) {
    const { device } = context;
    this.#context = context;
    this.#size = size;
    this.capacity = Math.min(size, products + 2);
    const store = context.scratch(this.capacity * size);
    this.#numbers = context.scratch(2 * this.capacity + 1);
    this.#work = context.scratch(size);
    const each = Array.from({ length: this.capacity }, (_, k) => k);
    this.#rows = each.map((k) => device.view(store, k * size, size));
    this.#first = each.map((k) => device.matrix(store, 0, k + 1, size));
    this.#once = each.map((k) => device.view(this.#numbers, 0, k + 1));
    this.#twice = each.map((k) => device.view(this.#numbers, this.capacity, k + 1));
  }

  get products(): number {
    return this.#products.length;
  }

  /** Whether every vector has been multiplied: the space is invariant, or full. */
  get complete(): boolean {
    return this.products === this.#count;
  }

  clear(): void {
    this.#products.length = 0;
    this.#count = 0;
  }

  /** Adds what of x is new to the basis; gives its length. */
  async add(x: Vec): Promise<number> {
    this.#context.device.kernels.copy(x, this.#work);
    return this.#append((await this.#orthogonalize()).left);
  }

  /** Multiplies the first vector that has not been yet, and adds what is new. */
  async multiply(operator: (v: Vec, out: Vec) => void): Promise<void> {
    operator(this.#rows[this.products]!, this.#work);
    const { left, coefficients } = await this.#orthogonalize();
    const size = Math.sqrt(left * left + coefficients.reduce((sum, c) => sum + c * c, 0));
    const invariant = left <= 8 * unitRoundoff[this.#context.device.dtype] * Math.sqrt(this.#size) * size;
    this.#products.push(Float64Array.of(...coefficients, invariant ? 0 : left));
    if (!invariant) this.#append(left);
  }

  /** V^T H V over the vectors multiplied so far. */
  projected(): Matrix {
    const k = this.products;
    const t = matrix(k, k);
    for (let j = 0; j < k; j++) for (let i = 0; i <= j; i++) t.data[j * k + i] = t.data[i * k + j] = this.#products[j]![i]!;
    return t;
  }

  /** The norm of the part of H V y outside of the vectors multiplied so far. */
  outside(y: Float64Array): number {
    const k = this.products;
    let square = 0;
    for (let l = k; l < Math.max(this.#count, k + 1); l++) {
      let entry = 0;
      for (let j = 0; j < k; j++) entry += (this.#products[j]![l] ?? 0) * y[j]!;
      square += entry * entry;
    }
    return Math.sqrt(square);
  }

  /** out = V y over the vectors multiplied so far. */
  combine(y: Float64Array, out: Vec): void {
    const { device } = this.#context;
    const last = this.products - 1;
    device.write(this.#once[last]!, y);
    device.kernels.gemv('T', 1, this.#first[last]!, this.#once[last]!, 0, out);
  }

  /** Takes the basis out of the work vector: the coefficients, and the length of what is left. */
  async #orthogonalize(): Promise<{ readonly coefficients: Float64Array; readonly left: number }> {
    const { device } = this.#context;
    const { dot, gemv } = device.kernels;
    const last = this.#count - 1;
    const [basis, once, twice] = [this.#first[last], this.#once[last], this.#twice[last]];
    if (basis !== undefined) {
      for (const pass of [once!, twice!]) {
        gemv('N', 1, basis, this.#work, 0, pass);
        gemv('T', -1, basis, pass, 1, this.#work);
      }
    }
    dot(this.#work, this.#work, this.#numbers, 2 * this.capacity);
    const read = await device.read(this.#numbers);
    return {
      coefficients: Float64Array.from({ length: this.#count }, (_, i) => read[i]! + read[this.capacity + i]!),
      left: Math.sqrt(read[2 * this.capacity]!),
    };
  }

  #append(length: number): number {
    if (length > 0 && this.#count < this.capacity) {
      const { copy, scal } = this.#context.device.kernels;
      const row = this.#rows[this.#count++]!;
      copy(this.#work, row);
      scal(1 / length, row);
    }
    return length;
  }
}
