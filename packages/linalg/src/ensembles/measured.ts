import { type Heap, packed, turned } from './heap.ts';

/** Numbers of the rows that are multiplied twice while they are near. */
const near = 2048;

/** Matrices of measurements on a heap, count x size, one for all lanes or one for each: products with them, entries in order. */
export class Measured {
  /** What is measured, so many items. */
  readonly signal: number;
  /** The numbers measured. */
  readonly image: number;
  /** What comes back, so many as are measured. */
  readonly back: number;
  /** Minus the data. */
  readonly negativeData: number;
  readonly #heap: Heap;
  readonly #count: number;
  readonly #size: number;
  readonly #matrices: Float64Array;
  readonly #data: Float64Array;
  readonly #dataCount: number;
  readonly #rows: number;
  readonly #shared: boolean;

  /** @param matrices count x size numbers, or so many for each problem; data likewise, fewer than `count` where several rows are of one datum */
  constructor(heap: Heap, count: number, size: number, matrices: Float64Array, data: Float64Array, dataCount = count) {
    const length = count * size;
    this.#heap = heap;
    this.#count = count;
    this.#size = size;
    this.#matrices = matrices;
    this.#data = data;
    this.#dataCount = dataCount;
    this.#shared = matrices.length === length;
    this.negativeData = heap.place(dataCount);
    this.signal = heap.place(size);
    this.image = heap.place(count);
    this.back = heap.place(size);
    this.#rows = heap.place(this.#shared ? Math.ceil(length / heap.lanes) : length);
    if (this.#shared) heap.numbers.set(matrices, this.#rows);
  }

  /** Takes the data of problem k, and its matrix. */
  select(lane: number, k: number): void {
    const { numbers, lanes } = this.#heap;
    const from = this.#data.length === this.#dataCount ? 0 : k * this.#dataCount;
    for (let i = 0, p = this.negativeData + lane; i < this.#dataCount; i++, p += lanes) numbers[p] = -this.#data[from + i]!;
    if (this.#shared) return;
    const length = this.#count * this.#size;
    for (let e = 0, p = this.#rows + lane, q = k * length; e < length; e++, p += lanes, q++) numbers[p] = this.#matrices[q]!;
  }

  /**
   * image_k = number k of `begin` (else 0) + sum of the products of row k and the signal, in the order of entries; `weigh` makes w of the numbers measured from one to another, in
   * place; back = sum of w_k times row k, in the order of k, from 0.
   *
   * Some rows at a time, so that each number comes from memory once for all lanes.
   */
  through(begin: number | undefined, weigh?: (first: number, end: number) => void): void {
    const [heap, size, signal, back] = [this.#heap, this.#size, packed(this.signal, 1), packed(this.back, 1)];
    const { lanes } = heap;
    const high = 8 * Math.max(1, Math.floor(near / (8 * size)));
    for (let first = 0; first < this.#count; first += high) {
      const rows = Math.min(high, this.#count - first);
      const image = packed(this.image + first * lanes, 1);
      const numbers = packed(this.#rows + first * size * (this.#shared ? 1 : lanes), size);
      const start = begin === undefined ? undefined : packed(begin + first * lanes, 1);
      if (this.#shared) heap.sharedProduct(rows, size, numbers, signal, image, start);
      else heap.product(rows, 1, size, numbers, signal, image, start);
      weigh?.(first, first + rows);
      const before = first === 0 ? undefined : back;
      if (this.#shared) heap.sharedProduct(size, rows, turned(numbers), image, back, before);
      else heap.product(size, 1, rows, turned(numbers), image, back, before);
    }
  }
}
