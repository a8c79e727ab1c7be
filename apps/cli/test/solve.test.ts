import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { parseNpy } from '../src/data/index.ts';
import type { ResultDocument } from '../src/document.ts';
import { folder, lowland, plantedTriplets } from './run-cli.ts';

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

test('from a file of ratings to a certified minimum, in the ids of the file', async () => {
  const cwd = folder({ 'ratings.csv': plantedTriplets(), 'wanted.csv': 'user,item\nu3,m0\nu11,m8\n' });
  const { code, stdout, stderr } = await lowland(
    ['solve', 'matrix-completion', '--data', 'ratings.csv', '--rank', 'auto', '--start-rank', '1', '--lambda', '0.5', '--predict', 'wanted.csv', '--out', 'out', '--json'],
    { cwd },
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as ResultDocument;
  expect(document).toMatchObject({ objective: 'matrix-completion', optimizer: 'lbfgs', backend: 'cpu', seed: 0, stop: { reason: 'converged' } });
  // Two are planted; taking off the mean adds a third.
  expect(document.rank).toBe(3);
  expect(document.verdict).toMatchObject({ kind: 'global-minimum', rule: 'nuclear-norm', reason: null });
  expect(document.verdict.relativeGap).toBeLessThanOrEqual(1e-6);
  expect(document.verdict.gap).toBeGreaterThan(0);
  expect(document.verdict.problem).toMatch(/X/);
  expect(document.holdout!.rmse).toBeLessThan(document.holdout!.baselineRmse);
  expect(document.holdout!.count + document.data!.observations).toBe(plantedTriplets().trim().split('\n').length - 1);
  expect(document.data!.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(document.counts.method).not.toEqual({});
  expect(document.plan.ok).toBe(true);

  expect(readdirSync(join(cwd, 'out')).sort()).toEqual(document.files);
  expect(JSON.parse(read(cwd, 'out', 'result.json'))).toEqual(document);
  const u = parseNpy(readFileSync(join(cwd, 'out', 'U.npy')), 'U.npy');
  const v = parseNpy(readFileSync(join(cwd, 'out', 'V.npy')), 'V.npy');
  expect([u.shape[0], v.shape[0]]).toEqual([12, 9]);
  expect(u.shape[1]).toBe(v.shape[1]);

  // What is predicted is the product of the factors that were written, plus the means.
  const offsets = ['row-offsets.npy', 'column-offsets.npy'].map((name) => parseNpy(readFileSync(join(cwd, 'out', name)), name).values);
  const ids = read(cwd, 'out', 'rows.csv').trim().split('\n').slice(1).map((line) => line.split(',')[1]!);
  const columns = read(cwd, 'out', 'columns.csv').trim().split('\n').slice(1).map((line) => line.split(',')[1]!);
  const [header, ...lines] = read(cwd, 'out', 'predictions.csv').trim().split('\n');
  expect(header).toBe('row,column,value');
  expect(lines.map((line) => line.split(',').slice(0, 2))).toEqual([['u3', 'm0'], ['u11', 'm8']]);
  for (const line of lines) {
    const [row = '', column = '', value] = line.split(',');
    const [i, j, r] = [ids.indexOf(row), columns.indexOf(column), u.shape[1]!];
    let expected = document.offsets!.global + offsets[0]![i]! + offsets[1]![j]!;
    for (let k = 0; k < r; k++) expected += u.values[i * r + k]! * v.values[j * r + k]!;
    expect(Number(value)).toBeCloseTo(expected, 10);
  }

  const trace = read(cwd, 'out', 'trace.csv').trim().split('\n').map((line) => line.split(','));
  expect(trace[0]).toEqual(['round', 'rank', 'iteration', 'seconds', 'value', 'gradientNorm']);
  expect(Number(trace.at(-1)![2])).toBe(document.iterations);
});

test('generated data, one rank, for people', async () => {
  const { code, stdout, stderr } = await lowland(['solve', 'matrix-factorization', '--generate', 'rows=14,cols=10,rank=2', '--rank', '2', '--seed', '3'], {
    env: { NO_COLOR: '1', LOWLAND_ASCII: '1' },
  });
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/matrix-factorization {2}14 x 10, 140 cells/);
  expect(stdout).toMatch(/verdict +Global minimum, proved/);
  expect(stdout).toMatch(/planted +relative error/);
  expect(stdout).toMatch(/singular values\n {3}1 .*#{20}/);
  expect(stdout).toMatch(/Nothing was written/);
  expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
});

test('a step that is too long ends as diverged: code 5, the last finite point kept', async () => {
  const cwd = folder();
  const { code, stdout } = await lowland(
    ['solve', 'matrix-factorization', '--generate', 'rows=8,cols=6,rank=2', '--rank', '2', '--optimizer', 'gradient-descent', '--step', 'fixed', '--step.step', '10', '--out', 'out', '--json'],
    { cwd },
  );
  expect(code).toBe(5);
  const document = JSON.parse(stdout) as ResultDocument;
  expect(document.stop).toMatchObject({ reason: 'diverged' });
  expect(Number.isFinite(document.value)).toBe(true);
  expect(parseNpy(readFileSync(join(cwd, 'out', 'U.npy')), 'U.npy').values.every(Number.isFinite)).toBe(true);
  expect(JSON.parse(read(cwd, 'out', 'result.json'))).toEqual(document);
});

test('a folder with files in it is left alone without --force', async () => {
  const cwd = folder();
  const out = folder({ 'notes.txt': 'mine', 'U.npy': 'old' });
  const args = ['solve', 'matrix-factorization', '--generate', 'rows=6,cols=5,rank=1', '--rank', '1', '--out', out];
  const refused = await lowland(args, { cwd });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/--force/);
  expect(readdirSync(out).sort()).toEqual(['U.npy', 'notes.txt']);
  const forced = await lowland([...args, '--force'], { cwd });
  expect(forced.code).toBe(0);
  expect(read(out, 'notes.txt')).toBe('mine');
  expect(parseNpy(readFileSync(join(out, 'U.npy')), 'U.npy').shape).toEqual([6, 1]);
});

test('flags beat the environment, which beats the file, which beats the defaults', async () => {
  const cwd = folder({
    'settings.json': JSON.stringify({ objective: 'matrix-factorization', rank: 1, seed: 5, 'max-iterations': 7, optimizer: { id: 'gradient-descent' }, step: { id: 'armijo', shrink: 0.25 } }),
    'settings.toml': 'objective = "matrix-factorization"\nrank = 1\noptimizer = "gradient-descent"\n[step]\nid = "armijo"\nshrink = 0.25\n',
  });
  const given = ['--generate', 'rows=6,cols=5,rank=1', '--json'];
  const env = { LOWLAND_SEED: '6', LOWLAND_MAX_ITERATIONS: '8', LOWLAND_STEP_SHRINK: '0.4' };
  const first = JSON.parse((await lowland(['solve', ...given, '--config', 'settings.json', '--max-iterations', '9'], { cwd, env })).stdout) as ResultDocument;
  expect(first).toMatchObject({ seed: 6, iterations: 9, stop: { reason: 'budget', rule: 'max-iterations' }, optimizer: 'gradient-descent' });
  expect(JSON.stringify(first.options.optimizer)).toContain('"shrink":0.4');
  const second = JSON.parse((await lowland(['plan', ...given, '--config', 'settings.toml'], { cwd })).stdout) as { options: ResultDocument['options'] };
  expect(JSON.stringify(second.options.optimizer)).toContain('"shrink":0.25');
});

test('predictions can be asked for in the numbers of a file without ids', async () => {
  const dense = Array.from({ length: 6 }, (_, i) => Array.from({ length: 5 }, (_, j) => ((i + j) % 4 === 0 ? '' : String((i + 1) * (j - 2)))).join(',')).join('\n');
  const cwd = folder({ 'table.csv': `${dense}\n`, 'cells.csv': '1,1\n6,3\n' });
  const { code, stderr } = await lowland(
    ['solve', 'matrix-completion', '--data', 'table.csv', '--layout', 'dense', '--rank', '1', '--center', 'none', '--holdout', '0', '--predict', 'cells.csv', '--out', 'out', '--quiet'],
    { cwd },
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const values = read(cwd, 'out', 'predictions.csv').trim().split('\n').slice(1).map((line) => line.split(',').map(Number));
  expect(values.map((line) => line.slice(0, 2))).toEqual([[1, 1], [6, 3]]);
  expect(values[0]![2]).toBeCloseTo(-2, 4);
  expect(values[1]![2]).toBeCloseTo(0, 4);
});

test('nothing is held back of a full matrix, and JSON says so', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'm.csv'), '2,4\n1,2\n3,6\n');
  const { code, stdout } = await lowland(['solve', 'matrix-factorization', '--data', 'm.csv', '--layout', 'dense', '--rank', '1', '--json'], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ holdout: null, truth: null, verdict: { kind: 'global-minimum' } });
});

test('a method that leaves saddles is ended by itself, unless a tolerance is asked for', async () => {
  const perturbed = ['solve', 'matrix-factorization', '--generate', 'rows=6,cols=5,rank=2', '--rank', '2', '--optimizer', 'perturbed-gradient-descent', '--smoothness', '60', '--max-iterations', '100000', '--quiet', '--json'];
  const rule = async (argv: readonly string[]): Promise<string> => (JSON.parse((await lowland([...argv], { cwd: folder({}) })).stdout) as ResultDocument).stop.rule;
  expect(await rule(perturbed)).toBe('second-order-stationary');
  expect(await rule([...perturbed, '--gradient-tolerance', '1e-3'])).toBe('gradient-tolerance');
});

test('goes on, and ends as it would, where nobody reads its messages any more', async () => {
  const { code } = await lowland(['solve', 'matrix-completon'], { deaf: true });
  expect(code).toBe(2);
});
