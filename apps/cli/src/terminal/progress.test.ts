import { expect, test } from 'vitest';

import { clock, Progress, secondsLeft, StageProgress } from './progress.ts';
import type { Screen } from './style.ts';

function recorded(live: boolean): { screen: Screen; written: string[] } {
  const written: string[] = [];
  const screen: Screen = { stream: process.stderr, columns: 80, unicode: true, live, write: (text) => written.push(text), style: (_, text) => text };
  return { screen, written };
}

const at = (iteration: number, seconds: number, gradientNorm = 1) => ({ iteration, seconds, value: 2, gradientNorm });
const limits = { iterations: 1000, seconds: Infinity };

test('time left goes by the nearer limit', () => {
  expect(secondsLeft(at(0, 0), at(100, 1), limits)).toBe(9);
  expect(secondsLeft(at(0, 0), at(100, 1), { ...limits, seconds: 4 })).toBe(3);
  expect(secondsLeft(at(0, 0), at(100, 9), { ...limits, seconds: 4 })).toBe(0);
});

test('a gradient that falls tenfold a second needs two seconds for two more digits', () => {
  const left = secondsLeft(at(0, 0, 5), at(10, 1, 0.5), { iterations: 1e9, seconds: Infinity, gradientTolerance: 1e-3 });
  expect(left).toBeCloseTo(2, 10);
});

test('at the start nothing is said', () => {
  expect(secondsLeft(at(0, 0), at(0, 0), limits)).toBe(Infinity);
});

test.each([
  [7.4, '0:07'],
  [750, '12:30'],
  [3723, '1:02:03'],
])('%d seconds are %s', (seconds, text) => {
  expect(clock(seconds)).toBe(text);
});

test('without a terminal there is a line every ten seconds and nothing is erased', () => {
  const { screen, written } = recorded(false);
  const progress = new Progress(screen, limits);
  for (let second = 0; second <= 25; second++) progress.update(at(10 * second, second));
  progress.done();
  expect(written).toHaveLength(2);
  expect(written[0]).toBe('iteration 100  10/s  value 2  gradient 1.0e+0  0:10  about 1:30 left\n');
});

test('on a terminal one line is redrawn and taken away', () => {
  const { screen, written } = recorded(true);
  const progress = new Progress(screen, limits);
  progress.update(at(0, 0));
  progress.update(at(1, 0.01));
  progress.update(at(20, 0.2));
  progress.done();
  expect(written).toHaveLength(3);
  expect(written.every((text) => text.startsWith('\r\u001b[2K') && !text.includes('\n'))).toBe(true);
});

test('of stages the time left is that of the stage', () => {
  const { screen, written } = recorded(false);
  const progress = new StageProgress(screen);
  for (let k = 0; k <= 12; k++) progress.update('starts', k, 50, k);
  progress.update('saddles', 0, 4, 21);
  progress.update('saddles', 2, 4, 31);
  progress.done();
  expect(written).toEqual(['starts 10 of 50  0:10  about 0:40 left of these\n', 'saddles 0 of 4  0:21\n', 'saddles 2 of 4  0:31  about 0:10 left of these\n']);
});
