/** `pnpm write-docs`: writes the documents that are made from what is registered, and removes pages of what is not. */
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { matrix, registry } from '../registered.ts';
import { documents, entriesOf } from './documents.ts';

const root = resolve(import.meta.dirname, '../../../..');
const docs = join(root, 'docs');
const made = documents(entriesOf(registry, root, matrix), matrix);
for (const path of globSync('catalogue/**/*.md', { cwd: docs })) if (!made.has(path)) rmSync(join(docs, path));
for (const [path, text] of made) {
  mkdirSync(dirname(join(docs, path)), { recursive: true });
  writeFileSync(join(docs, path), text);
}
console.log(`${String(made.size)} documents in ${docs}`);
