/**
 * Chains of layers W_1, …, W_N and what turning their hidden sides leaves of them.
 */
import { frobeniusNorm, gram, identity, joinColumns, matrix, type Matrix, multiply, orthonormalize, subtract, thinSvd, transpose } from '@lowland/linalg';

import { procrustes } from './columns.ts';
import type { Element } from './elements.ts';

export type Chain = readonly Matrix[];

/** W_N … W_1 */
export const productOf = (chain: Chain): Matrix => chain.slice(1).reduce((sum, layer) => multiply(layer, sum), chain[0]!);

/** G_1 W_1, G_2 W_2 H_1, …, W_N H_{N-1}, H_k the inverses of G_k. */
export const moved = (chain: Chain, element: Element, inverses: Element): Chain =>
  chain.map((layer, k) => {
    const left = k < element.length ? multiply(element[k]!, layer) : layer;
    return k > 0 ? multiply(left, inverses[k - 1]!) : left;
  });

/**
 * Of all chains with this product those with the least sum of squares: (U S^1/N, S^1/N, …, S^1/N V^T) between zeros, U S V^T the product.
 * Singular values that are rounding of such a product are 0.
 */
export function balancedChain(chain: Chain): Chain {
  const { u, s, v } = thinSvd(productOf(chain));
  const last = chain.length - 1;
  const zero = 1e-14 * chain.reduce((length, layer) => length * frobeniusNorm(layer), 1);
  const rank = Math.min(s.filter((value) => value > zero).length, ...chain.slice(1).map(({ cols }) => cols));
  return chain.map(({ rows, cols }, k) => {
    const layer = matrix(rows, cols);
    for (let j = 0; j < rank; j++) {
      const root = s[j]! ** (1 / chain.length);
      if (k === 0) for (let i = 0; i < cols; i++) layer.data[j * cols + i] = root * v.data[i * v.cols + j]!;
      else if (k === last) for (let i = 0; i < rows; i++) layer.data[i * cols + j] = root * u.data[i * u.cols + j]!;
      else layer.data[j * cols + j] = root;
    }
    return layer;
  });
}

/**
 * Orthogonal G_1, … that bring one chain near another: Procrustes problems layer by layer up from the inputs, down from the outputs, and from there
 * (and from no turn) in turns until nothing falls; the best of three.
 */
export function nearestTurns(from: Chain, to: Chain): Element {
  const count = from.length - 1;
  const off = (element: Element): number => moved(from, element, element.map(transpose)).reduce((sum, layer, k) => sum + frobeniusNorm(subtract(layer, to[k]!)) ** 2, 0);
  const improved = (start: Element, order: readonly number[], sides: { readonly before: boolean; readonly after: boolean }): Element => {
    const element = [...start];
    for (const k of order) {
      // |G_k A - B|^2 + |C G_k^T - D|^2 is |W G_k^T - Y|^2 with A^T above C in W, B^T above D in Y.
      const a = k > 0 ? multiply(from[k]!, element[k - 1]!, { transposeB: true }) : from[k]!;
      const c = k + 1 < count ? multiply(element[k + 1]!, from[k + 1]!) : from[k + 1]!;
      const [w, y] = [[...(sides.before ? [transpose(a)] : []), ...(sides.after ? [c] : [])], [...(sides.before ? [transpose(to[k]!)] : []), ...(sides.after ? [to[k + 1]!] : [])]];
      element[k] = transpose(procrustes(stacked(w), stacked(y)).rotation);
    }
    return element;
  };
  const still = from.slice(0, count).map(({ rows }) => identity(rows));
  const up = still.map((_, k) => k);
  const down = [...up].reverse();
  const starts = [still, improved(still, up, { before: true, after: false }), improved(still, down, { before: false, after: true })];
  const ends = starts.map((start) => {
    let [element, least] = [start, off(start)];
    for (let round = 0; round < 100; round++) {
      const next = improved(element, round % 2 === 0 ? up : down, { before: true, after: true });
      const there = off(next);
      if (!(there < least * (1 - 1e-12))) break;
      [element, least] = [next, there];
    }
    return { element, least };
  });
  return ends.reduce((best, end) => (end.least < best.least ? end : best)).element;
}

