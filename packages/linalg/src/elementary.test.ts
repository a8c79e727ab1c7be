import { streamKey, uniforms } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { exp, log, logOnePlus } from './elementary.ts';

const draws = new Float64Array(20_000);
uniforms(streamKey(1, 'elementary'), draws);
/** Math.* of V8 is within one unit in the last place itself. */
const units = (x: number, exact: number): number => Math.abs(x - exact) / (2 ** -52 * Math.abs(exact));

describe('elementary functions', () => {
  it('exp is within 3 units over all normal results', () => {
    let worst = 0;
    for (const u of draws) for (const x of [1416 * u - 707, 2 * u - 1, u * 1e-9]) worst = Math.max(worst, units(exp(x), Math.exp(x)));
    expect(worst).toBeLessThan(3);
  });

  it('exp ends where numbers end', () => {
    expect([exp(0), exp(-0), exp(-800), exp(Infinity), exp(-Infinity), exp(710)]).toEqual([1, 1, 0, Infinity, 0, Infinity]);
    expect(exp(NaN)).toBeNaN();
    expect(exp(-744)).toBe(Math.exp(-744));
    expect(units(exp(709.78), Math.exp(709.78))).toBeLessThan(3);
  });

  it('log is within 3 units, near 1 too, and exact at powers of two as far as ln 2 is', () => {
    let worst = 0;
    for (const u of draws) for (const x of [exp(1400 * u - 700), 1 + (u - 0.5) * 1e-3, 0.5 + u, u * 1e-310]) worst = Math.max(worst, units(log(x), Math.log(x)) || 0);
    expect(worst).toBeLessThan(3);
    expect([log(1), log(2), log(0), log(Infinity), log(5e-324)]).toEqual([0, Math.LN2, -Infinity, Infinity, Math.log(5e-324)]);
    expect([log(-1), log(NaN)]).toEqual([NaN, NaN]);
  });

  it('log(1 + t) is within 3 units on [0, 1]', () => {
    let worst = 0;
    for (const u of draws) for (const t of [u, u * 1e-6, u * 1e-300]) worst = Math.max(worst, units(logOnePlus(t), Math.log1p(t)) || 0);
    expect(worst).toBeLessThan(3);
    expect([logOnePlus(0), logOnePlus(1)]).toEqual([0, Math.LN2]);
    expect(logOnePlus(NaN)).toBeNaN();
  });
});
