/** A Float64Array that grows by doubling. */
export class GrowableFloats {
  #data = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#data.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.length++] = value;
  }

  /** What was pushed, without spare room. */
  take(): Float64Array {
    return this.#data.slice(0, this.length);
  }
}

/** An Int32Array that grows by doubling. */
export class GrowableInts {
  #data = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#data.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.length++] = value;
  }

  take(): Int32Array {
    return this.#data.slice(0, this.length);
  }
}

/** The line of every entry, in little room: only where lines do not follow each other is anything stored. */
export class EntryLines {
  readonly #entries = new GrowableFloats();
  readonly #lines = new GrowableFloats();
  #count = 0;
  #next = -1;

  push(line: number): void {
    if (line !== this.#next) {
      this.#entries.push(this.#count);
      this.#lines.push(line);
    }
    this.#count++;
    this.#next = line + 1;
  }

  /** A look-up for what was pushed so far. */
  lookup(): (entry: number) => number {
    const entries = this.#entries.take();
    const lines = this.#lines.take();
    return (entry) => {
      let low = 0;
      let high = entries.length;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (entries[middle]! <= entry) low = middle;
        else high = middle;
      }
      return lines[low]! + entry - entries[low]!;
    };
  }
}
