import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { place, type Scale, scaleOf, short, ticks, tickText, valueAt } from './scale.ts';

const scales: fc.Arbitrary<Scale> = fc
  .tuple(fc.constantFrom('linear' as const, 'log' as const), fc.double({ min: -8, max: 8, noNaN: true }), fc.double({ min: 0.01, max: 12, noNaN: true }))
  .map(([kind, a, span]) => (kind === 'log' ? { kind, from: 10 ** a, to: 10 ** (a + span) } : { kind, from: a, to: a + span }));

describe('scales', () => {
  it('place and valueAt are inverse to each other', () => {
    fc.assert(
      fc.property(scales, fc.double({ min: 0, max: 1, noNaN: true }), (scale, at) => {
        expect(place(scale, valueAt(scale, at))).toBeCloseTo(at, 9);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('ticks ascend, lie within, and are neither missing nor too many', () => {
    fc.assert(
      fc.property(scales, fc.integer({ min: 3, max: 9 }), (scale, count) => {
        const at = ticks(scale, count);
        const spread = scale.kind === 'log' ? 1 + 1e-8 : 1;
        const room = scale.kind === 'log' ? 0 : 1e-8 * (scale.to - scale.from);
        at.forEach((value, k) => {
          expect(value).toBeGreaterThanOrEqual(scale.from / spread - room);
          expect(value).toBeLessThanOrEqual(scale.to * spread + room);
          if (k > 0) expect(value).toBeGreaterThan(at[k - 1]!);
        });
        expect(at.length).toBeLessThanOrEqual(2 * count + 2);
        if (scale.kind === 'linear') expect(at.length).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('leave out what cannot be shown', () => {
    expect(scaleOf('log', [NaN, 0, -1, Infinity])).toBeUndefined();
    const scale = scaleOf('log', [1e-12, 0, 1e3, NaN])!;
    expect(scale.from).toBeGreaterThan(1e-13);
    expect(scale.to).toBeLessThan(1e4);
    expect(place(scale, 0)).toBeNaN();
    expect(scaleOf('linear', [1, -1e308, 3, 1e308])).toEqual(scaleOf('linear', [1, 3]));
    expect(scaleOf('linear', [2])).toEqual({ kind: 'linear', from: 1.8, to: 2.2 });
  });
});

describe('ticks', () => {
  it('of a logarithmic axis are powers of ten, with 2 and 5 times them where there is room', () => {
    expect(ticks({ kind: 'log', from: 1e-12, to: 1 }, 5)).toEqual([1e-12, 1e-9, 1e-6, 1e-3, 1]);
    expect(ticks({ kind: 'log', from: 1, to: 120 }, 9)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(ticks({ kind: 'log', from: 3, to: 8 }, 5)).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it('are whole where asked for', () => {
    expect(ticks({ kind: 'linear', from: -0.6, to: 2.6 }, 8, true)).toEqual([0, 1, 2]);
  });
});

it.each([
  [0, '0'],
  [1e-8, '10⁻⁸'],
  [2.5e6, '2.5·10⁶'],
  [-3e-5, '−3·10⁻⁵'],
  [0.1 + 0.2, '0.3'],
  [1500, '1500'],
  [5e-324, '4.941·10⁻³²⁴'],
  [-Infinity, '−∞'],
  [NaN, 'not a number'],
])('%s is written as %s', (value, text) => {
  expect(tickText(value)).toBe(text);
});

it('short keeps four digits', () => {
  expect([1.23456, 123456, 1.23456e-9].map(short)).toEqual(['1.235', '1.235·10⁵', '1.235·10⁻⁹']);
});
