/**
 * Group actions as values: which points are the same up to the symmetry of an objective.
 */
import { LowlandError, type Factors, type Layout, type Symmetry } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { phaseAction, signAction, signsAction, permutationAction, trivialAction } from './small-groups.ts';
import { balancingAction, columnAction } from './columns.ts';

/** A group that acts linearly on the points of a layout, flat as in `Point.data`. Nothing here changes what it is given. */
export interface Action {
  readonly group: string;
  /** What tells orbits apart, in words. */
  readonly by: string;
  /** Equal at two points exactly where they lie in one orbit (for GL(r): in one orbit's closure). */
  invariant(x: Float64Array): Float64Array;
  /** The invariant of t x is |t|^degree times that of x. */
  readonly degree: 1 | 2;
  /** One point for the whole orbit, up to what can be no finer than rounding; what is below `zero` becomes 0. */
  canonical(x: Float64Array, zero: number): Float64Array;
  /** The point of the orbit of x that is nearest to y (for GL(r): among balanced ones, y's balanced point), and in which component it lies. */
  align(x: Float64Array, y: Float64Array): Aligned;
  /** What the orbit of x is, lengths up to `zero` taken as 0. */
  orbit(x: Float64Array, zero: number): OrbitShape;
  /** Fixed spaces of subgroups to look for stationary points in, by symmetric criticality: how many are declared. */
  readonly fixedSpaces: number;
  /** x made a member of the k-th. */
  intoFixedSpace(x: Float64Array, k: number): Float64Array;
}

export interface Aligned {
  readonly point: Float64Array;
  /** 1 where no element of the group's identity component takes x there (a reflection, a sign); always 0 where the orbit is connected. */
  readonly component: 0 | 1;
}

export interface OrbitShape {
  /** Connected components; of finite orbits their points. */
  readonly components: number;
  /** Whether there are two components, which `align` tells apart. */
  readonly twofold: boolean;
  /** The Euler characteristic; null for orbits that are not compact. */
  readonly euler: number | null;
  /** Columns that are independent, where the group mixes columns. */
  readonly rank: number | null;
}

/**
 * The action behind the name of a symmetry group: O(r) and GL(r) on the factors, signs and phases, (signed) permutations of all variables.
 * Finite groups of another name are taken for the trivial one: what they merge stays apart, which `by` says.
 *
 * @throws LOWLAND_E_CAPABILITY for a continuous group that has no action here
 */
export function actionOf(layout: Layout, symmetry: Symmetry | undefined, factors: Factors | undefined): Action {
  const action = findAction(layout, symmetry, factors);
  if (action !== undefined) return action;
  throw new LowlandError('LOWLAND_E_CAPABILITY', `Orbits of the group ${symmetry!.group} cannot be told apart here; those of O(r) and GL(r) on one pair of factors, of signs, phases and permutations can.`);
}

/** The same; undefined where `actionOf` throws. */
export function findAction(layout: Layout, symmetry: Symmetry | undefined, factors: Factors | undefined): Action | undefined {
  if (symmetry === undefined) return trivialAction('position; the objective names no symmetry');
  const { group, dimension } = symmetry;
  if (factors !== undefined && /^O\(\d+\)$/.test(group)) return columnAction(layout, factors, group);
  if (factors !== undefined && /^GL\(\d+\)$/.test(group)) return balancingAction(layout, factors, group);
  if (group === '{1, -1}' || group === 'O(1)') return signAction(group);
  if (group === 'U(1)') return phaseAction();
  if (/^O\(1\)(\^\d+|( x O\(1\))+)$/.test(group)) return signsAction(group);
  if (/^(signed )?permutations of \d+$/.test(group)) return permutationAction(group);
  return dimension === 0 ? trivialAction(`position; points that ${group} carries into each other are listed apart`) : undefined;
}

/** The distance of two orbits: from y to the nearest point of the orbit of x (for GL(r): of balanced points). */
export function orbitDistance(action: Action, x: Float64Array, y: Float64Array): number {
  const to = action.group.startsWith('GL') ? action.canonical(y, 0) : y;
  const { point } = action.align(x, to);
  return norm(point.map((value, i) => value - to[i]!));
}
