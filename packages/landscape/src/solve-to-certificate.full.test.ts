/**
 * Rank `auto` at size: integer ratings, a penalty found by bisection so that the solution has the rank wanted
 * (rigour.md A8). The large ones run under `pnpm test:full` alone.
 */
import { cpu } from '@lowland/linalg';
import { matrixCompletion } from '@lowland/objectives';
import { lbfgs } from '@lowland/optimizers';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { ratings, type RatingsOptions } from '../test/ratings.ts';
import type { CertifiedSolution } from './certified-solution.ts';
import { solveToCertificate } from './solve-to-certificate.ts';

const backend = cpu();
const optimizer = lbfgs({ memory: 20 });

interface Case extends RatingsOptions {
  readonly ranks: readonly [least: number, most: number];
  readonly starts: readonly [number, number];
  /** Penalties between which the bisection begins. */
  readonly between: readonly [low: number, high: number];
}

/** A penalty between two whose solution has a rank within the bounds; the rank falls as the penalty rises. */
async function penaltyFor(entries: ReturnType<typeof ratings>, [least, most]: Case['ranks'], low: number, high: number): Promise<number> {
  const lambda = Math.sqrt(low * high);
  const { rank } = await solveToCertificate(matrixCompletion({ entries, rank: least, lambda }), optimizer, { backend });
  if (rank > most) return penaltyFor(entries, [least, most], lambda, high);
  if (rank < least) return penaltyFor(entries, [least, most], low, lambda);
  return lambda;
}

/** The problem solved from two starting ranks, and how far apart the solutions are. */
async function solved({ ranks, starts, between, ...options }: Case) {
  const entries = ratings(options);
  const lambda = await penaltyFor(entries, ranks, ...between);
  const from = (rank: number) => solveToCertificate(matrixCompletion({ entries, rank, lambda }), optimizer, { backend, seed: rank });
  const solutions = [await from(starts[0]), await from(starts[1])] as const;
  const [one, other] = solutions;
  // Ranks may differ by components that hardly count.
  const counted = ({ singularValues }: CertifiedSolution): number => singularValues.filter((s) => s > 1e-3 * singularValues[0]!).length;
  return {
    kinds: solutions.map(({ certificate }) => certificate.kind),
    relativeGap: Math.max(...solutions.map(({ certificate }) => certificate.relativeGap ?? Infinity)),
    rank: one.rank,
    seconds: Math.max(one.seconds, other.seconds),
    valueDistance: Math.abs(one.value - other.value) / one.value,
    rankDistance: Math.abs(counted(one) - counted(other)),
  };
}

const certified = ['global-minimum', 'global-minimum'];

describe('rank auto', () => {
  it('200 × 300, 8,000 ratings, rank 10 to 20, from rank 1 and 60', async () => {
    const size = { rows: 200, cols: 300, count: 8000, seed: 3 };
    const { kinds, relativeGap, valueDistance, rankDistance } = await solved({ ...size, ranks: [10, 20], starts: [1, 60], between: [5, 40] });
    expect(kinds).toEqual(certified);
    expect(relativeGap).toBeLessThanOrEqual(1e-6);
    expect(valueDistance).toBeLessThanOrEqual(1e-6);
    expect(rankDistance).toBeLessThanOrEqual(1);
  });

  it.runIf(full).for([
    { ranks: [10, 20], starts: [1, 60], between: [12, 30], limit: 30 },
    { ranks: [60, 90], starts: [1, 100], between: [8, 16], limit: 180 },
  ] as const)('943 × 1682, 100,000 ratings, %j', { timeout: 1_200_000 }, async ({ limit, ...how }) => {
    const { kinds, relativeGap, valueDistance, rankDistance, seconds, rank } = await solved({ rows: 943, cols: 1682, count: 100_000, seed: 7, ...how });
    process.stdout.write(`rank ${rank}: ${seconds.toFixed(1)} s\n`);
    expect(kinds).toEqual(certified);
    expect(relativeGap).toBeLessThanOrEqual(1e-6);
    expect(valueDistance).toBeLessThanOrEqual(1e-6);
    expect(rankDistance).toBeLessThanOrEqual(1);
    expect(seconds).toBeLessThan(limit);
  });
});
