/**
 * What a page loads of each package: all that an entry exports and all that this imports, bundled from dist/ as published, minified and
 * gzipped. Fails when one is above its limit.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'rolldown';

const packages = ['core', 'linalg', 'objectives', 'optimizers', 'landscape'];
/** In kB, of 1000 bytes. */
const limits: Readonly<Record<string, number>> = { '@lowland/linalg': 60 };

for (const folder of packages) {
  const { exports } = JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8')) as { exports: Record<string, unknown> };
  for (const path of Object.keys(exports)) {
    if (path === './package.json' || path === './testing') continue;
    const entry = `@lowland/${folder}${path.slice(1)}`;
    const size = await kilobytes(fileURLToPath(import.meta.resolve(entry)));
    const limit = limits[entry] ?? Infinity;
    const words = [entry.padEnd(24), size.toFixed(1).padStart(6), 'kB gzipped'];
    if (limit < Infinity) words.push(size < limit ? `(limit ${limit})` : `is above its limit of ${limit}`);
    console.log(words.join(' '));
    if (!(size < limit)) process.exitCode = 1;
  }
}

async function kilobytes(input: string): Promise<number> {
  const { output } = await build({ input, platform: 'browser', output: { format: 'es', minify: true, codeSplitting: false }, write: false });
  return gzipSync(output[0].code, { level: 9 }).length / 1000;
}
