/** Tests of the native library need one: where CI is set its absence fails them, elsewhere they are skipped with a word why. */
import { env } from 'node:process';

import { errorCode } from '@lowland/core';
import { describe, it } from 'vitest';

import { openLibrary } from '../src/library.ts';

function missing(): string | undefined {
  try {
    openLibrary();
    return undefined;
  } catch (error) {
    if (errorCode(error) !== 'LOWLAND_E_BLAS_MISSING' || env['CI'] !== undefined) throw error;
    return (error as Error).message;
  }
}

const why = missing();
if (why !== undefined) console.warn(`Skipped: the tests of the native library. ${why}`);

/** `describe`, for what needs the library. Without it the body, which may open one, isn't even looked at. */
export function describeNative(name: string, body: () => void): void {
  if (why === undefined) describe(name, body);
  else describe.skip(name, () => it('needs the library', () => undefined));
}
