import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { arrowViolations, type Package, readPackages } from './arrows.ts';

const pkg = (name: string, source: string, over: Partial<Package> & { path?: string } = {}): Package => ({
  folder: `packages/${name}`,
  name: `@lowland/${name}`,
  dependencies: ['@lowland/core'],
  devDependencies: [],
  files: [{ path: over.path ?? 'src/file.ts', text: source }],
  ...over,
});

test('the workspace keeps its arrows', () => {
  const packages = readPackages(resolve(import.meta.dirname, '../../..'));
  expect(packages.map(({ name }) => name)).toContain('@lowland/core');
  expect(packages.flatMap(({ files }) => files).length).toBeGreaterThan(20);
  expect(arrowViolations(packages)).toEqual([]);
});

test.each([
  ['a sibling', pkg('objectives', "import { lbfgs } from '@lowland/optimizers';")],
  ['a sibling, for its types', pkg('objectives', "import type { A } from '@lowland/optimizers';")],
  ['a sibling, re-exported', pkg('objectives', "export * from '@lowland/optimizers';")],
  ['a sibling, at run time', pkg('objectives', "await import('@lowland/optimizers');")],
  ['a sibling, by path', pkg('objectives', "import { lbfgs } from '../../optimizers/src/lbfgs.ts';")],
  ['another file of linalg in benchmarks', pkg('', "import { cpu } from '../../../packages/linalg/src/cpu/backend.ts';", { name: '@lowland/bench', folder: 'tooling/bench' })],
  ["a module of Node's", pkg('linalg', "import { readFile } from 'node:fs/promises';")],
  ["a module of Node's, by its old name", pkg('linalg', "import fs from 'fs';")],
  ['a tool, from sources', pkg('linalg', "import { test } from 'vitest';", { devDependencies: ['vitest'] })],
  ['a dependency in the manifest that points up', pkg('linalg', '', { dependencies: ['@lowland/objectives'] })],
  ['a devDependency in the manifest that points up', pkg('objectives', '', { devDependencies: ['@lowland/landscape'] })],
  ['the app', pkg('landscape', '', { dependencies: ['lowland'] })],
  ['no arrows at all', pkg('novelty', '')],
])('finds %s', (_, bad) => {
  expect(arrowViolations([bad])).toHaveLength(1);
});

test.each([
  ['core from linalg', pkg('linalg', "import { plan } from '@lowland/core';\nimport { helper } from './helper.ts';")],
  ['a subpath', pkg('linalg', "import { asyncBackend } from '@lowland/core/testing';")],
  ['what a function of the name require is called with', pkg('linalg', "const require = (name: string) => name;\nrequire('u');")],
  [
    'the assembler of the kernels in benchmarks',
    pkg('', "import { Assembly } from '../../../packages/linalg/src/wasm/asm.ts';", { name: '@lowland/bench', folder: 'tooling/bench', dependencies: [] }),
  ],
  ["Node's modules in the native backend", pkg('blas', "import { readFileSync } from 'node:fs';")],
  ["Node's modules in a test", pkg('linalg', "import { readFileSync } from 'node:fs';", { path: 'src/file.test.ts' })],
  [
    'a sibling in a test that may',
    pkg('optimizers', "import { plugin } from '@lowland/objectives';", { path: 'src/a.test.ts', devDependencies: ['@lowland/objectives'] }),
  ],
])('allows %s', (_, good) => {
  expect(arrowViolations([good])).toEqual([]);
});
