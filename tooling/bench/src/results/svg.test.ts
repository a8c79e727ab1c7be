import { expect, test } from 'vitest';

import { chart } from './svg.ts';

const numbers = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map((match) => Number(match[1]));

test('bars grow with the logarithm of the ratio, away from 1 on either side', () => {
  const svg = chart('c', [{ title: 't', bars: [4, 2, 0.5].map((ratio) => ({ label: 'x', ratio })) }]);
  const [x, width] = [numbers(svg, /<rect x="([\d.]+)"/g), numbers(svg, /<rect .*? width="([\d.]+)"/g)];
  expect(x[0]).toBe(x[1]);
  expect(x[2]! + width[2]!).toBeCloseTo(x[0]!, 0);
  expect(width[0]! / width[1]!).toBeCloseTo(2, 1);
  expect(width[1]! / width[2]!).toBeCloseTo(1, 1);
});

test('a floor is marked where a bar of that ratio would end', () => {
  const svg = chart('c', [{ title: 't', bars: [{ label: 'a', ratio: 3, floor: 5 }, { label: 'b', ratio: 5 }] }]);
  const end = numbers(svg, /<rect x="([\d.]+)"/g)[1]! + numbers(svg, /<rect .*? width="([\d.]+)"/g)[1]!;
  expect(numbers(svg, /<path d="M([\d.]+) [\d.]+v/g)).toEqual([expect.closeTo(end, 0)]);
});

test('labels are escaped, and nothing runs out of the picture', () => {
  const svg = chart('a < b & c', [{ title: 't', bars: [{ label: '<x>', ratio: 1000, floor: 0.01 }] }]);
  expect(svg).toContain('a &lt; b &amp; c');
  expect(svg).toContain('&lt;x&gt;');
  const [, , width, height] = /viewBox="(\d+) (\d+) (\d+) (\d+)"/.exec(svg)!.slice(1).map(Number) as [number, number, number, number];
  expect(Math.max(...numbers(svg, /[ "M]x?=?"?(\d+\.\d)\b/g))).toBeLessThanOrEqual(width);
  expect(Math.max(...numbers(svg, / y="(\d+)"/g))).toBeLessThan(height);
});
