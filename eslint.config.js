import { existsSync, globSync } from 'node:fs';

import { createConfig } from '@lowland/eslint-config';
import { defineConfig, globalIgnores } from 'eslint/config';

/** Folders that have a configuration of their own. */
const folders = globSync(['packages/*', 'apps/*'], { cwd: import.meta.dirname }).filter((folder) => existsSync(`${import.meta.dirname}/${folder}/eslint.config.js`)).sort();

/** From here all is linted as one program, and one for the page: each file is parsed and checked once. In a folder `pnpm lint` takes that folder's alone. */
const together = { languageOptions: { parserOptions: { projectService: false, project: ['tsconfig.json', 'apps/viewer/tsconfig.json'], tsconfigRootDir: import.meta.dirname } } };

export default defineConfig(
  globalIgnores(['examples/**', 'lowland-demo/**', '**/.snippets/**', '**/.copy-*/**']),
  createConfig(import.meta.dirname),
  ...(await Promise.all(folders.map(async (folder) => ({ basePath: folder, extends: [(await import(`./${folder}/eslint.config.js`)).default] })))),
  { files: ['**/*.{ts,tsx}'], ...together },
);
