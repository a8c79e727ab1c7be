/** Laws of conservation along gradient flow, and how gradient descent breaks them. */
import { createPoint, type Layout, LowlandError, type Point, type Tracker } from '@lowland/core';
import { frobeniusNorm, gram, type Matrix, multiply, norm, subtract } from '@lowland/linalg';

import { factorsAt } from '../factored.ts';
import { pointTracker } from '../trackers/product.ts';
import { blockMatrixOf, combination, movesTracker, stepBetween } from './moves.ts';

export interface DriftLaw {
  /** eta of the last move; null at the first observation, and where the move was no gradient step. */
  readonly step: number | null;
  /** |U^T U - V^T V|_F */
  readonly imbalance: number;
  /** |Delta+ - Delta - eta^2 (G_U^T G_U - G_V^T G_V)|_F over |U|^2 + |V|^2: rounding alone, where the law holds. */
  readonly residual: number | null;
}

/**
 * The exact drift of the imbalance Delta = U^T U - V^T V along gradient descent, for any f that depends on U V^T alone:
 *
 *     Delta+ = Delta + eta^2 (G_U^T G_U - G_V^T G_V),   G_U = grad_U f, G_V = grad_V f
 *
 * For f = 1/2 |U V^T - M|^2 with R = M - U V^T the last term is eta^2 (V^T R^T R V - U^T R R^T U) (Ye and Du 2021, arXiv:2106.14289). The
 * flow keeps Delta. The step is read off the move, so any step rule will do; moves that are no gradient steps have no residual, nor have
 * those that were not observed one by one. A balancing term breaks the law. Needs two factors.
 */
export function driftLaw(): Tracker<'factors' | 'gradient', DriftLaw> {
  return movesTracker<'factors' | 'gradient', DriftLaw>('drift-law', ['factors', 'gradient'], ({ problem }) => {
    let before: { readonly point: Point; readonly gradient: Float64Array } | undefined;
    const grams = (point: Point): Matrix => {
      const { symmetric, left, right } = factorsAt(point, problem.factors);
      if (symmetric) throw new LowlandError('LOWLAND_E_CAPABILITY', 'The drift law is about two factors; this problem has one.');
      return subtract(gram(left), gram(right));
    };
    return (point, gradient) => {
      const now = grams(point);
      const last = before;
      before = { point, gradient };
      const step = last && stepBetween(last.point.data, point.data, last.gradient);
      if (last === undefined || step === undefined) return { step: null, imbalance: frobeniusNorm(now), residual: null };
      const drift = grams(createPoint(point.layout, last.gradient));
      const rest = combination([1, now], [-1, grams(last.point)], [-step * step, drift]);
      return { step, imbalance: frobeniusNorm(now), residual: frobeniusNorm(rest) / norm(point.data) ** 2 };
    };
  });
}

export interface Conserved {
  /** |W_{j+1}^T W_{j+1} - W_j W_j^T|_F of each pair of neighbours, or |U^T U - V^T V|_F alone. */
  readonly norms: readonly number[];
  /** The largest change of one of those differences since the first observation, in the Frobenius norm. */
  readonly drift: number;
}

/**
 * What gradient flow conserves: W_{j+1}^T W_{j+1} - W_j W_j^T for neighbours in a network of blocks W1, W2, … (Arora, Cohen and Hazan 2018,
 * arXiv:1802.06509), and U^T U - V^T V for blocks U and V. Penalties that are not weight decay on all layers break it; decay scales it down.
 *
 * @throws LOWLAND_E_CAPABILITY at the start of a run on blocks of another kind
 */
export function conserved(): Tracker<never, Conserved> {
  return pointTracker<never, Conserved>('conserved', [], ({ problem }) => {
    const differences = conservedOf(problem.layout);
    let first: readonly Matrix[] | undefined;
    return (point) => {
      const now = differences(point);
      first ??= now.map((each) => ({ ...each, data: each.data.slice() }));
      return { norms: now.map(frobeniusNorm), drift: now.reduce((most, each, k) => Math.max(most, frobeniusNorm(subtract(each, first![k]!))), 0) };
    };
  });
}

function conservedOf({ blocks }: Layout): (point: Point) => readonly Matrix[] {
  const names = blocks.map(({ name }) => name);
  if (names.length === 2 && names[0] === 'U' && names[1] === 'V') return (point) => [subtract(gram(blockMatrixOf(point, 'U')), gram(blockMatrixOf(point, 'V')))];
  const chained = names.length >= 2 && blocks.every(({ name, shape }, k) => name === `W${k + 1}` && shape.length === 2 && (k === 0 || shape[1] === blocks[k - 1]!.shape[0]));
  if (!chained) throw new LowlandError('LOWLAND_E_CAPABILITY', `Conserved quantities are known for blocks U, V and for layers W1, W2, …; this problem has ${names.join(', ')}.`);
  return (point) =>
    names.slice(1).map((name, k) => {
      const below = blockMatrixOf(point, names[k]!);
      return subtract(gram(blockMatrixOf(point, name)), multiply(below, below, { transposeB: true }));
    });
}
