import { errorCode } from '@lowland/core';

import type { Input } from './source.ts';
import { blobInput } from './web.ts';

/** A file of that name. */
export const file = (name: string, content: string | Uint8Array): Input => blobInput(name, new Blob([content as Uint8Array<ArrayBuffer>]));

/** The code and message of the error that `action` ends with; fails where it ends well. */
export async function failure(action: () => unknown): Promise<{ code: string | undefined; message: string }> {
  try {
    await action();
  } catch (error) {
    return { code: errorCode(error), message: (error as Error).message };
  }
  throw new Error('expected an error, there was none');
}
