import { errorCode } from '@lowland/core';

import type { Fault } from './protocol.ts';

/** An error as plain data, with the words of whoever threw it. */
export function faultOf(error: unknown): Fault {
  return { code: errorCode(error) ?? null, message: error instanceof Error ? error.message : String(error) };
}
