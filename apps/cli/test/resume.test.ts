import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { ResultDocument } from '../src/document.ts';
import { fixture, folder, lowland, plantedTriplets } from './run-cli.ts';

const json = (...path: string[]): ResultDocument => JSON.parse(readFileSync(join(...path), 'utf8')) as ResultDocument;
/** The trace without its column of seconds. */
const trace = (...path: string[]): string[][] =>
  readFileSync(join(...path, 'trace.csv'), 'utf8').trim().split('\n').map((line) => line.split(',').filter((_, k) => k !== 3));
const bytes = (...path: string[]): Buffer => readFileSync(join(...path));

const fixedRank = ['solve', 'matrix-completion', '--data', 'ratings.csv', '--rank', '2', '--lambda', '0.1', '--quiet', '--json'];

test('a run that used up its budget goes on to the same bits', async () => {
  const cwd = folder({ 'ratings.csv': plantedTriplets() });
  await lowland([...fixedRank, '--out', 'whole', '--gradient-tolerance', '1e-6'], { cwd });
  const short = await lowland([...fixedRank, '--out', 'parts', '--gradient-tolerance', '1e-6', '--max-iterations', '9'], { cwd });
  expect((JSON.parse(short.stdout) as ResultDocument).stop.reason).toBe('budget');
  const rest = await lowland(['solve', '--resume', 'parts', '--max-iterations', '10000', '--json'], { cwd });
  expect(rest.code).toBe(0);
  const [whole, parts] = [json(cwd, 'whole', 'result.json'), json(cwd, 'parts', 'result.json')];
  expect(parts.iterations).toBe(whole.iterations);
  expect(parts.counts.method).toEqual(whole.counts.method);
  expect([parts.value, parts.gradientNorm, parts.verdict, parts.holdout]).toEqual([whole.value, whole.gradientNorm, whole.verdict, whole.holdout]);
  for (const name of ['U.npy', 'V.npy']) expect(bytes(cwd, 'parts', name).equals(bytes(cwd, 'whole', name))).toBe(true);
  expect(trace(cwd, 'parts')).toEqual(trace(cwd, 'whole'));
  const again = await lowland(['solve', '--resume', 'parts'], { cwd });
  expect([again.code, again.stdout]).toEqual([2, '']);
  expect(again.stderr).toMatch(/has ended: converged \(gradient-tolerance\)/);
});

test('so does a run over several ranks', async () => {
  const cwd = folder({ 'ratings.csv': plantedTriplets() });
  const auto = ['solve', 'matrix-completion', '--data', 'ratings.csv', '--rank', 'auto', '--start-rank', '1', '--lambda', '0.5', '--quiet'];
  await lowland([...auto, '--out', 'whole'], { cwd });
  await lowland([...auto, '--out', 'parts', '--max-iterations', '12'], { cwd });
  const rest = await lowland(['solve', '--resume', 'parts', '--max-iterations', '10000'], { cwd });
  expect(rest.code).toBe(0);
  const [whole, parts] = [json(cwd, 'whole', 'result.json'), json(cwd, 'parts', 'result.json')];
  expect(parts.verdict).toEqual(whole.verdict);
  expect(parts.verdict.kind).toBe('global-minimum');
  for (const name of ['U.npy', 'V.npy']) expect(bytes(cwd, 'parts', name).equals(bytes(cwd, 'whole', name))).toBe(true);
});

