/**
 * The isolated solutions of a polynomial system, each proved to be alone in a ball and all balls apart.
 */
import type { StreamKey } from '@lowland/core';

import { isolate, type Isolated } from './isolate.ts';
import type { ComplexVector, PolynomialSystem } from './polynomial-system.ts';
import { trackAll } from './track.ts';

interface Solution extends Isolated {
  readonly real: boolean;
}

export interface Solutions {
  readonly found: readonly Solution[];
  /** Paths of the last attempt that ran to infinity. */
  readonly infinite: number;
  /** Ends of the last attempt at solutions that are not isolated, or where a path could not be followed. */
  readonly unresolved: readonly ComplexVector[];
}

/**
 * Follows all d^n paths, each time with another constant, until each of them has an end of its own (none was lost, no two at one isolated solution, which
 * means that one has jumped to another), or the attempts are over.
 */
export function solutionsOf(system: PolynomialSystem, key: (attempt: number) => StreamKey, attempts: number): Solutions {
  const { variables: n, degree } = system.monomials;
  const bezout = degree ** n;
  const found: Solution[] = [];
  let infinite = 0;
  let unresolved: ComplexVector[] = [];
  let astray = 1;
  for (let attempt = 0; attempt < attempts && found.length < bezout && astray > 0; attempt++) {
    infinite = 0;
    astray = 0;
    unresolved = [];
    const reached: Solution[] = [];
    for (const { end, x } of trackAll(system, { key: key(attempt) })) {
      const solution = end === 'finite' ? proved(system, x, n) : undefined;
      if (solution !== undefined) {
        if (found.every((other) => apart(other, solution, n))) found.push(solution);
        if (!reached.every((other) => apart(other, solution, n))) astray++;
        reached.push(solution);
        continue;
      }
      if (end === 'failed') astray++;
      if (end === 'infinite') infinite++;
      else unresolved.push(x);
    }
  }
  return { found, infinite, unresolved };
}

function proved(system: PolynomialSystem, x: ComplexVector, n: number): Solution | undefined {
  const real = x.slice();
  real.fill(0, n);
  // A ball about a real point holds the conjugate of what it holds, and there is one solution in it.
  const asReal = x.subarray(n).every((im) => Math.abs(im) < 1e-8) ? isolate(system, real) : undefined;
  if (asReal !== undefined) return { ...asReal, real: true };
  const isolated = isolate(system, x);
  if (isolated === undefined) return undefined;
  return x.subarray(n).some((im) => Math.abs(im) > isolated.radius) ? { ...isolated, real: false } : undefined;
}

function apart(a: Isolated, b: Isolated, n: number): boolean {
  for (let j = 0; j < n; j++) if (Math.hypot(a.x[j]! - b.x[j]!, a.x[n + j]! - b.x[n + j]!) > a.radius + b.radius) return true;
  return false;
}
