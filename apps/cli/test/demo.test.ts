import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { folder, lowland } from './run-cli.ts';

test('the demo recovers hidden cells better than both baselines, certifies, draws, and can be run again', async () => {
  const cwd = folder();
  const { code, stdout, stderr } = await lowland(['demo'], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const error = (name: string): number => Number(new RegExp(`${name} +([0-9.]+)`).exec(stdout)![1]);
  expect(error('low rank')).toBeLessThan(0.9 * error('row and column means'));
  expect(error('low rank')).toBeLessThan(0.9 * error('interpolation in time'));
  const gap = Number(/Certificate: global-minimum, relative gap (\S+)/.exec(stdout)![1]);
  expect(gap).toBeLessThanOrEqual(1e-6);
  expect(stdout).toMatch(/Time: .* s to solve/);
  expect(stdout).toMatch(/[\u2801-\u28ff]{2}/u);
  expect(stdout).toMatch(/Data and results: lowland-demo/);
  expect(JSON.parse(readFileSync(join(cwd, 'lowland-demo', 'result', 'result.json'), 'utf8'))).toMatchObject({ verdict: { kind: 'global-minimum' } });
  expect((await lowland(['demo'], { cwd })).code).toBe(0);
});

test('check-derivatives measures slopes 2 and 3 and draws them', async () => {
  const problem = ['matrix-sensing', '--generate', 'rows=5,cols=4,rank=1', '--rank', '2', '--lambda', '0.1'];
  const { code, stdout } = await lowland(['check-derivatives', ...problem, '--json']);
  expect(code).toBe(0);
  const { passed, tests } = JSON.parse(stdout) as { passed: boolean; tests: { name: string; expected: number; slope: number }[] };
  expect(passed).toBe(true);
  expect(tests.map(({ name }) => name)).toEqual(['gradient', 'hessian', 'hessian-gradient']);
  for (const { expected, slope } of tests) expect(Math.abs(slope - expected)).toBeLessThan(0.1);
  const drawn = await lowland(['check-derivatives', ...problem]);
  expect(drawn.stdout).toMatch(/gradient, by values +slope 2\.0\d +expected 2 +passes/);
  expect(drawn.stdout).toMatch(/\|.*[ghH]/);
});
