/**
 * The arrows of the workspace: `core ← linalg ← {objectives, optimizers, landscape, blas, webgpu} ← apps`, and `core ← data ← apps`.
 * Siblings never import each other, and only apps, tests, tooling and the native backend may use Node's own modules.
 */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

import ts from 'typescript';

/** What the sources of a package may import from the workspace, and what its tests may import besides. */
const arrows: Readonly<Record<string, { readonly sources: readonly string[]; readonly tests: readonly string[]; readonly runsOn?: 'node' }>> = {
  '@lowland/core': { sources: [], tests: [] },
  '@lowland/linalg': { sources: ['@lowland/core'], tests: [] },
  '@lowland/data': { sources: ['@lowland/core'], tests: [] },
  '@lowland/objectives': { sources: ['@lowland/core', '@lowland/linalg'], tests: [] },
  '@lowland/optimizers': { sources: ['@lowland/core', '@lowland/linalg'], tests: ['@lowland/objectives'] },
  '@lowland/landscape': {
    sources: ['@lowland/core', '@lowland/linalg'],
    tests: ['@lowland/objectives', '@lowland/optimizers'],
  },
  '@lowland/blas': { sources: ['@lowland/core', '@lowland/linalg'], tests: ['@lowland/objectives'], runsOn: 'node' },
  '@lowland/webgpu': { sources: ['@lowland/core', '@lowland/linalg'], tests: ['@lowland/objectives', '@lowland/optimizers'] },
};

/** Not published: apps bundle it, so it is no dependency of what they publish. */
const bundled: readonly string[] = ['@lowland/data'];

/** Files of others that a tool may import by their path: the limits of the machine and the phases of a kernel are measured with what emits it, the documents show what the command line does. */
const reaches: Readonly<Record<string, readonly string[]>> = {
  '@lowland/bench': ['packages/linalg/src/wasm/asm.ts', 'packages/linalg/src/wasm/observed-module.ts', 'packages/linalg/src/wasm/residual-module.ts', 'packages/linalg/src/wasm/support.ts', 'packages/linalg/src/cpu/residual.ts'],
  '@lowland/catalogue': ['apps/cli/src/builtins.ts', 'apps/cli/src/command-line/options.ts', 'apps/cli/src/main.ts'],
};

/** One package of the workspace, as the check sees it. */
export interface Package {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

const isTest = (path: string) => /\.(test|test-d|bench)\.ts$/.test(path) || path.startsWith('test/');
/** In what is not published as it is, what only its tests share; in core `testing` is published. */
const isTestHelper = (folder: string, path: string) => (folder.startsWith('apps/') || folder === 'packages/data') && /(^|\/)testing\.ts$/.test(path);
const isConfig = (path: string) => /\.config\.[jt]s$/.test(path);
const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Every way in which `packages` break the arrows, one sentence each. */
export function arrowViolations(packages: readonly Package[]): string[] {
  return packages.flatMap((pkg) => [...manifestViolations(pkg), ...pkg.files.flatMap((file) => importViolations(pkg, file))]);
}

function manifestViolations(pkg: Package): string[] {
  const rule = arrows[pkg.name];
  const local = (names: readonly string[]) => names.filter((name) => name in arrows || name === 'lowland');
  if (rule === undefined) {
    return pkg.folder.startsWith('packages/') ? [`${pkg.folder}: ${pkg.name} has no arrows yet; add them to tooling/house/src/arrows.ts`] : [];
  }
  return [
    ...local(pkg.dependencies).filter((name) => !rule.sources.includes(name)).map((name) => `${pkg.folder}: dependency on ${name} points the wrong way`),
    ...local(pkg.devDependencies)
      .filter((name) => !rule.sources.includes(name) && !rule.tests.includes(name))
      .map((name) => `${pkg.folder}: devDependency on ${name} points the wrong way`),
  ];
}

function importViolations(pkg: Package, file: { readonly path: string; readonly text: string }): string[] {
  const where = `${pkg.folder}/${file.path}`;
  const outsideSources = isTest(file.path) || isTestHelper(pkg.folder, file.path) || isConfig(file.path) || pkg.folder.startsWith('tooling/');
  const portable = pkg.folder.startsWith('packages/') && !outsideSources && arrows[pkg.name]?.runsOn !== 'node';
  return ts.preProcessFile(file.text, true, false).importedFiles.flatMap(({ fileName: specifier }) => {
    if (specifier.startsWith('.')) {
      const target = relative('.', resolve(pkg.folder, dirname(file.path), specifier));
      return target.startsWith(`${pkg.folder}/`) || reaches[pkg.name]?.includes(target) === true ? [] : [`${where}: '${specifier}' leaves the package`];
    }
    if (isBuiltin(specifier)) return portable ? [`${where}: '${specifier}' exists in Node.js only; it belongs into apps/`] : [];
    const name = packageOf(specifier);
    if (name === pkg.name) return [];
    if (pkg.dependencies.includes(name)) return [];
    if ((outsideSources || bundled.includes(name)) && pkg.devDependencies.includes(name)) return [];
    return [`${where}: '${specifier}' is not among the dependencies that ${outsideSources ? 'its tests' : 'sources'} may import`];
  });
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The packages of the workspace at `root`, with the text of all their TypeScript files. */
export function readPackages(root: string): Package[] {
  return globSync('{packages,apps,tooling}/*/package.json', { cwd: root })
    .map((path) => dirname(path))
    .sort()
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
      const cwd = join(root, folder);
      return {
        folder,
        name: manifest.name,
        dependencies: Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }),
        devDependencies: Object.keys(manifest.devDependencies ?? {}),
        files: globSync('**/*.ts', { cwd, exclude: (path) => /(^|\/)(node_modules|dist|\.snippets)(\/|$)/.test(path) })
          .sort()
          .map((path) => ({ path, text: readFileSync(join(cwd, path), 'utf8') })),
      };
    });
}
