import { type Heap, packed, turned } from './heap.ts';

/** Bytes of the rows that are multiplied twice while they are near, of those that are multiplied by all lanes while they are nearest; rows at once, at most. */
const [near, nearest, most] = [2 ** 18, 2 ** 15, 32] as const;

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
   * Some rows at a time and pieces of these, so that each number comes from memory once for all lanes; sums go on from piece to piece.
   */
  through(begin: number | undefined, weigh?: (first: number, end: number) => void): void {
    const [heap, size, count] = [this.#heap, this.#size, this.#count];
    const { lanes } = heap;
    const width = this.#shared ? 1 : lanes;
    const bytes = heap.numbers.BYTES_PER_ELEMENT * width;
    const high = Math.max(8, Math.min(most, 8 * Math.floor(near / (8 * size * bytes))));
    const pieces = Math.ceil((size * high * bytes) / nearest);
    const wide = 4 * Math.ceil(size / pieces / 4);
    for (let first = 0; first < count; first += high) {
      const rows = Math.min(high, count - first);
      const image = packed(this.image + first * lanes, 1);
      const start = begin === undefined ? undefined : packed(begin + first * lanes, 1);
      const piece = (from: number) => ({ items: Math.min(wide, size - from), numbers: packed(this.#rows + (first * size + from) * width, size) });
      for (let from = 0; from < size; from += wide) {
        const { items, numbers } = piece(from);
        const [signal, before] = [packed(this.signal + from * lanes, 1), from === 0 ? start : image];
        if (this.#shared) heap.sharedProduct(rows, items, numbers, signal, image, before);
        else heap.product(rows, 1, items, numbers, signal, image, before);
      }
      weigh?.(first, first + rows);
      for (let from = 0; from < size; from += wide) {
        const { items, numbers } = piece(from);
        const back = packed(this.back + from * lanes, 1);
        const before = first === 0 ? undefined : back;
        if (this.#shared) heap.sharedProduct(items, rows, turned(numbers), image, back, before);
        else heap.product(items, 1, rows, turned(numbers), image, back, before);
      }
    }
  }
}
