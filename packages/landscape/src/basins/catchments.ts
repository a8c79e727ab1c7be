/**
 * Stationary points that starts lead to, one for each orbit, and which point of a finite orbit it was.
 */
import { matrix, symmetricEigenvalues } from '@lowland/linalg';

import type { HostModel } from '../census/host-model.ts';
import { polish } from '../census/levenberg-marquardt.ts';
import type { Action } from '../groups/action.ts';

export interface Catchment {
  readonly x: Float64Array;
  readonly invariant: Float64Array;
  /** Points of a finite orbit that were reached, or representatives of both components of one that has two; the first is `x`. */
  readonly copies: Float64Array[];
}

export interface CatchmentSettings {
  readonly action: Action;
  readonly model: HostModel;
  /** Length of a point of the unit. */
  readonly size: number;
  /** Points closer than this part of the unit are the same. */
  readonly same: number;
  /** Whether orbits are finite sets of points. */
  readonly finite: boolean;
  /** Orbits that are told apart at most. */
  readonly most: number;
  /** Whether Hessians may be formed, for Newton's method. */
  readonly dense: boolean;
}

/** Gathers stationary points as starts reach them. */
export class Catchments {
  readonly list: Catchment[] = [];
  readonly #settings: CatchmentSettings;

  constructor(settings: CatchmentSettings) {
    this.#settings = settings;
  }

  /** Number of the orbit and of the point within it; undefined where there is no room for another orbit. */
  place(reached: Float64Array): { readonly orbit: number; readonly copy: number } | undefined {
    const { action, most } = this.#settings;
    const known = this.#find(action.invariant(reached));
    if (known >= 0) return { orbit: known, copy: this.#copy(this.list[known]!, reached) };
    // Where it ended is not exactly where it would: what looks new may be known.
    const x = this.#polished(reached);
    const invariant = action.invariant(x);
    let orbit = this.#find(invariant);
    if (orbit < 0) {
      if (this.list.length >= most) return undefined;
      orbit = this.list.push({ x, invariant, copies: [x] }) - 1;
    }
    return { orbit, copy: this.#copy(this.list[orbit]!, x) };
  }

  #polished(x: Float64Array): Float64Array {
    const { model, dense, size } = this.#settings;
    if (!dense) return x;
    const polished = polish(model, x).x;
    return distance(polished, x) <= 0.05 * size ? polished : x;
  }

  #find(invariant: Float64Array): number {
    const { action, same, size } = this.#settings;
    return this.list.findIndex((entry) => distance(entry.invariant, invariant) <= same * size ** action.degree);
  }

  #copy({ x: first, copies }: Catchment, x: Float64Array): number {
    const { action, finite, same, size } = this.#settings;
    if (finite) {
      // the invariant is quadratic for signs: as close as its tolerance allows near 0
      const near = copies.findIndex((copy) => distance(copy, x) <= Math.max(same, action.degree === 2 ? Math.sqrt(same) : 0) * size);
      return near >= 0 ? near : copies.push(this.#polished(x)) - 1;
    }
    if (!action.orbit(first, 1e-3 * size).twofold || action.align(first, x).component === 0) return 0;
    if (copies.length === 1) copies.push(this.#polished(x));
    return 1;
  }
}

/** Descending directions: eigenvalues of the Hessian below -1e-7 of the largest in size. Those along an orbit are 0. Null where there is no Hessian. */
export function morseIndex(model: HostModel, x: Float64Array): number | null {
  const hessian = matrix(model.size, model.size);
  model.hessian(x, hessian);
  if (!hessian.data.every(Number.isFinite)) return null;
  const values = symmetricEigenvalues(hessian);
  const cut = 1e-7 * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.filter((value) => value < -cut).length;
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
