/**
 * The ways out of a point that is not the least of its convex problem: columns to append, along which the value is seen to fall.
 */
import { type Analysis, type Context, createPoint, type Definition, integer, type Infer, options, parseOptions, type Point, type Vec } from '@lowland/core';
import { columns, joinColumns } from '@lowland/linalg';

import { roundingSlack } from './certificate.ts';
import { findEscapes, scaleEscapes } from './escape.ts';
import { balancedFactors, columnsOf, factorsAt, numericalRank, pointOf, productSvd, type ThinProduct } from './factored.ts';
import { hostLift } from './host-lift.ts';

const schema = options({
  most: integer({ min: 0, default: 0, summary: 'columns to append at most; 0: as many as the factors have' }),
});
export type EscapesOptions = Partial<Infer<typeof schema>>;

export interface Escapes {
  /** The factored value at the point, balancing terms aside. */
  readonly value: number;
  /** Singular values of -G above the penalty in directions that X does not have, less the penalty: the slopes of the value along each. */
  readonly slopes: readonly number[];
  /** How much the value falls as they are appended, evaluated anew and beyond rounding; 0 where nothing is. */
  readonly decrease: number;
  /** The point with the new columns behind those of the balanced factors of X, in the layout of that rank; null where none lowers the value. */
  readonly point: Point | null;
  readonly rank: number;
  /** Why there is no way out. */
  readonly reason: string | null;
}

type Needs = 'lift' | 'factors' | 'grow';

/**
 * The analysis `escapes`, for f = phi(U V^T) + (penalty/2)(|U|^2 + |V|^2) and its kin in X X^T: with G = grad phi(X) and (sigma_k, u_k, v_k) the singular
 * triples of -G above the penalty between the complements of the column spaces of X,
 *
 *     X+ = X + s sum of (sigma_k - penalty) u_k v_k^T,   P(X+) = P(X) - s sum of (sigma_k - penalty)^2 + O(s^2)
 *
 * by columns behind those of X; for psd z_k with z_k^T (G + penalty I) z_k < 0. s is the best one for least squares, else that of a safe step, halved until the
 * value falls beyond rounding. A spurious second-order point is left by a column more, as the twisted states of the ring are. At a point where none is found either it is the
 * least, or not stationary yet and what is left of G lies within the columns it has.
 *
 * Sources: Burer, Monteiro 2003 (doi:10.1007/s10107-002-0352-8); Journée, Bach, Absil, Sepulchre 2010 (arXiv:0807.4423).
 *
 * @throws LOWLAND_E_OPTIONS for options out of range
 */
export function escapes(given: EscapesOptions = {}): Analysis<Needs, Escapes> {
  const settings = parseOptions(schema, given, 'analysis "escapes"');
  return { id: 'escapes', requires: ['lift', 'factors', 'grow'], dtype: 'f64', run: (context, _x: Vec, host) => escapesAt(context, host, settings.most) };
}

function escapesAt({ problem, random }: Context<Needs>, host: Point, asked: number): Escapes {
  const { lift, factors, grow, layout } = problem;
  const rank = columnsOf(layout, factors);
  const product = withoutZeros(productSvd(factorsAt(host, factors)));
  const lifted = lift.at(host);
  const { value } = lifted;
  const room = Math.min(lift.rows, lift.cols) - product.s.length;
  const none = (reason: string): Escapes => ({ value, slopes: [], decrease: 0, point: null, rank: product.s.length, reason });
  if (room === 0) return none('X has full rank already');
  const most = Math.min(room, rank, asked === 0 ? rank : asked);
  const found = findEscapes(lift, lifted, product, most, 4, random('escapes', 0)).triples;
  if (found.s.length === 0) return none('no direction outside of X has a slope above the penalty');

  const slopes = Array.from(found.s, (sigma) => sigma - lift.penalty);
  const { triples } = scaleEscapes({ layout, factors, lift, rank }, found);
  // losses without a Lipschitz constant have no safe step: they start from the slopes themselves
  let steps = triples.s.some((step) => step > 0) ? triples.s : Float64Array.from(slopes);
  const columnsNow = product.s.length + found.s.length;
  const grown = hostLift(grow.objective(columnsNow), 'An objective with more columns has no lift.');
  for (let halving = 0; halving < 60; halving++) {
    const u = joinColumns(product.u, found.u);
    const more: ThinProduct = { symmetric: product.symmetric, u, s: Float64Array.of(...product.s, ...steps), v: product.symmetric ? u : joinColumns(product.v, found.v) };
    const point = pointOf(layout, factors, balancedFactors(more, columnsNow));
    const after = grown.at(point);
    const decrease = value - after.value;
    if (decrease > roundingSlack(lifted.terms + after.terms, lifted.absoluteSum + after.absoluteSum)) return { value, slopes, decrease, point: createPoint(point.layout, point.data), rank: columnsNow, reason: null };
    steps = steps.map((step) => step / 2);
  }
  return none('the value falls along none of the directions by more than rounding');
}

/** The triples of X that are there: those above 1e-9 of the largest. */
function withoutZeros({ symmetric, u, s, v }: ThinProduct): ThinProduct {
  const kept = numericalRank(s, 1e-9);
  const left = columns(u, 0, kept);
  return { symmetric, u: left, s: s.slice(0, kept), v: symmetric ? left : columns(v, 0, kept) };
}

export const escapesDefinition: Definition<Infer<typeof schema>, ReturnType<typeof escapes>> = {
  apiVersion: 1,
  id: 'escapes',
  summary: 'Columns that lower the value of a point which is not the least of its convex problem, by how much they do.',
  whenToUse: 'At a point that is not certified: to see whether it is stuck for want of a column, and to go on from there.',
  formula: 'X + s sum of (sigma_k - penalty) u_k v_k^T, sigma_k(-G) > penalty',
  reference: 'Burer, Monteiro 2003, doi:10.1007/s10107-002-0352-8; Journée, Bach, Absil, Sepulchre 2010, arXiv:0807.4423',
  requires: ['lift', 'factors', 'grow'],
  options: schema,
  create: escapes,
};
