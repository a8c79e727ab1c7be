/** A Python that has NumPy and SciPy. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The program itself (what is on the path may be a script that looks for it): of the one that is given, else of the first that has both. */
export async function findPython(given: string | undefined): Promise<string | undefined> {
  for (const candidate of given === undefined ? ['python3', '/usr/bin/python3'] : [given]) {
    try {
      const { stdout } = await promisify(execFile)(candidate, ['-c', 'import sys, numpy, scipy; print(sys.executable)']);
      return stdout.trim();
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