/** What orthogonal turns leave as it is, made of degree 2: the product, Grams of the layers in a row from both ends, traces of neighbours. */
export function chainInvariant(chain: Chain): Float64Array {
  const size = Math.hypot(...chain.map(frobeniusNorm));
  const trace = (a: Matrix, b: Matrix): number => a.data.reduce((sum, value, at) => sum + value * b.data[at]!, 0);
  const parts = [ofDegreeTwo(productOf(chain).data, chain.length, size)];
  const backwards = [...chain].reverse().map(transpose);
  for (let k = 1; k < chain.length; k++) {
    for (const side of [chain, backwards]) parts.push(ofDegreeTwo(gram(productOf(side.slice(0, k))).data, 2 * k, size));
  }
  chain.forEach((layer, k) => {
    const [inner, outer, next] = [gram(layer), multiply(layer, layer, { transposeB: true }), chain[k + 1]];
    parts.push(Float64Array.of(frobeniusNorm(layer) ** 2), ofDegreeTwo(Float64Array.of(trace(inner, inner), next === undefined ? 0 : trace(outer, gram(next))), 4, size));
  });
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

/** Numbers of degree m in the entries of x, over |x|^(m - 2). */
export const ofDegreeTwo = (numbers: Float64Array, degree: number, size: number): Float64Array => numbers.map((value) => (size === 0 ? 0 : value * size ** (2 - degree)));

/** Turned so that the rows of each layer, from the inputs on, are orthogonal and descend in length, what they leave open by the columns of the next. */
export function principalChain(chain: Chain, zero: number): Chain {
  const out = [...chain];
  for (let k = 0; k + 1 < chain.length; k++) {
    const [before, after] = [out[k]!, out[k + 1]!];
    const first = leading(before, zero);
    const found = joinColumns(first, leading(across(transpose(after), first), Math.max(zero, 1e-10 * frobeniusNorm(after))));
    const n = before.rows;
    const rest = found.cols === n ? found : joinColumns(found, orthonormalize(across(identity(n), found), 1e-6));
    const q = withSigns(rest, before, after);
    out[k] = multiply(q, before, { transposeA: true });
    out[k + 1] = multiply(after, q);
  }
  return out.map((layer) => matrix(layer.rows, layer.cols, layer.data.map((value) => (Math.abs(value) <= zero ? 0 : value))));
}

/** At each hidden layer the dimension of what inputs and outputs reach, there and back; lengths up to `zero` taken as 0. */
export function reachedRanks(chain: Chain, zero: number): readonly number[] {
  const count = chain.length - 1;
  const spans = chain.slice(0, count).map(({ rows }) => matrix(rows, 0));
  const grow = (k: number, a: Matrix): boolean => {
    const more = leading(across(a, spans[k]!), Math.max(zero, 1e-10 * frobeniusNorm(a)));
    spans[k] = joinColumns(spans[k]!, more);
    return more.cols > 0;
  };
  for (let growing = true; growing; ) {
    growing = false;
    for (let k = 0; k < count; k++) {
      if (grow(k, k === 0 ? chain[0]! : multiply(chain[k]!, spans[k - 1]!))) growing = true;
      if (grow(k, k === count - 1 ? transpose(chain[count]!) : multiply(chain[k + 1]!, spans[k + 1]!, { transposeA: true }))) growing = true;
    }
  }
  return spans.map(({ cols }) => cols);
}

/** One above the other. */
function stacked(parts: readonly Matrix[]): Matrix {
  return matrix(parts.reduce((sum, { rows }) => sum + rows, 0), parts[0]!.cols, Float64Array.from(parts.flatMap(({ data }) => [...data])));
}

const across = (a: Matrix, q: Matrix): Matrix => (q.cols === 0 ? a : subtract(a, multiply(q, multiply(q, a, { transposeA: true }))));

/** Left singular vectors of the values above zero. */
function leading(a: Matrix, zero: number): Matrix {
  const { u, s } = thinSvd(a);
  const count = s.filter((value) => value > Math.max(zero, 1e-10 * s[0]!)).length;
  const out = matrix(a.rows, count);
  for (let i = 0; i < a.rows; i++) for (let k = 0; k < count; k++) out.data[i * count + k] = u.data[i * u.cols + k]!;
  return out;
}

/** Each column with the sign that makes the largest entry of its row of Q^T W_k, or where that is 0 of its column of W_{k+1} Q, positive. */
function withSigns(q: Matrix, before: Matrix, after: Matrix): Matrix {
  const [rows, cols] = [multiply(q, before, { transposeA: true }), multiply(after, q)];
  const out = matrix(q.rows, q.cols, q.data.slice());
  for (let k = 0; k < q.cols; k++) {
    const own = Array.from({ length: rows.cols }, (_, j) => rows.data[k * rows.cols + j]!);
    const far = Array.from({ length: cols.rows }, (_, i) => cols.data[i * cols.cols + k]!);
    const entries = Math.max(...own.map(Math.abs)) > 1e-10 * Math.max(...far.map(Math.abs)) ? own : far;
    const largest = Math.max(...entries.map(Math.abs));
    if ((entries.find((value) => Math.abs(value) > 0.999 * largest) ?? 1) < 0) for (let i = 0; i < q.rows; i++) out.data[i * q.cols + k]! *= -1;
  }
  return out;
}
