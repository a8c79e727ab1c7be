import { normals, streamKey } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { twoLoop } from './two-loop.ts';

const variables = 9;

function draw(index: number): Float64Array {
  const out = new Float64Array(variables);
  normals(streamKey(11, 'two-loop', index), out);
  return out;
}
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const combine = (a: Float64Array, factor: number, b: Float64Array) => a.map((x, i) => x + factor * b[i]!);

/** Nocedal 1980 as printed, on vectors; pairs from the oldest to the newest. */
function explicit(pairs: readonly { s: Float64Array; y: Float64Array }[], gradient: Float64Array): Float64Array {
  let q = gradient.slice();
  const alphas = new Map<number, number>();
  for (const [i, { s, y }] of [...pairs.entries()].reverse()) {
    alphas.set(i, dot(s, q) / dot(s, y));
    q = combine(q, -alphas.get(i)!, y);
  }
  const newest = pairs.at(-1)!;
  const gamma = dot(newest.s, newest.y) / dot(newest.y, newest.y);
  let r = q.map((x) => gamma * x);
  for (const [i, { s, y }] of pairs.entries()) r = combine(r, alphas.get(i)! - dot(y, r) / dot(s, y), s);
  return r;
}

describe('twoLoop', () => {
  it.each([
    [1, 5],
    [3, 5],
    [5, 5],
    [9, 5],
    [4, 1],
  ])('agrees with the recursion on vectors after %i pairs in %i places', (given, size) => {
    const places: { s: Float64Array; y: Float64Array }[] = [];
    const history: typeof places = [];
    for (let k = 0; k < given; k++) {
      const s = draw(2 * k);
      const y = combine(s, 0.3, draw(2 * k + 1)); // <s, y> > 0
      places[k % size] = { s, y };
      history.push({ s, y });
    }
    const gradient = draw(100);
    const empty = { s: new Float64Array(variables), y: new Float64Array(variables) };
    const all = Array.from({ length: size }, (_, i) => places[i] ?? empty);
    const products = {
      count: Math.min(given, size),
      next: given % size,
      sy: all.flatMap(({ s }) => all.map(({ y }) => dot(s, y))),
      yy: all.flatMap(({ y: a }) => all.map(({ y: b }) => dot(a, b))),
      withGradient: [...all.map(({ s }) => dot(s, gradient)), ...all.map(({ y }) => dot(y, gradient))],
    };
    const coefficients = new Float64Array(2 * size);
    const gamma = twoLoop(size, products, coefficients);

    let found = gradient.map((x) => gamma * x);
    all.forEach(({ s, y }, i) => {
      found = combine(combine(found, coefficients[i]!, s), coefficients[size + i]!, y);
    });
    const expected = explicit(history.slice(-size), gradient);
    const scale = Math.sqrt(dot(expected, expected));
    found.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-12 * scale));
  });
});
