import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { errorCode } from '@lowland/core';
import { afterAll, beforeAll } from 'vitest';

export interface Folder {
  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array): string;
  path(name: string): string;
}

/** A folder for the tests of one file, gone afterwards. */
export function temporaryFolder(): Folder {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lowland-data-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    write(name, content) {
      writeFileSync(path(name), content);
      return path(name);
    },
  };
}

/** The code and message of the error that `action` ends with; fails where it ends well. */
export async function failure(action: () => unknown): Promise<{ code: string | undefined; message: string }> {
  try {
    await action();
  } catch (error) {
    return { code: errorCode(error), message: (error as Error).message };
  }
  throw new Error('expected an error, there was none');
}
