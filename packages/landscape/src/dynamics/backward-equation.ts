/** Mean exit times in the plane, by the backward Kolmogorov equation. */
import { LowlandError } from '@lowland/core';

import { bandSolve } from './band-solve.ts';

export interface ExitProblem {
  readonly value: (x: number, y: number) => number;
  /** Inverse temperature, above 0. */
  readonly beta: number;
  /** a in J = a [[0, 1], [-1, 0]]; default 0. */
  readonly strength?: number;
  readonly start: readonly [number, number];
  /** Exit is where this is at least 0; between grid points its zero is found by linear interpolation. */
  readonly target: (x: number, y: number) => number;
  /** Where f is above it nothing comes by: some 10 / beta above the saddle. The domain ends there. */
  readonly ceiling: number;
  /** h; grid points are its multiples. */
  readonly spacing: number;
}

export interface ExitTimeField {
  /** E tau from a point of the domain, linear between grid points; 0 in the target, NaN beyond the ceiling. */
  readonly at: (x: number, y: number) => number;
  /** E tau from the start. */
  readonly time: number;
  /** Unknowns of the linear system. */
  readonly nodes: number;
}

const mostNodes = 400_000;

/**
 * E tau of dX = -(I + J) grad f dt + sqrt(2 / beta) dW from every point of a grid: the solution of
 *
 *     (1 / beta) lap tau - ((I + J) grad f) . grad tau = -1,    tau = 0 in the target, no flow through the ceiling,
 *
 * by finite volumes. The reversible part has the fluxes of Scharfetter and Gummel, the rotation those of the stream function e^(-beta f) at
 * the corners of the cells; so e^(-beta f) is invariant for the scheme itself, and the error is O(h^2). One banded elimination: n b^2
 * multiply-adds for n nodes, b of them across. Two grids give `richardson`.
 *
 * @throws LOWLAND_E_OPTIONS when the start is beyond the ceiling, no exit is below it, or the grid would have more than 400,000 nodes
 */
