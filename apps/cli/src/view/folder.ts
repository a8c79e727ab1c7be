import { opendirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/** A file that may be read, by its path below the folder, with slashes. */
export interface Offered {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Device and inode: another one where the file was replaced. */
  readonly id: string;
}

const mostFiles = 2000;
const mostFolders = 4;

/** Regular files below `root`, hidden ones left out, by path; `complete` where there were no more than are listed. */
export function listFiles(root: string): { readonly files: readonly Offered[]; readonly complete: boolean } {
  const files: Offered[] = [];
  let complete = true;
  const visit = (folder: string, depth: number): void => {
    for (const name of namesIn(join(root, folder))) {
      if (name.startsWith('.')) continue;
      const path = folder === '' ? name : `${folder}/${name}`;
      const full = within(root, path);
      const stat = full === undefined ? undefined : statSync(full, { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) {
        if (depth < mostFolders) visit(path, depth + 1);
        else complete = false;
      } else if (stat?.isFile() === true) {
        if (files.length >= mostFiles) complete = false;
        else files.push({ path, ...offered(stat) });
      }
      if (!complete && files.length >= mostFiles) return;
    }
  };
  visit('', 0);
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), complete };
}

/** What is told of a file. */
export const offered = ({ size, mtimeMs, dev, ino }: Stats): Omit<Offered, 'path'> => ({ size, modified: Math.round(mtimeMs), id: `${dev}-${ino}` });

/** Names in a folder, sorted; none where it cannot be read. A folder of millions is read as far as is needed. */
function namesIn(folder: string): string[] {
  const names: string[] = [];
  try {
    const handle = opendirSync(folder);
    try {
      for (let entry = handle.readSync(); entry !== null && names.length < 10 * mostFiles; entry = handle.readSync()) names.push(entry.name);
    } finally {
      handle.closeSync();
    }
  } catch {
    return [];
  }
  return names.sort();
}

/**
 * The real path of what a request names, where it lies below `root` with all links followed, and no part of its name is hidden or leads up.
 * `root` is a real path itself.
 */
export function within(root: string, path: string): string | undefined {
  if (path === '' || path.includes('\0') || path.includes('\\') || isAbsolute(path)) return undefined;
  if (path.split('/').some((part) => part === '' || part.startsWith('.'))) return undefined;
  try {
    const real = realpathSync(join(root, path));
    const way = relative(root, real);
    return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : real;
  } catch {
    return undefined;
  }
}
