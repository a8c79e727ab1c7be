/** Keeps the last few things that were made, by what they were made of: data and objectives of large problems take long to make. */
export class Remembered<T> {
  readonly #most: number;
  readonly #made = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  /** What was made of `key`, as JSON tells it. */
  of(key: unknown, make: () => T): T {
    const text = JSON.stringify(key);
    const found = this.#made.get(text) ?? make();
    this.#made.delete(text);
    this.#made.set(text, found);
    for (const old of this.#made.keys()) if (this.#made.size > this.#most) this.#made.delete(old);
    return found;
  }
}
