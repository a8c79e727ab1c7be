/**
 * O(r) and GL(r) on the columns of factors.
 */
import { blockOf, createPoint, type Factors, type Layout } from '@lowland/core';
import { fixSigns, gram, type Matrix, matrix, multiply, symmetricEigen, thinSvd } from '@lowland/linalg';

import { balancedFactors, type Factored, factorsAt, pointOf, productSvd } from '../factored.ts';
import type { Action, Aligned } from './action.ts';
import { columnsFrom, inverse, randomInvertible, randomOrthogonal, skewPairs } from './elements.ts';
import { determinantSign } from './rotation.ts';

/** All factors on top of each other: W = X, or [U; V]. */
export function stacked(layout: Layout, factors: Factors, x: Float64Array): Matrix {
  const { symmetric, left, right } = factorsAt(createPoint(layout, x), factors);
  if (symmetric) return matrix(left.rows, left.cols, left.data.slice());
  return matrix(left.rows + right.rows, left.cols, Float64Array.of(...left.data, ...right.data));
}

/** The way back. */
export function unstacked(layout: Layout, factors: Factors, w: Matrix): Float64Array {
  const point = createPoint(layout);
  const [left, right] = factors.pairs[0]!;
  const first = blockOf(point, left);
  first.set(w.data.subarray(0, first.length));
  if (left !== right) blockOf(point, right).set(w.data.subarray(first.length));
  return point.data;
}

/**
 * O(r): W -> W Psi. Orbits are Stiefel manifolds O(r)/O(r - s), s the rank of W, and are told apart by W W^T. The k-th fixed space has its
 * columns from k on at 0, for k < r: what is fixed by their signs. Elements are [Psi].
 */
export function columnAction(layout: Layout, factors: Factors, group: string): Action {
  const wide = (x: Float64Array): Matrix => stacked(layout, factors, x);
  const flat = (w: Matrix): Float64Array => unstacked(layout, factors, w);
  const { cols: r } = wide(createPoint(layout).data);
  return {
    group,
    by: layout.blocks.length > 1 ? 'W W^T, W = [U; V]' : 'X X^T',
    degree: 2,
    act: (x, [psi]) => flat(multiply(wide(x), psi!)),
    random: (key) => [randomOrthogonal(r, key)],
    generators(x) {
      const w = wide(x);
      return columnsFrom(x.length, skewPairs(r).map(([a, b]) => (out: Float64Array): void => {
        const turned = matrix(w.rows, r);
        for (let i = 0; i < w.rows; i++) {
          turned.data[i * r + b] = w.data[i * r + a]!;
          turned.data[i * r + a] = -w.data[i * r + b]!;
        }
        out.set(flat(turned));
      }));
    },
    invariant(x) {
      const w = wide(x);
      return multiply(w, w, { transposeB: true }).data;
    },
    canonical: (x, zero) => flat(principalColumns(wide(x), zero)),
    align(x, y) {
      const w = wide(x);
      const { rotation, component } = procrustes(w, wide(y));
      return { point: flat(multiply(w, rotation)), component };
    },
    orbit(x, zero) {
      const s = columnNorms(principalColumns(wide(x), zero)).filter((size) => size > 0).length;
      return { components: s === r ? 2 : 1, twofold: s === r, euler: stiefelEuler(r, s), rank: s, unused: r - s };
    },
    fixedSpaces: r,
    intoFixedSpace(x, k) {
      const w = wide(x);
      for (let i = 0; i < w.data.length; i++) if (i % r >= k) w.data[i] = 0;
      return flat(w);
    },
  };
}

/**
 * GL(r): (U, V) -> (U G, V G^-T). Orbits are not compact; each closure holds the balanced factors of its product U V^T, which tells closures
 * apart and stands for them here. Elements are [G].
 */
export function balancingAction(layout: Layout, factors: Factors, group: string): Action {
  const at = (x: Float64Array): Factored => factorsAt(createPoint(layout, x), factors);
  const balanced = (x: Float64Array): Float64Array => {
    const given = at(x);
    return pointOf(layout, factors, balancedFactors(productSvd(given), given.left.cols)).data;
  };
  const onColumns = columnAction(layout, factors, group);
  const point = (left: Matrix, right: Matrix): Float64Array => pointOf(layout, factors, { symmetric: false, left, right }).data;
  return {
    ...onColumns,
    by: 'U V^T',
    act(x, [g]) {
      const { left, right } = at(x);
      return point(multiply(left, g!), multiply(right, inverse(g!), { transposeB: true }));
    },
    random: (key) => [randomInvertible(at(createPoint(layout).data).left.cols, key)],
    generators(x) {
      const { left, right } = at(x);
      const r = left.cols;
      return columnsFrom(x.length, Array.from({ length: r * r }, (_, k) => (out: Float64Array): void => {
        // (U K, -V K^T) with K = e_a e_b^T
        const [a, b] = [Math.floor(k / r), k % r];
        const [u, v] = [matrix(left.rows, r), matrix(right.rows, r)];
        for (let i = 0; i < left.rows; i++) u.data[i * r + b] = left.data[i * r + a]!;
        for (let i = 0; i < right.rows; i++) v.data[i * r + a] = -right.data[i * r + b]!;
        out.set(point(u, v));
      }));
    },
    invariant(x) {
      const { left, right } = at(x);
      return multiply(left, right, { transposeB: true }).data;
    },
    canonical: (x, zero) => onColumns.canonical(balanced(x), zero),
    align: (x, y): Aligned => onColumns.align(balanced(x), balanced(y)),
    orbit: (x, zero) => ({ ...onColumns.orbit(balanced(x), zero), euler: null }),
  };
}

/**
 * The orthogonal Psi with |W Psi - Y| least: A B^T where W^T Y = A S B^T. Where S has a zero its sign is free, and the determinant is made 1.
 */
export function procrustes(w: Matrix, y: Matrix): { readonly rotation: Matrix; readonly component: 0 | 1 } {
  const { u, s, v } = thinSvd(multiply(w, y, { transposeA: true }));
  const r = s.length;
  const rotation = multiply(u, v, { transposeB: true });
  if (determinantSign(rotation) > 0) return { rotation, component: 0 };
  if (s[r - 1]! > 1e-10 * s[0]!) return { rotation, component: 1 };
  for (let i = 0; i < r; i++) u.data[i * r + r - 1]! *= -1;
  return { rotation: multiply(u, v, { transposeB: true }), component: 0 };
}

/** W turned so that its columns are orthogonal and their lengths descend; columns up to `zero` long are 0. */
function principalColumns(w: Matrix, zero: number): Matrix {
  const turned = multiply(w, principalTurn(w));
  const sizes = columnNorms(turned);
  for (let i = 0; i < turned.data.length; i++) if (sizes[i % w.cols]! <= zero) turned.data[i] = 0;
  return turned;
}

/** Psi such that the columns of W Psi are orthogonal and descend in length, with signs by their largest entries. */
export function principalTurn(w: Matrix): Matrix {
  const { vectors } = symmetricEigen(gram(w));
  const turned = multiply(w, vectors);
  fixSigns(turned, vectors);
  return vectors;
}

function columnNorms({ rows, cols, data }: Matrix): number[] {
  return Array.from({ length: cols }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += data[i * cols + j]! ** 2;
    return Math.sqrt(sum);
  });
}

/** The Euler characteristic of O(r)/O(r - s) (rigour.md C2): a point, two points, a sphere of even dimension, or 0. */
export function stiefelEuler(r: number, s: number): number {
  if (s === 0) return 1;
  return s === 1 && r % 2 === 1 ? 2 : 0;
}
