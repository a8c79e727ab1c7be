import type { Block, Heap } from './heap.ts';

/** A matrix of measurements on a heap, count x size, by rows and by columns, one problem's at a time: products with it, entries in order. */
export class Measured {
  /** What is measured, 1 x size. */
  readonly signal: Block;
  /** The numbers measured, 1 x count. */
  readonly image: Block;
  /** What comes back, 1 x size. */
  readonly back: Block;
  /** Minus the data, 1 x count. */
  readonly negativeData: Block;
  readonly #heap: Heap;
  readonly #count: number;
  readonly #size: number;
  readonly #matrices: Float64Array;
  readonly #data: Float64Array;
  readonly #dataCount: number;
  readonly #rows: Block;
  readonly #columns: Block;
  /** Where the matrix that is held lies among those given. */
  #held = -1;

  /** @param matrices count x size numbers, or so many for each problem; data likewise, fewer than `count` where several rows are of one datum */
  constructor(heap: Heap, count: number, size: number, matrices: Float64Array, data: Float64Array, dataCount = count) {
    this.#heap = heap;
    this.#count = count;
    this.#size = size;
    this.#matrices = matrices;
    this.#data = data;
    this.#dataCount = dataCount;
    this.negativeData = heap.place(1, dataCount);
    this.signal = heap.place(1, size);
    this.image = heap.place(1, count);
    this.back = heap.place(1, size);
    this.#rows = heap.place(count, size);
    this.#columns = heap.place(size, count);
  }

  /** Takes the matrix of problem k. */
  select(k: number): void {
    const { numbers } = this.#heap;
    const from = this.#data.length === this.#dataCount ? 0 : k * this.#dataCount;
    for (let i = 0; i < this.#dataCount; i++) numbers[this.negativeData.at + i] = -this.#data[from + i]!;
    const length = this.#count * this.#size;
    const at = this.#matrices.length === length ? 0 : k * length;
    if (at === this.#held) return;
    this.#held = at;
    for (let i = 0, p = at; i < this.#count; i++) {
      for (let j = 0; j < this.#size; j++, p++) {
        const value = this.#matrices[p]!;
        numbers[this.#rows.at + i * this.#rows.row + j] = value;
        numbers[this.#columns.at + j * this.#columns.row + i] = value;
      }
    }
  }

  /** image_k = number k of `begin` (else 0) + sum of the products of row k and the signal, in the order of entries. */
  forward(begin?: Block): void {
    this.#heap.product(this.#size, this.signal, this.#columns, this.image, begin);
  }

  /** back = sum of w_k times row k, in the order of k, from 0. */
  backward(w: Block): void {
    this.#heap.product(this.#count, w, this.#rows, this.back);
  }
}
