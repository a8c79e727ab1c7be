import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { LowlandError } from '@lowland/core';

import { isSystemError, unwritable } from './write.ts';

/**
 * Makes sure that results can be written to `folder`, before hours are spent on them. Makes the folder where there is none.
 * With `force` a folder may hold files: those of the same names are replaced, others are left alone.
 *
 * @throws LOWLAND_E_OUTPUT_NOT_EMPTY, LOWLAND_E_OUTPUT_NOT_A_FOLDER, LOWLAND_E_OUTPUT_UNWRITABLE
 */
export function prepareOutput(folder: string, options: { readonly force: boolean }): void {
  let files: string[];
  try {
    makeFolder(folder);
    files = readdirSync(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw isSystemError(cause) ? unwritable(folder, cause) : cause;
    throw new LowlandError(
      'LOWLAND_E_OUTPUT_NOT_A_FOLDER',
      `${folder}: it, or a part of its path, is a file; expected a folder, or nothing; name another with --out`,
      { cause, details: { file: folder } },
    );
  }
  if (files.length > 0 && !options.force) {
    throw new LowlandError(
      'LOWLAND_E_OUTPUT_NOT_EMPTY',
      `${folder}: the folder holds ${files.length} file${files.length === 1 ? '' : 's'} (${files.slice(0, 3).join(', ')}${files.length > 3 ? ', …' : ''}); expected an empty or new folder; name another with --out, or replace its results with --force`,
      { details: { file: folder, files: files.length } },
    );
  }
  const probe = join(folder, `.${process.pid}.tmp`);
  try {
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
  } catch (cause) {
    throw isSystemError(cause) ? unwritable(folder, cause) : cause;
  }
}

/** Makes a folder and those above it. (The `recursive` of mkdirSync never returns where a file system refuses with ENOENT.) */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder);
}
