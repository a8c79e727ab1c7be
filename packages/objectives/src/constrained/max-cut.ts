import { fingerprint, type Capability, type DataMap, type Objective, type SparseEnsemble } from '@lowland/core';

import { requireRank, requireSize } from '../factored/checks.ts';
import { once } from '../factored/once.ts';
import { sparseMap } from '../matrix-sensing/sparse-map.ts';
import { meritOf, type MeritOptions } from './checks.ts';
import { scaleInWords, type MeritCapability } from './constrained-factorization.ts';
import { sparseCost, type Cost } from './cost.ts';
import { diagonalEquations } from './normal-equations.ts';
import { constrainedObjective } from './objective.ts';
import type { ConstrainedProblem } from './problem.ts';
import { orthonormalBlocks } from './start.ts';

export interface MaxCutOptions extends MeritOptions {
  /** Weights of edges, n x n. An edge that is listed once counts once, one that is listed in both directions twice. */
  readonly graph: DataMap['entries'];
  /** Columns of U, 1 … n. */
  readonly rank: number;
}

/**
 * Max-cut relaxed to unit vectors u_i, one a node, the rows of U: n x rank,
 *
 *     min sum over the listed edges of w_ij <u_i, u_j>   subject to |u_i|^2 = 1
 *
 * = <C, U U^T> with C_ij half the listed weights between i and j. With edges listed once a cut x in {-1, 1}^n has the weight
 * (sum of w - <C, x x^T>)/2. Merit functions as for `constrainedFactorization`; that of Fletcher needs no system here, since
 * l_i = -<(C U)_i, u_i> / |u_i|^2. It is NaN where a row of U is zero.
 *
 * The default start has random unit rows. `truth` knows the least value of the penalty where signs s_i make every s_i s_j C_ij <= 0 and
 * all sums over j of |C_ij| are equal, as for regular bipartite graphs and the ring; `maxCutOptimum` that of the problem itself.
 *
 * Sources: Goemans, Williamson 1995 (doi:10.1145/227683.227684); Burer, Monteiro 2003 (doi:10.1007/s10107-002-0352-8).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_INDEX, LOWLAND_E_NOT_FINITE unless the graph is a finite square matrix
 * @throws LOWLAND_E_RANK unless 1 <= rank <= n; LOWLAND_E_OPTIONS as `constrainedFactorization`
 */
export function maxCut<const O extends MaxCutOptions>(options: O & MaxCutOptions): Objective<MeritCapability<O>> {
  const { graph, rank, ...given }: MaxCutOptions = options;
  requireSize(graph.rows, graph.cols);
  const n = graph.rows;
  const cost = sparseCost(graph);
  const index = Int32Array.from({ length: n }, (_, i) => i);
  const ones = new Float64Array(n).fill(1);
  const ensemble: SparseEnsemble = { kind: 'sparse', measurement: index, row: index, col: index, value: ones };
  const merit = meritOf(given, n);
  const multipliers = merit.kind === 'augmented' ? merit.multipliers : undefined;
  const digest = once(() => fingerprint('graph', [n], graph.row, graph.col, graph.values, ...(multipliers === undefined ? [] : [multipliers])));
  const parts = { rows: n, cost, fit: undefined, constraints: { map: sparseMap(n, n, n, ensemble, true), bounds: ones, normal: diagonalEquations(n), identity: ones }, merit };
  const optimum = once(() => (merit.kind === 'penalty' ? penaltyOptimum(cost, merit.weight) : undefined));

  const create = (columns: number): Objective<never> => {
    requireRank(columns, n, n);
    const problem: ConstrainedProblem = { ...parts, rank: columns };
    return constrainedObjective(problem, {
      id: 'max-cut',
      scale: scaleInWords(merit.kind),
      options: { rank: columns, merit: merit.kind, weight: merit.weight },
      digest,
      get truth() {
        const least = optimum();
        return least === undefined ? {} : { optimum: least };
      },
      initial: (key) => orthonormalBlocks(n, columns, 1, key),
      grow: create,
      augmented: (l) => maxCut({ graph, rank: columns, merit: 'augmented', weight: merit.weight, multipliers: l }) as unknown as Objective<Capability>,
    });
  };
  return create(rank) as Objective<MeritCapability<O>>;
}

/**
 * The least value of the relaxed problem, where it is known in closed form; else undefined.
 *
 * - Signs s_i with s_i s_j C_ij <= 0 for all i != j (bipartite graphs of positive weights, any graph of negative ones):
 *   sum of C_ii - sum over i != j of |C_ij|, reached by the cut s itself, with one column too.
 * - C_ij = w > 0 for all i != j (complete graphs): sum of C_ii - n w, reached by vectors that add up to zero, with two columns or more.
 *
 * @throws as `maxCut` for a bad graph
 */
export function maxCutOptimum(graph: DataMap['entries'], rank: number): number | undefined {
  const cost = sparseCost(graph);
  const { row, col, values } = cost.entries();
  const trace = values.reduce((sum, value, e) => (row[e] === col[e] ? sum + value : sum), 0);
  if (balancedSigns(cost) !== undefined) return trace - values.reduce((sum, value, e) => (row[e] === col[e] ? sum : sum + Math.abs(value)), 0);
  const { size: n } = cost;
  const apart = values.filter((_, e) => row[e] !== col[e]);
  const [w] = apart;
  if (rank >= 2 && apart.length === n * (n - 1) && w !== undefined && w > 0 && apart.every((value) => value === w)) return trace - n * w;
  return undefined;
}

/** Signs with s_i s_j C_ij <= 0 for all i != j, if there are any. */
function balancedSigns(cost: Cost): Int8Array | undefined {
  const n = cost.size;
  const { row, col, values } = cost.entries();
  const neighbours = Array.from({ length: n }, (): [number, number][] => []);
  values.forEach((value, e) => {
    if (row[e] !== col[e]) neighbours[row[e]!]!.push([col[e]!, value > 0 ? -1 : 1]);
  });
  const signs = new Int8Array(n);
  for (let root = 0; root < n; root++) {
    if (signs[root] !== 0) continue;
    signs[root] = 1;
    const queue = [root];
    for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
      for (const [j, relation] of neighbours[i]!) {
        const sign = signs[i]! * relation;
        if (signs[j] === 0) {
          signs[j] = sign;
          queue.push(j);
        } else if (signs[j] !== sign) return undefined;
      }
    }
  }
  return signs;
}

/**
 * <C, X> + (gamma/2) sum (X_ii - 1)^2 >= sum over i of -d_i t_i + (gamma/2) (t_i - 1)^2 with t_i = X_ii and d_i = sum over j of |C_ij|, by
 * |X_ij| <= (t_i + t_j)/2. Where all d_i = d it is least, -n d - n d^2 / (2 gamma), at t = 1 + d / gamma, and balanced signs reach it.
 */
function penaltyOptimum(cost: Cost, weight: number): number | undefined {
  const n = cost.size;
  const { row, col, values } = cost.entries();
  const degrees = new Float64Array(n);
  values.forEach((value, e) => (degrees[row[e]!]! += Math.abs(value)));
  const d = degrees[0]!;
  if (values.some((_, e) => row[e] === col[e]) || degrees.some((degree) => Math.abs(degree - d) > 1e-14 * d)) return undefined;
  return balancedSigns(cost) === undefined ? undefined : -n * d - (n * d * d) / (2 * weight);
}
