/** Contenders from npm: installed once, each in a folder of its own outside the workspace, in exact versions. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { Absent, type NpmPackages } from './contender.ts';

const folderOf = (cache: string, name: string, { versions }: NpmPackages) =>
  join(cache, 'contenders', [name, ...new Set(Object.values(versions))].join('-'));

/** What is imported: a file beside the packages, so that they are found from their own folder. */
const entry = 'entry.mjs';

/** Installs what is not there yet; scripts of packages don't run, so none downloads anything further. Returns why it failed, if it did. */
export async function install(cache: string, name: string, packages: NpmPackages): Promise<string | undefined> {
  const folder = folderOf(cache, name, packages);
  if (existsSync(folder)) return undefined;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'package.json'), JSON.stringify({ private: true, dependencies: packages.versions }));
  writeFileSync(join(unfinished, entry), packages.modules.map((name) => `export * from '${name}';\n`).join(''));
  try {
    await promisify(execFile)('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], { cwd: unfinished, timeout: 300_000 });
    renameSync(unfinished, folder);
    return undefined;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    return (error as Error & { stderr?: string }).stderr?.trim().split('\n')[0] ?? String(error);
  }
}

/** @throws Absent when it is not installed */
export async function importFromNpm(cache: string, name: string, packages: NpmPackages): Promise<unknown> {
  const file = join(folderOf(cache, name, packages), entry);
  if (!existsSync(file)) {
    const wanted = Object.entries(packages.versions).map((pair) => pair.join('@')).join(' ');
    throw new Absent(`not installed: npm install ${wanted} failed; run pnpm bench again when the registry can be reached`);
  }
  return import(pathToFileURL(file).href) as Promise<unknown>;
}
