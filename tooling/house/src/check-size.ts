/**
 * What a page loads of each package: all that an entry exports and all that this imports, bundled from dist/ as published, minified and
 * gzipped; and what the viewer loads before its first lazy chunk, and in its workers. Fails when one is above its limit.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'rolldown';

const packages = ['core', 'linalg', 'objectives', 'optimizers', 'landscape', 'webgpu'];
/** In kB, of 1000 bytes. */
const limits: Readonly<Record<string, number>> = { '@lowland/linalg': 60, 'viewer: page': 250, 'viewer: worker': 400 };

for (const folder of packages) {
  const { exports } = JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8')) as { exports: Record<string, unknown> };
  for (const path of Object.keys(exports)) {
    if (path === './package.json' || path === './testing') continue;
    const entry = `@lowland/${folder}${path.slice(1)}`;
    report(entry, await kilobytes(fileURLToPath(import.meta.resolve(entry))));
  }
}
const { page, worker } = viewerFiles('apps/viewer/dist');
report('viewer: page', zipped(page));
report('viewer: worker', zipped(worker));

function report(entry: string, size: number): void {
  const limit = limits[entry] ?? Infinity;
  const words = [entry.padEnd(24), size.toFixed(1).padStart(6), 'kB gzipped'];
  if (limit < Infinity) words.push(size < limit ? `(limit ${limit})` : `is above its limit of ${limit}`);
  console.log(words.join(' '));
  if (!(size < limit)) process.exitCode = 1;
}

/** The document of the built page with what it names, and what that imports statically; and the program of its workers. */
function viewerFiles(dist: string): { page: readonly string[]; worker: readonly string[] } {
  const html = join(dist, 'index.html');
  const seen = new Set([html]);
  const visit = (file: string, pattern: RegExp): void => {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(pattern)) {
      const path = join(dirname(file), name);
      if (seen.has(path)) continue;
      seen.add(path);
      if (path.endsWith('.js')) visit(path, /(?:from|import)\s*"(\.\/[^"]+\.js)"/g);
    }
  };
  visit(html, /(?:src|href)="(\.\/[^"]+\.(?:js|css|svg))"/g);
  const workers = readdirSync(`${dist}/assets`).filter((name) => name.startsWith('worker-')).map((name) => `${dist}/assets/${name}`);
  if (workers.length === 0 || seen.size < 3) throw new Error(`${dist} is no built page: it has no script, or no worker.`);
  return { page: [...seen], worker: workers };
}

/** Together, each by itself as servers send them. */
function zipped(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length / 1000, 0);
}

async function kilobytes(input: string): Promise<number> {
  const { output } = await build({ input, platform: 'browser', output: { format: 'es', minify: true, codeSplitting: false }, write: false });
  return gzipSync(output[0].code, { level: 9 }).length / 1000;
}