test('a run may go on with another number of threads, to the same bits, but not in another number type', async () => {
  const cwd = folder();
  const large = ['solve', 'matrix-factorization', '--generate', 'rows=400,cols=300,rank=8,noise=0.1', '--rank', '8', '--quiet', '--json'];
  await lowland([...large, '--out', 'whole'], { cwd });
  await lowland([...large, '--out', 'parts', '--backend.threads', '3', '--max-iterations', '5'], { cwd });
  for (const setting of ['dtype', 'kernels']) {
    const refused = await lowland(['solve', '--resume', 'parts', `--backend.${setting}=f32`], { cwd });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(new RegExp(`--backend\\.threads may be given.*not --backend\\.${setting}`)) as string]);
  }
  const rest = await lowland(['solve', '--resume', 'parts', '--backend.threads', '2', '--max-iterations', '10000', '--json'], { cwd });
  expect(rest.code).toBe(0);
  const [whole, parts] = [json(cwd, 'whole', 'result.json'), json(cwd, 'parts', 'result.json')];
  expect([whole.computing['threads'], parts.computing['threads']]).toEqual([1, 2]);
  expect([parts.iterations, parts.value, parts.verdict]).toEqual([whole.iterations, whole.value, whole.verdict]);
  for (const name of ['U.npy', 'V.npy']) expect(bytes(cwd, 'parts', name).equals(bytes(cwd, 'whole', name))).toBe(true);
  expect(trace(cwd, 'parts')).toEqual(trace(cwd, 'whole'));
});

test('other data are refused, and so are settings that belong to the run', async () => {
  const cwd = folder({ 'ratings.csv': plantedTriplets() });
  await lowland([...fixedRank, '--out', 'out', '--max-iterations', '3'], { cwd });
  const changed = await lowland(['solve', '--resume', 'out', '--rank', '3'], { cwd });
  expect(changed.code).toBe(2);
  expect(changed.stderr).toMatch(/--rank/);
  renameSync(join(cwd, 'ratings.csv'), join(cwd, 'old.csv'));
  writeFileSync(join(cwd, 'ratings.csv'), plantedTriplets().replace(/\d+\n$/, '77\n'));
  const refused = await lowland(['solve', '--resume', 'out'], { cwd });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/LOWLAND_E_RESUME_DATA/);
  const moved = await lowland(['solve', '--resume', 'out', '--data', 'old.csv'], { cwd });
  expect(moved.code).toBe(0);
});

test('a folder without a checkpoint cannot be resumed', async () => {
  const { code, stderr } = await lowland(['solve', '--resume', folder()]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/checkpoint\.json/);
});

const slow = ['solve', 'bowl', '--plugin', fixture('plugin.ts'), '--optimizer', 'slow-descent', '--backend.threads', '2'];

test('Ctrl-C finishes the step, keeps a checkpoint and leaves with 130; the run goes on from there', async () => {
  const cwd = folder();
  let pressed = false;
  const ended = await lowland([...slow, '--pause', '20', '--out', 'out', '--json'], {
    cwd,
    interruptWhen: () => {
      if (pressed || !existsSync(join(cwd, 'out', 'trace.csv'))) return false;
      pressed = trace(cwd, 'out').length > 3;
      return pressed;
    },
  });
  expect(ended.stderr).toMatch(/interrupted/);
  expect([ended.code, ended.signal]).toEqual([130, null]);
  const stopped = JSON.parse(ended.stdout) as ResultDocument;
  expect(stopped).toMatchObject({ stop: { reason: 'aborted' }, verdict: { kind: null, gap: null } });
  expect(stopped.iterations).toBeGreaterThan(0);
  const resumed = await lowland(['solve', '--resume', 'out', '--json'], { cwd });
  expect(resumed.code).toBe(0);
  expect((JSON.parse(resumed.stdout) as ResultDocument).iterations).toBeGreaterThan(stopped.iterations);
  await lowland([...slow, '--out', 'whole'], { cwd });
  expect(bytes(cwd, 'out', 'x.npy').equals(bytes(cwd, 'whole', 'x.npy'))).toBe(true);
  expect(trace(cwd, 'out')).toEqual(trace(cwd, 'whole'));
});

test('a second Ctrl-C ends the process at once', async () => {
  const cwd = folder();
  let pressed = false;
  const ended = await lowland([...slow, '--pause', '60000', '--out', 'out'], {
    cwd,
    interruptWhen: () => {
      if (pressed || !existsSync(join(cwd, 'out', 'trace.csv'))) return false;
      pressed = true;
      return true;
    },
    watch: (stderr, child) => {
      if (stderr.includes('once more')) child.kill('SIGINT');
    },
  });
  expect(ended.code === 130 || ended.signal === 'SIGINT').toBe(true);
}, 20_000);
