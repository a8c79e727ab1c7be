import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { packAll, root, run } from './npm.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-packed-'));
const tarballs = join(folder, 'tarballs');
let files: string[];

beforeAll(async () => {
  mkdirSync(tarballs);
  files = await packAll(tarballs);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const install = (cwd: string, ...what: string[]) => run(cwd, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...what);

test('every package is packed, without its tests', async () => {
  expect(files.map((file) => basename(file))).toEqual([
    'lowland.tgz',
    'lowland-blas.tgz',
    'lowland-core.tgz',
    'lowland-landscape.tgz',
    'lowland-linalg.tgz',
    'lowland-objectives.tgz',
    'lowland-optimizers.tgz',
    'lowland-webgpu.tgz',
  ]);
  for (const file of files) {
    const listing = await run(folder, 'tar', '-tzf', file);
    expect(listing).toContain('package/LICENSE');
    expect(listing).toContain('package/README.md');
    expect(listing).not.toMatch(/\.(test|test-d|bench)\.ts/);
  }
});

test('the command line works where it is installed', async () => {
  const cwd = join(folder, 'empty');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'package.json'), '{ "private": true }');
  await install(cwd, ...files);
  const listed = JSON.parse(await run(cwd, 'npx', '--no-install', 'lowland', 'list', '--json')) as Record<string, { id: string }[]>;
  expect(listed['objectives']!.map(({ id }) => id)).toContain('matrix-completion');
  expect(listed['optimizers']!.map(({ id }) => id)).toContain('lbfgs');
  // koffi and webgpu, optional peers, are not there: their backends are offered, and say what they lack.
  expect(listed['backends']!.map(({ id }) => id)).toEqual(['cpu', 'blas', 'webgpu']);
  const solve = (backend: string) => run(cwd, 'npx', '--no-install', 'lowland', 'solve', 'matrix-factorization', '--generate', 'rows=6,cols=5,rank=1', '--rank', '1', '--backend', backend);
  await expect(solve('blas')).rejects.toThrow(/npm install koffi[^]*LOWLAND_E_BLAS_MISSING/);
  await expect(solve('webgpu')).rejects.toThrow(/npm install webgpu[^]*LOWLAND_E_WEBGPU_MISSING/);
});

test('the third-party optimizer installs, type-checks, builds, and runs by code and by name', async () => {
  const cwd = join(folder, 'third-party-optimizer');
  cpSync(join(root, 'examples/third-party-optimizer'), cwd, {
    recursive: true,
    filter: (source) => !/\/(node_modules|dist|tarballs|package-lock\.json)$/.test(source),
  });
  cpSync(tarballs, join(cwd, 'tarballs'), { recursive: true });
  await install(cwd);
  await run(cwd, 'npm', 'run', 'build');
  expect(readFileSync(join(cwd, 'dist/index.js'), 'utf8')).toContain('@lowland/core');
  expect(await run(cwd, 'npm', 'test')).toMatch(/^# fail 0$/m);

  const generated = ['--generate', 'rows=20,cols=15,rank=2,noise=0', '--rank', '2', '--seed', '1'];
  const solve = ['--no-install', 'lowland', 'solve', 'matrix-factorization', ...generated, '--optimizer', 'polyak', '--optimum', '0', '--plugin', '.', '--json'];
  const result = JSON.parse(await run(cwd, 'npx', ...solve)) as { optimizer: string; stop: { reason: string }; verdict: { kind: string } };
  expect([result.optimizer, result.stop.reason, result.verdict.kind]).toEqual(['polyak', 'converged', 'global-minimum']);
});
