/**
 * What a page loads of each package: all that it exports and all that this imports, bundled from dist/ as published, minified and gzipped.
 * Fails when one is above its limit.
 */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'rolldown';

/** In kB, of 1000 bytes. */
const limits: Readonly<Record<string, number>> = {
  '@lowland/core': Infinity,
  '@lowland/linalg': 60,
  '@lowland/objectives': Infinity,
  '@lowland/optimizers': Infinity,
  '@lowland/landscape': Infinity,
};

for (const [name, limit] of Object.entries(limits)) {
  const { output } = await build({
    input: fileURLToPath(import.meta.resolve(name)),
    platform: 'browser',
    output: { format: 'es', minify: true, codeSplitting: false },
    write: false,
  });
  const size = gzipSync(output[0].code, { level: 9 }).length / 1000;
  const verdict = size < limit ? '' : ': too large';
  console.log(`${name.padEnd(20)} ${size.toFixed(1).padStart(6)} kB gzipped${limit === Infinity ? '' : `, less than ${limit} allowed`}${verdict}`);
  if (verdict !== '') process.exitCode = 1;
}
