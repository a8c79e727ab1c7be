import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LowlandError } from '@lowland/core';

import { within } from './folder.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

/** The built page: beside the program where it was installed, in the workspace where it was not. @throws LOWLAND_E_VIEW where there is none */
export function findPage(): string {
  const places = ['./page/', '../page/', '../../../viewer/dist/'].map((way) => fileURLToPath(new URL(way, import.meta.url)));
  const found = places.find((place) => existsSync(join(place, 'index.html')));
  if (found === undefined) throw new LowlandError('LOWLAND_E_VIEW', 'The page of the viewer is not built. In the workspace: pnpm --filter @lowland/viewer build; or name a built one with --page.');
  return realpathSync(found);
}

/** A file of the page and its type; undefined where there is none. */
export function pageFile(page: string, path: string): { readonly body: Buffer; readonly type: string } | undefined {
  const full = within(page, path === '/' ? 'index.html' : path.replace(/^\//, ''));
  const type = full === undefined ? undefined : types[extname(full)];
  return full === undefined || type === undefined ? undefined : { body: readFileSync(full), type };
}
