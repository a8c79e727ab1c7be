/** A Python that has NumPy and SciPy. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The one that is given, else the first that has both: the one on the path, or the system's own. */
export async function findPython(given: string | undefined): Promise<string | undefined> {
  for (const candidate of given === undefined ? ['python3', '/usr/bin/python3'] : [given]) {
    try {
      await promisify(execFile)(candidate, ['-c', 'import numpy, scipy']);
      return candidate;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