export function meanExitTimes({ value, beta, strength = 0, start, target, ceiling, spacing: h }: ExitProblem): ExitTimeField {
  if (!(beta > 0 && h > 0 && Number.isFinite(beta + h + strength))) throw new LowlandError('LOWLAND_E_OPTIONS', `beta and the spacing are above 0; ${beta} and ${h} were given.`);
  const f = remembered((i, j) => value(i * h, j * h));
  /** At the corner above and to the right of node (i, j). */
  const corner = remembered((i, j) => value((i + 0.5) * h, (j + 0.5) * h));
  const level = (i: number, j: number): number => target(i * h, j * h);
  const inside = (i: number, j: number): boolean => f(i, j) <= ceiling;

  const { nodes, touchesTarget } = connected(Math.round(start[0] / h), Math.round(start[1] / h));
  if (!touchesTarget) throw new LowlandError('LOWLAND_E_OPTIONS', `No point of the target can be reached below the ceiling ${ceiling}; raise it, or refine the grid.`);
  // Along the shorter side first, so that the band is narrow.
  const extent = (axis: 0 | 1): number => nodes.reduce((most, node) => Math.max(most, node[axis]), -Infinity) - nodes.reduce((least, node) => Math.min(least, node[axis]), Infinity);
  const [slow, fast] = extent(0) >= extent(1) ? ([0, 1] as const) : ([1, 0] as const);
  nodes.sort((a, b) => a[slow] - b[slow] || a[fast] - b[fast]);
  const place = new Map(nodes.map(([i, j], k) => [keyOf(i, j), k]));
  let width = 1;
  for (const [k, [i, j]] of nodes.entries()) for (const [di, dj] of sides) width = Math.max(width, (place.get(keyOf(i + di, j + dj)) ?? k) - k);

  const unit = 1 / (beta * h * h);
  const times = bandSolve(width, fill, new Float64Array(nodes.length).fill(-1));
  const at = (x: number, y: number): number => {
    const [i, j] = [Math.floor(x / h), Math.floor(y / h)];
    const [s, t] = [x / h - i, y / h - j];
    return (1 - s) * ((1 - t) * known(i, j) + t * known(i, j + 1)) + s * ((1 - t) * known(i + 1, j) + t * known(i + 1, j + 1));
  };
  return { at, time: at(...start), nodes: nodes.length };

  function known(i: number, j: number): number {
    return level(i, j) >= 0 ? 0 : (times[place.get(keyOf(i, j)) ?? -1] ?? NaN);
  }

  /** Row k of the generator. */
  function fill(k: number, entries: Float64Array): void {
    const [i, j] = nodes[k]!;
    const here = f(i, j);
    const density = (ci: number, cj: number): number =>
      inside(ci, cj) && inside(ci + 1, cj) && inside(ci, cj + 1) && inside(ci + 1, cj + 1) ? Math.exp(-beta * (corner(ci, cj) - here)) : 0;
    const [ne, nw, se, sw] = strength === 0 ? [0, 0, 0, 0] : [density(i, j), density(i - 1, j), density(i, j - 1), density(i - 1, j - 1)];
    const turning = [ne - se, sw - nw, nw - ne, se - sw];
    for (const [side, [di, dj]] of sides.entries()) {
      if (!inside(i + di, j + dj)) continue;
      const out = level(i + di, j + dj);
      let rate = unit * bernoulli(beta * (f(i + di, j + dj) - here));
      if (out >= 0) {
        const own = level(i, j);
        rate *= (out - own) / -own;
      }
      entries[width]! -= rate;
      const other = place.get(keyOf(i + di, j + dj));
      if (other !== undefined) entries[width + other - k]! += rate + (unit * strength * turning[side]!) / 2;
    }
  }

  /** The grid points that a path from the start can reach below the ceiling before it is in the target. */
  function connected(i0: number, j0: number): { readonly nodes: (readonly [number, number])[]; readonly touchesTarget: boolean } {
    if (!inside(i0, j0) || level(i0, j0) >= 0) throw new LowlandError('LOWLAND_E_OPTIONS', `The start (${start.join(', ')}) is below the ceiling and outside the target; f is ${f(i0, j0)} there, the ceiling ${ceiling}.`);
    const found: (readonly [number, number])[] = [[i0, j0]];
    const seen = new Set([keyOf(i0, j0)]);
    let touchesTarget = false;
    for (let next = 0; next < found.length; next++) {
      const [i, j] = found[next]!;
      for (const [di, dj] of sides) {
        const key = keyOf(i + di, j + dj);
        if (seen.has(key) || !inside(i + di, j + dj)) continue;
        if (level(i + di, j + dj) >= 0) {
          touchesTarget = true;
          continue;
        }
        seen.add(key);
        found.push([i + di, j + dj]);
        if (found.length > mostNodes) throw new LowlandError('LOWLAND_E_OPTIONS', `The grid of spacing ${h} has more than ${mostNodes} nodes below the ceiling ${ceiling}; give a wider spacing or a lower ceiling.`);
      }
    }
    return { nodes: found, touchesTarget };
  }
}

/** East, west, north, south. */
const sides = [[1, 0], [-1, 0], [0, 1], [0, -1]] as const;

const keyOf = (i: number, j: number): number => (i + 2 ** 20) * 2 ** 21 + j + 2 ** 20;

function remembered(compute: (i: number, j: number) => number): (i: number, j: number) => number {
  const known = new Map<number, number>();
  return (i, j) => {
    const key = keyOf(i, j);
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = compute(i, j)));
    return found;
  };
}

/** z / (e^z - 1) */
const bernoulli = (z: number): number => (Math.abs(z) < 1e-8 ? 1 - z / 2 : z / Math.expm1(z));

/** What two results of errors c h^2 say about h = 0. */
export const richardson = (coarse: number, fine: number, ratio: number): number => fine + (fine - coarse) / (ratio ** 2 - 1);
