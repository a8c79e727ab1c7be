import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseDecimal } from './number.ts';

const parse = (text: string): number => parseDecimal(Buffer.from(`[${text}]`), 1, 1 + Buffer.byteLength(text));

describe('parseDecimal', () => {
  it('gives the bits of Number() for every way a double is written', () => {
    const text = fc.double({ noDefaultInfinity: true, noNaN: true }).chain((x) =>
      fc.constantFrom(String(x), x.toExponential(), x.toPrecision(17), x.toExponential(18), Math.abs(x) < 1e21 ? x.toFixed(12) : String(x)),
    );
    fc.assert(fc.property(text, (t) => Object.is(parse(t), Number(t))), { seed: 1, numRuns: runs(100_000) });
  });

  it('gives the bits of Number() for short decimals', () => {
    const text = fc.tuple(fc.integer(), fc.nat(999_999_999), fc.integer({ min: -30, max: 30 })).map(([a, b, e]) => `${a}.${b}e${e}`);
    fc.assert(fc.property(text, (t) => Object.is(parse(t), Number(t))), { seed: 2, numRuns: runs(100_000) });
  });

  it.each([
    ['9007199254740993', 9007199254740992],
    ['9007199254740992', 2 ** 53],
    ['1e23', 1e23],
    ['+.5', 0.5],
    ['5.', 5],
    ['-0', -0],
    ['1E+2', 100],
    ['1e-400', 0],
    ['1e999', Infinity],
    ['-1e999', -Infinity],
    [`0.${'0'.repeat(400)}1e400`, 0.1],
  ])('reads %s', (text, value) => expect(parse(text)).toBe(value));

  it.each(['', '+', '.', 'e5', '1e', '1e+', '1.2.3', '1 ', ' 1', '0x10', 'nan', 'NaN', 'inf', 'Infinity', '1,5', '--1', '1_000', '٣'])('finds no number in %j', (text) =>
    expect(parse(text)).toBeNaN(),
  );
});
