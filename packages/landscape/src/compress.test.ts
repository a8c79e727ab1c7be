import { bind, streamKey, type Objective } from '@lowland/core';
import { cpu, frobeniusNorm, matrix, multiply, scaleColumns, subtract, thinSvd, type Matrix } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { gaussian, pick, values, withSingularValues } from '../test/orthogonal.ts';
import { compress, leading } from './compress.ts';
import { findEscapes, scaleEscapes } from './escape.ts';
import type { ThinProduct } from './factored.ts';
import { imageOf, liftAt, type LiftedProblem } from './lifted-point.ts';
import { proximalStep } from './proximal.ts';

// ½|X − M|² + |X|_*: everything is known in closed form.
const s = [6, 4, 4, 4, 2.5, 0.8];
const { m, u, v } = withSingularValues(12, 9, s, 21);
const objective = matrixFactorization({ target: values(m), rank: 6, lambda: 1, balance: 0 }) as Objective<'lift' | 'factors'>;
let problem: LiftedProblem;
let dispose: () => void;

beforeAll(async () => {
  const binding = await bind(objective, cpu(), ['lift', 'factors']);
  const { layout, lift, factors } = binding.problem;
  problem = { layout, lift, factors, rank: 6 };
  dispose = () => {
    binding[Symbol.dispose]();
  };
});
afterAll(() => {
  dispose();
});

/** X with these values on the target's singular vectors named. */
const along = (which: readonly number[], kept: readonly number[]): ThinProduct => ({
  symmetric: false,
  u: pick(u, which),
  s: Float64Array.from(kept),
  v: pick(v, which),
});
const dense = ({ u: left, s: kept, v: right }: ThinProduct): Matrix => multiply(scaleColumns(left, kept), right, { transposeB: true });

describe('compress', () => {
  it('keeps what X is better with', () => {
    const x = along([0, 1, 2, 3, 4], [5, 3, 3, 3, 1.5]);
    const { product, lifted } = compress(problem, x);
    expect(product.s).toEqual(x.s);
    expect(lifted.value).toBeCloseTo(0.5 * (5 + 0.64) + 15.5, 12);
  });

  it('drops rounding, and what raises the value, smallest first', () => {
    // The triple at .8 is below the penalty: X is better without it, however large it has grown.
    expect(compress(problem, along([0, 1, 4, 5], [5, 3, 0.5, 0.3])).product.s).toEqual(Float64Array.of(5, 3, 0.5));
    expect(compress(problem, along([0, 1, 4], [5, 3, 1e-9])).product.s).toEqual(Float64Array.of(5, 3));
  });

  it('drops everything where 0 is best', () => {
    expect(compress(problem, along([5], [0.4])).product.s.length).toBe(0);
  });
});

describe('escapes', () => {
  const key = streamKey(1, 'escape', 0);

  it('are the missing triples above the penalty, equal ones included', () => {
    const x = along([0, 4], [5, 1.5]);
    const { triples, largest } = findEscapes(problem.lift, liftAt(problem, x), x, 6, 1, key);
    expect(largest).toBeCloseTo(4, 6);
    expect(triples.s.length).toBeGreaterThanOrEqual(2);
    for (const value of triples.s) expect(value).toBeCloseTo(4, 6);
    expect(frobeniusNorm(multiply(triples.u, x.u, { transposeA: true }))).toBeLessThan(1e-12);
  });

  it('are none at the minimum, where |G| equals the penalty five times over', () => {
    const x = along([0, 1, 2, 3, 4], [5, 3, 3, 3, 1.5]);
    const { triples, largest } = findEscapes(problem.lift, liftAt(problem, x), x, 4, 1, key);
    expect(triples.s.length).toBe(0);
    expect(largest).toBeCloseTo(0.8, 6);
  });

  it('are never more than asked for', () => {
    const x = along([], []);
    expect(findEscapes(problem.lift, liftAt(problem, x), x, 1, 1, key).triples.s.length).toBe(1);
  });

  it('get the scale at which the value is least', () => {
    const x = along([0], [5]);
    const triples = along([1, 4], [4, 2.5]);
    const { triples: scaled, decrease } = scaleEscapes(problem, triples);
    // The identity as linear map: the best scale is 1, the values are those of the minimum.
    expect(Array.from(scaled.s)).toEqual([expect.closeTo(3, 12) as number, expect.closeTo(1.5, 12) as number]);
    const both: ThinProduct = { symmetric: false, u: pick(u, [0, 1, 4]), s: Float64Array.of(5, ...scaled.s), v: pick(v, [0, 1, 4]) };
    expect(liftAt(problem, x).value - liftAt(problem, both).value).toBeCloseTo(decrease, 12);
  });
});

describe('proximalStep', () => {
  it('is the minimum at once where the map is the identity', () => {
    const x = along([5, 2], [3, 1]);
    const stepped = proximalStep(problem.lift, liftAt(problem, x), x, 9, streamKey(1, 'proximal', 0));
    const minimum = along([0, 1, 2, 3, 4], [5, 3, 3, 3, 1.5]);
    expect(frobeniusNorm(subtract(dense(stepped), dense(minimum)))).toBeLessThan(1e-8);
  });
});

it('imageOf is the linear map, leading the first triples', () => {
  const x = gaussian(12, 9, 22);
  const svd: ThinProduct = { symmetric: false, ...thinSvd(x) };
  const six = leading(svd, 6);
  expect(six.u.cols).toBe(6);
  expect(frobeniusNorm(subtract(matrix(12, 9, imageOf(problem, six)), dense(six)))).toBeLessThan(1e-12);
});
