import { expect, test } from 'vitest';

import { bar, plot, short, sparkline } from './plot.ts';

test('a bar is as long as its share, to an eighth of a character', () => {
  expect(bar(1, 1, 4, true)).toBe('████');
  expect(bar(0.5, 1, 4, true)).toBe('██');
  expect(bar(9 / 32, 1, 4, true)).toBe('█▏');
  expect(bar(0, 1, 4, true)).toBe('');
  expect(bar(1e-9, 1, 4, true)).toBe('▏');
  expect(bar(3, 4, 8, false)).toBe('######');
  expect(bar(NaN, 1, 4, true)).toBe('');
});

test('a sparkline shows the least value lowest and the greatest highest, gaps as blanks', () => {
  expect(sparkline([0, 7, NaN, 3.5], 10, true)).toBe('▁█ ▅');
  expect(sparkline([1, 1], 10, false)).toBe('__');
  expect(sparkline([], 10, true)).toBe('');
});

test('a sparkline of many values has the width asked for', () => {
  const rising = Array.from({ length: 1000 }, (_, k) => k);
  expect(sparkline(rising, 8, true)).toBe('▁▂▃▄▅▆▇█');
});

test('a plot joins points, lays marks over lines and labels the corners', () => {
  const lines = plot([{ x: [0, 9], y: [0, 3] }, { x: [0], y: [3], mark: 'o' }], { width: 10, height: 4, unicode: false });
  expect(lines).toEqual(['3 |o       ..', '  |     ...', '  |  ...', '0 |..', '   0        9']);
});

test('braille packs eight dots into a character', () => {
  const [line] = plot([{ x: [0, 1], y: [1, 1] }], { width: 2, height: 1, unicode: true });
  expect(line).toMatch(/[\u2800-\u28ff]{2}$/u);
});

test.each([
  [3, '3'],
  [0.123456, '0.1235'],
  [1234567.5, '1.23e+6'],
  [1e-7, '1.00e-7'],
])('%d is written %s', (value, text) => {
  expect(short(value)).toBe(text);
});
