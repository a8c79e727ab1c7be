/** Where a run is, as its symmetries allow one to say it. */
import { type Context, createPoint, LowlandError, type MaybePromise, type Point, type State, type Tracker, type Vec } from '@lowland/core';
import { columns, frobeniusNorm, matrix, type Matrix, multiply, norm, subtract, thinSvd } from '@lowland/linalg';

import { factorsAt, numericalRank } from '../factored.ts';
import { regions, type Region, type RegionsOptions } from '../regions/regions.ts';
import { pointTracker } from '../trackers/product.ts';

export interface FactorRank {
  /** Singular values of [U; V] above 1e-10 of the largest. */
  readonly rank: number;
  /** The largest sine of the angles between the row space of [U; V] and that at the first observation; 1 where dimensions differ. */
  readonly rowSpace: number;
  /** The rank at the first observation. */
  readonly first: number;
  /** |W - W Q Q^T|_F / |W|_F, W = [U; V], Q an orthonormal basis of the row space at the first observation: what is not of the form W' Q^T. */
  readonly outside: number;
  /** Whether the rank is at most what it was. */
  readonly holds: boolean;
}

/**
 * The rank of the factors themselves and their row space, for both stacked. Where grad f = 2 S(X) X with one factor both are kept by gradient
 * flow, and by gradient descent of a step below 1 / (2 |S|): a start of rank r0 in p columns is the method with r0 columns (Eftekhari 2021,
 * arXiv:2106.13013, as reconstructed). Rounding lets other directions grow unless columns are exactly zero: `outside` shows them from the first
 * digit, long before they count as rank.
 */
export function factorRank(): Tracker<'factors', FactorRank> {
  return pointTracker('factor-rank', ['factors'], ({ problem }) => {
    let first: Matrix | undefined;
    return (point) => {
      const w = stacked(point, problem.factors);
      const { s, v } = thinSvd(w);
      const rank = numericalRank(s, 1e-10);
      const basis = columns(v, 0, rank);
      const q = (first ??= basis);
      const size = norm(w.data);
      const outside = size === 0 ? 0 : frobeniusNorm(subtract(w, multiply(multiply(w, q), q, { transposeB: true }))) / size;
      const rowSpace = q.cols !== rank ? 1 : rank === 0 ? 0 : Math.min(1, thinSvd(subtract(basis, multiply(q, multiply(q, basis, { transposeA: true })))).s[0]!);
      return { rank, rowSpace, first: q.cols, outside, holds: rank <= q.cols };
    };
  });
}

/**
 * min over orthogonal Psi of |W - W* Psi|_F, W = [U; V] the factors stacked (or the one factor), W* those of the solution that is given: the
 * distance to its orbit under O(r). Of unpenalised problems in two factors the whole orbit is that of GL(r), which is larger; balance a
 * solution and the run to compare them (Procrustes: Schönemann 1966, doi:10.1007/BF02289451).
 *
 * @throws LOWLAND_E_SHAPE at the start of a run whose points are of another size
 */
export function solutionDistance(solution: Point): Tracker<'factors', number> {
  return pointTracker('solution-distance', ['factors'], ({ problem }) => {
    const wanted = stacked(solution, problem.factors);
    return (point) => {
      const w = stacked(point, problem.factors);
      if (w.rows !== wanted.rows || w.cols !== wanted.cols) throw new LowlandError('LOWLAND_E_SHAPE', `The solution is ${wanted.rows} x ${wanted.cols}, the run ${w.rows} x ${w.cols}.`);
      const { u, v } = thinSvd(multiply(wanted, w, { transposeA: true }));
      return frobeniusNorm(subtract(w, multiply(wanted, multiply(u, v, { transposeB: true }))));
    };
  });
}

/** The region of Li et al. (analysis `regions`) that the run is in. @throws as that analysis does, at the first observation */
export function regionVisited(options: RegionsOptions = {}): Tracker<'value' | 'factors' | 'target', Region> {
  return {
    id: 'region',
    requires: ['value', 'factors', 'target'],
    start(context: Context<'value' | 'factors' | 'target'>) {
      const analysis = regions(options);
      const spare: Vec[] = [];
      /** Memory is asked for once, not at each observation. */
      const lent = (): Context<'value' | 'factors' | 'target'> => {
        let next = 0;
        return { ...context, scratch: (length) => (spare[next++] ??= context.scratch(length)) };
      };
      return (state: State): MaybePromise<Region> => {
        const at = (data: Float64Array): MaybePromise<Region> => {
          const found = analysis.run(lent(), state.point, createPoint(context.problem.layout, data.slice()));
          return found instanceof Promise ? found.then(({ region }) => region) : (found).region;
        };
        const read = context.device.read(state.point);
        return read instanceof Float64Array ? at(read) : read.then((data) => at(Float64Array.from(data)));
      };
    },
  };
}

function stacked(point: Point, factors: Context<'factors'>['problem']['factors']): Matrix {
  const { symmetric, left, right } = factorsAt(point, factors);
  if (symmetric) return left;
  return matrix(left.rows + right.rows, left.cols, joined(left.data, right.data));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
