import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { main } from '../../../../apps/cli/src/main.ts';
import { matrix, registry } from '../registered.ts';
import { documents, entriesOf } from './documents.ts';

const root = resolve(import.meta.dirname, '../../../..');
const entries = entriesOf(registry, root, matrix);
const named = entries.map((entry) => [`${entry.kind}/${entry.definition.id}`, entry] as const);

it('the documents are those of what is registered: else run pnpm write-docs', () => {
  const made = documents(entries, matrix);
  const docs = join(root, 'docs');
  const written = globSync(['catalogue/**/*.md', 'composition.md'], { cwd: docs });
  expect(written.sort()).toEqual([...made.keys()].sort());
  expect(written.filter((path) => readFileSync(join(docs, path), 'utf8') !== made.get(path))).toEqual([]);
});

describe.each(named)('%s', (_name, { kind, definition, makers, example }) => {
  it('says what it is, when to use it, and what each option means', () => {
    expect(definition.summary).not.toBe('');
    const lacking = [
      ...((definition.whenToUse ?? '') === '' ? ['its definition has no whenToUse: when to choose it rather than another'] : []),
      ...(makers.every(({ text }) => text === '') ? ['`create` of its definition calls no exported function with a doc comment'] : []),
    ];
    expect(lacking).toEqual([]);
  });

  if (example !== undefined && kind !== 'backends') {
    it('runs as its page shows', async () => {
      const said: string[] = [];
      for (const stream of ['stdout', 'stderr'] as const) {
        vi.spyOn(process[stream], 'write').mockImplementation((text) => {
          said.push(String(text));
          return true;
        });
      }
      const code = await main([...example, '--max-iterations', '200', '--quiet']);
      // 5: a method with the default step may diverge, and says so
      if (code !== 0 && code !== 5) expect(said.join('')).toBe('a result');
    });
  }
  afterEach(() => {
    vi.restoreAllMocks();
  });
});
