import { normals, streamKey } from '@lowland/core';
import { gram, matrix, multiply } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { inverseRoot } from './inverse-root.ts';

describe('inverseRoot', () => {
  it('is a root of the pseudo-inverse, and orthonormalises', () => {
    const v = matrix(7, 2);
    normals(streamKey(1, 'test', 0), v.data);
    const wide = multiply(v, matrix(2, 4, Float64Array.of(1, 0, 2, -1, 3, 1, 0, 1)));
    const a = gram(wide);
    const w = matrix(4, 4, inverseRoot(a.data, 4, 1e-12));
    const pseudoInverse = multiply(w, w, { transposeB: true });
    const back = multiply(multiply(a, pseudoInverse), a);
    back.data.forEach((x, k) => expect(x).toBeCloseTo(a.data[k]!, 10));
    const q = gram(multiply(wide, w));
    q.data.forEach((x, k) => expect(x).toBeCloseTo(k === 0 || k === 5 ? 1 : 0, 10));
  });

  it('of what is not finite is NaN', () => {
    expect(inverseRoot(Float64Array.of(1, 0, 0, Infinity), 2, 1e-12).every(Number.isNaN)).toBe(true);
  });

  it('of zero is zero', () => {
    expect(inverseRoot(new Float64Array(9), 3, 1e-12).every((x) => x === 0)).toBe(true);
  });
});
