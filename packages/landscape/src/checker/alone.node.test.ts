import { readdirSync, readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

it('imports nothing but its own files, core and linear algebra', () => {
  const here = new URL('.', import.meta.url);
  const sources = readdirSync(here).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const imported = sources.flatMap((name) => [...readFileSync(new URL(name, here), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from!));
  expect(sources).toContain('check.ts');
  const others = imported.filter((from) => !(/^\.\/[a-z-]+\.ts$/.test(from) && sources.includes(from.slice(2))));
  expect([...new Set(others)].sort()).toEqual(['@lowland/core', '@lowland/linalg']);
});
