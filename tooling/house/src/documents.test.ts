import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, describe, expect, test } from 'vitest';

import { isCliSnippet, matches, snippets, unknownCommands } from './snippets.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const documents = globSync(['README.md', 'CONTRIBUTING.md', 'docs/*.md', '{packages,apps,examples}/*/README.md'], { cwd: root }).sort();
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Commands of a person at the keyboard that no test repeats. */
const known = [/^git clone /, /^cd /, /^npm install /, /^npx --yes pnpm@\S+ (add|install)\b/, /^pnpm (add|install)\b/, /^npx (tsc|vitest)\b/];

// TypeScript snippets stand in this package for as long as they run, so that they resolve every package of the workspace.
const modules = join(import.meta.dirname, '../.snippets');
rmSync(modules, { recursive: true, force: true });
mkdirSync(modules);
afterAll(() => {
  rmSync(modules, { recursive: true, force: true });
});

const shellFunctions = `
set -eu
lowland() { ${JSON.stringify(process.execPath)} --conditions=@lowland/source ${JSON.stringify(join(root, 'apps/cli/src/cli.ts'))} "$@"; }
pnpm() { [ "$1" = lowland ] || { echo "a snippet may call pnpm lowland only" >&2; exit 2; }; shift; lowland "$@"; }
npx() { while [ "$1" != lowland ]; do shift; done; shift; lowland "$@"; }
`;

for (const document of documents) {
  const found = snippets(readFileSync(join(root, document), 'utf8'));
  if (found.length === 0) continue;
  describe(document, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lowland-snippets-'));
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    for (const snippet of found) {
      test(`line ${snippet.line}: ${snippet.language}`, async () => {
        let command: [string, string[]];
        if (snippet.language === 'ts') {
          const name = `${basename(dirname(join(root, document)))}-${basename(document, '.md')}-${snippet.line}.ts`.toLowerCase();
          writeFileSync(join(modules, name), `${snippet.code}\n`);
          command = [process.execPath, ['--conditions=@lowland/source', join(modules, name)]];
        } else if (isCliSnippet(snippet.code)) {
          command = ['bash', ['-c', shellFunctions + snippet.code]];
        } else {
          expect(unknownCommands(snippet.code, scripts, known)).toEqual([]);
          return;
        }
        const { stdout } = await run(...command, { cwd: folder, env: { ...process.env, NO_COLOR: '1', CI: '1' } });
        if (snippet.output !== undefined && !matches(stdout, snippet.output)) expect(stdout).toBe(snippet.output);
      });
    }
  });
}

test('the TypeScript snippets type-check', async () => {
  writeFileSync(join(modules, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.base.json', include: ['*.ts'], files: [] }));
  const tsc = join(import.meta.dirname, '../node_modules/typescript/bin/tsc');
  const written = globSync('*.ts', { cwd: modules });
  if (written.length === 0) return;
  const { stdout } = await run(process.execPath, [tsc, '--project', modules]).catch((error: unknown) => error as { stdout: string });
  expect(stdout).toBe('');
});
