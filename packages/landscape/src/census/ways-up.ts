/**
 * From the minima that were found towards the saddles above them.
 */
import { matrix, symmetricEigen } from '@lowland/linalg';

import { followEigenvector } from './eigenvector-following.ts';
import type { HostModel } from './host-model.ts';

export interface WaysUpOptions {
  /** Eigenvectors that are followed from each minimum, both ways. */
  readonly follow: number;
  /** |grad f| that counts as 0. */
  readonly goal: number;
  /** Length of a point of the unit. */
  readonly size: number;
  /** Dimensions of the orbits at most. */
  readonly orbit: number;
  readonly progress?: ((stage: 'up from minima', done: number, of: number) => void) | undefined;
}

/**
 * Near saddles: where the eigenvectors of the minima lead, those of the orbit left out. Of minima of one value that are flat beyond the
 * orbit (`orbit` dimensions at most), as on a continuum, the first is followed.
 */
export function* waysUp(model: HostModel, points: readonly { readonly x: Float64Array }[], { follow, goal, size, orbit, progress }: WaysUpOptions): Generator<Float64Array> {
  const n = model.size;
  const hessian = matrix(n, n);
  const known = follow === 0 ? [] : [...points];
  const flat: number[] = [];
  const room = 1e-9 * Math.abs(model.value(new Float64Array(n)));
  for (const [at, { x }] of known.entries()) {
    progress?.('up from minima', at, known.length);
    model.hessian(x, hessian);
    const { values, vectors } = symmetricEigen(hessian);
    const cut = 1e-6 * Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
    if (values[n - 1]! < -cut) continue;
    if (values.filter((value) => value <= cut).length > orbit) {
      const value = model.value(x);
      if (flat.some((other) => Math.abs(other - value) <= room)) continue;
      flat.push(value);
    }
    for (let k = n - 1, count = 0; k >= 0 && count < follow; k--) {
      if (values[k]! <= cut) continue;
      count++;
      for (const sign of [1, -1]) {
        const direction = Float64Array.from({ length: n }, (_, i) => sign * vectors.data[i * n + k]!);
        const end = followEigenvector(model, x, direction, { goal: 1e5 * goal, radius: 0.05 * size, maxSteps: 200 });
        if (end !== undefined) yield end;
      }
    }
  }
}
