import type { TraceView } from './types.ts';

/** Observations at most: above, every other one is left out, so that charts stay quick. */
const most = 40_000;

/** Columns that grow. */
export class Columns {
  #columns: readonly Float64Array[] = Array.from({ length: 4 }, () => new Float64Array(256));
  #length = 0;
  /** Of what was told, one row in so many is kept. */
  #stride = 1;
  #told = 0;

  /** Rows one after another: iteration, seconds, value, gradient norm. */
  add(rows: Float64Array): void {
    for (let k = 0; k + 3 < rows.length; k += 4) {
      if (this.#told++ % this.#stride !== 0) continue;
      if (this.#length === most) this.#thin();
      if (this.#length === this.#columns[0]!.length) this.#columns = this.#columns.map((column) => enlarged(column));
      this.#columns.forEach((column, c) => { column[this.#length] = rows[k + c]!; });
      this.#length++;
    }
  }

  /** Takes back what is after an iteration. */
  back(iteration: number): void {
    const [iterations] = this.#columns;
    while (this.#length > 0 && iterations![this.#length - 1]! > iteration) this.#length--;
    this.#told = this.#length * this.#stride;
  }

  view(): TraceView {
    const [iteration, seconds, value, gradientNorm] = this.#columns.map((column) => column.slice(0, this.#length)) as unknown as readonly [Float64Array, Float64Array, Float64Array, Float64Array];
    return { iteration, seconds, value, gradientNorm };
  }

  #thin(): void {
    for (const column of this.#columns) for (let k = 0; 2 * k < this.#length; k++) column[k] = column[2 * k]!;
    this.#length = Math.ceil(this.#length / 2);
    this.#stride *= 2;
  }
}

function enlarged(column: Float64Array): Float64Array {
  const larger = new Float64Array(2 * column.length);
  larger.set(column);
  return larger;
}
