/**
 * Fails when pnpm-lock.yaml names a host, or leaves out native packages of some platforms.
 *
 * The second happens when the lockfile is written against a registry that does not
 * serve all of them: pnpm drops optional dependencies that it cannot resolve.
 */
import { globSync, readFileSync } from 'node:fs';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockfile = readFileSync('pnpm-lock.yaml', 'utf8');
const problems = new Set<string>();

for (const [i, line] of lockfile.split('\n').entries()) {
  if (/https?:\/\/|tarball:/.test(line)) problems.add(`line ${i + 1} names a host: ${line.trim()}`);
}

const locked = new Set([...lockfile.matchAll(/^ {2}'?([^'\s].*?)'?:( \{\})?$/gm)].map((match) => match[1]));
for (const path of globSync('node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json')) {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  if (!locked.has(`${manifest.name}@${manifest.version}`)) continue;
  const missing = Object.entries(manifest.optionalDependencies ?? {})
    .map(([name, version]) => `${name}@${version}`)
    .filter((id) => /@\d+\.\d+\.\d+$/.test(id) && !locked.has(id));
  if (missing.length > 0) problems.add(`${manifest.name}@${manifest.version} lacks ${missing.join(', ')}`);
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.size > 0 ? 1 : 0;
