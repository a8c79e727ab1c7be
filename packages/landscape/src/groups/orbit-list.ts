/**
 * Orbits told apart by the invariant of a group action, each with what is known of it.
 */
import type { Action } from './action.ts';

export class OrbitList<T> {
  readonly entries: T[] = [];
  readonly #invariants: Float64Array[] = [];
  readonly #action: Action;
  readonly #tolerance: number;

  /** @param same points closer than this part of `size` are of one orbit */
  constructor(action: Action, same: number, size: number) {
    this.#action = action;
    this.#tolerance = same * size ** action.degree;
  }

  /** The place of the orbit of x; -1 where it is not on the list. */
  find(x: Float64Array): number {
    const invariant = this.#action.invariant(x);
    return this.#invariants.findIndex((other) => distance(other, invariant) <= this.#tolerance);
  }

  /** The place of the orbit of x, which is put on the list where it is not there. */
  place(x: Float64Array, make: () => T): number {
    const at = this.find(x);
    if (at >= 0) return at;
    this.#invariants.push(this.#action.invariant(x));
    return this.entries.push(make()) - 1;
  }
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
