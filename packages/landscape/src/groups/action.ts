/**
 * Group actions as values: which points are the same up to the symmetry of an objective.
 */
import { LowlandError, type Factors, layoutLength, type Layout, type StreamKey, type Symmetry } from '@lowland/core';
import { type Matrix, norm, orthonormalize } from '@lowland/linalg';

import { balancingAction, columnAction } from './columns.ts';
import { dihedralAction } from './dihedral.ts';
import type { Element } from './elements.ts';
import { layerAction } from './layers.ts';
import { phaseAction, signAction, signsAction, permutationAction, trivialAction } from './small-groups.ts';
import { spanAction } from './span.ts';
import { partsAction } from './parts.ts';

/** A group that acts linearly on the points of a layout, flat as in `Point.data`. Nothing here changes what it is given. */
export interface Action {
  readonly group: string;
  /** What tells orbits apart, in words. */
  readonly by: string;
  /** g x. Of what kind the matrices of an element are is said at each action. */
  act(x: Float64Array, element: Element): Float64Array;
  /** A random element: uniform in compact groups, well conditioned in others. */
  random(key: StreamKey): Element;
  /** Directions of the orbit at x, one column for each dimension of the group; dependent where x has a stabiliser. */
  generators(x: Float64Array): Matrix;
  /** Equal at two points exactly where they lie in one orbit (for GL(r): in one orbit's closure; of layers under rotations see there). */
  invariant(x: Float64Array): Float64Array;
  /** The invariant of t x is |t|^degree times that of x. */
  readonly degree: 0 | 1 | 2;
  /** One point for the whole orbit, up to what can be no finer than rounding; what is below `zero` becomes 0. */
  canonical(x: Float64Array, zero: number): Float64Array;
  /** The point of the orbit of x that is nearest to y (for GL(r): among balanced ones, y's balanced point), and in which component it lies. */
  align(x: Float64Array, y: Float64Array): Aligned;
  /** Of groups that stretch: the balanced point of the orbit, and the element that takes x there; undefined where x has none that is told from rounding. */
  balance?(x: Float64Array): { readonly point: Float64Array; readonly element: Element } | undefined;
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
  /** Columns that are independent, where the group mixes columns; of layers the least number of neurons that a hidden one uses. */
  readonly rank: number | null;
  /** Columns (neurons) beyond these, in all layers. */
  readonly unused: number;
}

/**
 * The action behind the name of a symmetry group: O(r) and GL(r) on the factors, on the layers of a network, or on the columns of one matrix; signs
 * and phases, rotations of some of the variables, (signed) permutations of all.
 * Finite groups of another name are taken for the trivial one: what they merge stays apart, which `by` says.
 *
 * @throws LOWLAND_E_CAPABILITY for a continuous group that has no action here
 */
export function actionOf(layout: Layout, symmetry: Symmetry | undefined, factors: Factors | undefined): Action {
  const action = findAction(layout, symmetry, factors);
  if (action !== undefined) return action;
  throw new LowlandError('LOWLAND_E_CAPABILITY', `Orbits of the group ${symmetry!.group} cannot be told apart here; those of O(r) and GL(r) on one pair of factors, on layers and on columns, of signs, phases, rotations and permutations can.`);
}

/** The same; undefined where `actionOf` throws. */
export function findAction(layout: Layout, symmetry: Symmetry | undefined, factors: Factors | undefined): Action | undefined {
  if (symmetry === undefined) return trivialAction('position; the objective names no symmetry');
  const { group, dimension } = symmetry;
  if (factors !== undefined && /^O\(\d+\)$/.test(group)) return columnAction(layout, factors, group);
  if (factors !== undefined && /^GL\(\d+\)$/.test(group)) return balancingAction(layout, factors, group);
  if (isChain(layout, group)) return layerAction(layout, group);
  if (factors === undefined && layout.blocks.length === 1 && group === `GL(${layout.blocks[0]!.shape[1] ?? 1})`) return spanAction(layout, group);
  if (group === '{1, -1}' || group === 'O(1)') return signAction(group);
  if (group === 'U(1)') return phaseAction();
  if (/^O\(1\)(\^\d+|( x O\(1\))+)$/.test(group)) return signsAction(group, layoutLength(layout));
  if (/^(signed )?permutations of \d+$/.test(group)) return permutationAction(group, layoutLength(layout));
  if (layout.blocks.length === 1 && /^O\(\d+\)( x O\(\d+\))*$/.test(group) && partsOf(group).reduce((sum, part) => sum + part, 0) === layoutLength(layout)) return partsAction(group, partsOf(group));
  if (layoutLength(layout) === 2 && /^D\d+$/.test(group)) return dihedralAction(group, Number(group.slice(1)));
  return dimension === 0 ? trivialAction(`position; points that ${group} carries into each other are listed apart`) : undefined;
}

const partsOf = (group: string): number[] => [...group.matchAll(/\d+/g)].map(([digits]) => Number(digits));

/** Whether each block is a matrix that the next one multiplies, and the group acts between them: layers. */
export function isChain({ blocks }: Layout, group: string): boolean {
  if (!/^(O\(\d+\)( x O\(\d+\))*|GL\(\d+\)( x GL\(\d+\))*)$/.test(group)) return false;
  const widths = partsOf(group);
  return blocks.length === widths.length + 1 && blocks.every(({ shape }, k) => shape.length === 2 && (k === 0 || (shape[1] === widths[k - 1] && blocks[k - 1]!.shape[0] === widths[k - 1])));
}

/** Dimensions of the orbit through x and of the elements that leave x where it is, together that of the group: by SVD with relative cut 1e-8. */
export function orbitDimension(action: Action, x: Float64Array): { readonly orbit: number; readonly stabiliser: number } {
  const directions = action.generators(x);
  const orbit = directions.cols === 0 ? 0 : orthonormalize(directions, 1e-8).cols;
  return { orbit, stabiliser: directions.cols - orbit };
}

/** The distance of two orbits: from y to the nearest point of the orbit of x (for GL(r): of balanced points). */
export function orbitDistance(action: Action, x: Float64Array, y: Float64Array): number {
  const { point } = action.align(x, y);
  // The balanced point of y is what y itself is brought to.
  const to = action.group.startsWith('GL') ? action.align(y, y).point : y;
  return norm(point.map((value, i) => value - to[i]!));
}
