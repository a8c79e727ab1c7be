import { fingerprint, LowlandError, type Capability, type DataMap, type Objective } from '@lowland/core';

import { requireRank } from '../factored/checks.ts';
import { once } from '../factored/once.ts';
import { sparseMap } from '../matrix-sensing/sparse-map.ts';
import { meritOf, type MeritOptions } from './checks.ts';
import { scaleInWords, type MeritCapability } from './constrained-factorization.ts';
import { denseCost } from './cost.ts';
import { blockEnsemble, blockEquations, pairsOf } from './normal-equations.ts';
import { constrainedObjective } from './objective.ts';
import type { ConstrainedProblem } from './problem.ts';
import { orthonormalBlocks } from './start.ts';

export interface OrthogonalCutOptions extends MeritOptions {
  /** C, n x n with n a multiple of d. */
  readonly cost: DataMap['matrix'];
  /** Rows of a block; default 2. With 1 this is max-cut of a dense matrix. */
  readonly size?: number;
  /** Columns of U, d … n. */
  readonly rank: number;
}

/**
 * Orthogonal-cut: one d x rank block U_k with orthonormal rows for each node,
 *
 *     min <C, U U^T>   subject to U_k U_k^T = I,   U = [U_1; …; U_N]: N d x rank
 *
 * With C_kl = -(measured R_k R_l^T) it is synchronisation of rotations and reflections. C counts by its symmetric part. The constraints are
 * X_aa = 1 and sqrt 2 X_ab = 0, a < b, of each block, so that |c|^2 is the sum of |U_k U_k^T - I|_F^2. Merit functions as for
 * `constrainedFactorization`; multiplier estimates take one system of d (d + 1) / 2 unknowns a block.
 *
 * The default start is feasible: orthonormal bases of random row spaces.
 *
 * Sources: Bandeira, Kennedy, Singer 2016 (arXiv 1308.5207); Boumal 2016 (arXiv 1506.00575).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE unless C is a finite square matrix of whole blocks
 * @throws LOWLAND_E_RANK unless d <= rank <= n; LOWLAND_E_OPTIONS as `constrainedFactorization`
 */
export function orthogonalCut<const O extends OrthogonalCutOptions>(options: O & OrthogonalCutOptions): Objective<MeritCapability<O>> {
  const { cost: given, size: d = 2, rank, ...rest }: OrthogonalCutOptions = options;
  const cost = denseCost(given);
  const n = cost.size;
  if (!Number.isInteger(d) || d < 1 || n % d !== 0) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Blocks of d rows make up the ${n} rows of C: d is a divisor of ${n}; ${d} was given.`, { details: { rows: n, size: d } });
  }
  const blocks = n / d;
  const pairs = pairsOf(d);
  const bounds = Float64Array.from({ length: blocks * pairs.length }, (_, k) => {
    const [a, b] = pairs[k % pairs.length]!;
    return a === b ? 1 : 0;
  });
  const merit = meritOf(rest, bounds.length);
  const multipliers = merit.kind === 'augmented' ? merit.multipliers : undefined;
  const digest = once(() => fingerprint('matrix', [n, n], given.values, ...(multipliers === undefined ? [] : [multipliers])));
  const map = sparseMap(n, n, bounds.length, blockEnsemble(blocks, d), true);
  const parts = { rows: n, cost, fit: undefined, constraints: { map, bounds, normal: blockEquations(blocks, d), identity: bounds }, merit };

  const create = (columns: number): Objective<never> => {
    requireRank(columns, n, n);
    if (columns < d) throw new LowlandError('LOWLAND_E_RANK', `${d} orthonormal rows need at least ${d} columns; the rank is ${columns}.`, { details: { given: columns, least: d } });
    const problem: ConstrainedProblem = { ...parts, rank: columns };
    return constrainedObjective(problem, {
      id: 'orthogonal-cut',
      scale: scaleInWords(merit.kind),
      options: { rank: columns, size: d, merit: merit.kind, weight: merit.weight },
      digest,
      truth: {},
      initial: (key) => orthonormalBlocks(n, columns, d, key),
      grow: create,
      augmented: (l) => orthogonalCut({ cost: given, size: d, rank: columns, merit: 'augmented', weight: merit.weight, multipliers: l }) as unknown as Objective<Capability>,
    });
  };
  return create(rank) as Objective<MeritCapability<O>>;
}
