import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { LowlandError, type Plugin } from '@lowland/core';

/**
 * Loads a plugin by path (a module, or the folder of a package) or by the name of a package that is installed in
 * `folder` or above. The module's default export, or its export `plugin`, is the plugin.
 *
 * @throws LOWLAND_E_PLUGIN when nothing is found, it does not load, or exports nothing; what it exports is checked by the registry
 */
export async function loadPlugin(name: string, folder: string): Promise<Plugin> {
  const file = locate(name, folder);
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (cause) {
    throw pluginError(`The plugin "${name}" could not be loaded from ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const plugin = module['default'] ?? module['plugin'];
  if (plugin === undefined) throw pluginError(`${file} exports no plugin; expected one as the default export, or as the export "plugin".`);
  return plugin as Plugin;
}

function pluginError(message: string, cause?: unknown): LowlandError {
  return new LowlandError('LOWLAND_E_PLUGIN', message, { cause });
}

/** The file that a plugin's name stands for. */
function locate(name: string, folder: string): string {
  const path = resolve(folder, name);
  if (existsSync(path)) return statSync(path).isDirectory() ? entryOf(path, '.') : path;
  if (!/^\.{0,2}\//.test(name)) {
    const [, packageName, subpath] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(name) ?? [];
    for (let at = folder; packageName !== undefined; at = dirname(at)) {
      const candidate = join(at, 'node_modules', packageName);
      if (existsSync(join(candidate, 'package.json'))) return entryOf(candidate, `.${subpath ?? ''}`);
      if (dirname(at) === at) break;
    }
  }
  throw pluginError(`There is no plugin "${name}": neither a file ${path} nor an installed package of that name.`);
}

/**
 * The module that a package's `exports` name for `subpath`. Node.js resolves names from the importing module, which is
 * the CLI; a plugin is installed beside the person who asks for it, so its `exports` are read here.
 */
function entryOf(packageFolder: string, subpath: string): string {
  const manifestFile = join(packageFolder, 'package.json');
  const manifest = existsSync(manifestFile) ? (JSON.parse(readFileSync(manifestFile, 'utf8')) as Record<string, unknown>) : {};
  const exported = manifest['exports'];
  const keyed = typeof exported === 'object' && exported !== null && Object.keys(exported).some((key) => key.startsWith('.'));
  const target = conditional(keyed ? (exported as Record<string, unknown>)[subpath] : subpath === '.' ? exported : undefined);
  const main = typeof manifest['main'] === 'string' ? manifest['main'] : 'index.js';
  return join(packageFolder, target ?? (subpath === '.' ? main : subpath));
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const found = conditional(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
