import { expect, it } from 'vitest';

import { call } from '../testing.ts';

it.each([
  ['exit-times', ['--strength', '1', '--paths', '20'], /nonreversible[^]*barrier +0\.25[^]*Eyring-Kramers[^]*backward equation[^]*20 of 20 paths/],
  ['exit-times', ['--dimension', '1', '--paths', '0', '--temperature', '0.125'], /beta 8[^]*exact +41\.0/],
  ['escape-times', [], /least -1[^]*linear theory[^]*1e-8/],
  ['recurrence', ['--paths', '20'], /reversible[^]*nonreversible[^]*underdamped[^]*of 20 entered/],
])('%s of a double well, with %o', async (command, options, said) => {
  const { code, stdout } = await call(command, 'double-well', ...options, '--quiet');
  expect(code).toBe(0);
  expect(stdout).toMatch(said);
});

it('gives JSON, and times of the same seed are the same', async () => {
  const times = async () => JSON.parse((await call('exit-times', 'double-well', '--paths', '10', '--quiet', '--json')).stdout) as { result: { height: number; simulated: { time: number } } };
  const [one, other] = [await times(), await times()];
  expect(one.result.height).toBeCloseTo(0.25, 12);
  expect(one).toEqual(other);
});
