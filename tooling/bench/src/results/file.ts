/** Where the results of a run go. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { BenchOptions } from '../suite.ts';

/**
 * The path without its ending, in a folder that is there then. Only a whole suite in its full sizes goes to the file of that name: a look whether
 * everything works, or at some of the tasks or contenders, does not replace a measurement.
 */
export function resultFile(suite: string, { out, quick, only, contenders }: Pick<BenchOptions, 'out' | 'quick' | 'only' | 'contenders'>): string {
  mkdirSync(out, { recursive: true });
  const part = only !== '' || contenders !== undefined;
  return join(out, `${suite}${quick ? '.quick' : part ? '.part' : ''}`);
}
