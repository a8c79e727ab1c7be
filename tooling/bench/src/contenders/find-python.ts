/** A Python that has NumPy and SciPy. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * The program itself (what is on the path may be a script that looks for it): of the one that is given, else of the first that has both and
 * what else is wanted, else of the first that has both.
 */
export async function findPython(given: string | undefined, wanted: readonly string[] = []): Promise<string | undefined> {
  const candidates = given === undefined ? ['python3', '/usr/bin/python3'] : [given];
  for (const modules of wanted.length === 0 ? [[]] : [wanted, []]) {
    for (const candidate of candidates) {
      try {
        const { stdout } = await promisify(execFile)(candidate, ['-c', `import ${['sys', 'numpy', 'scipy', ...modules].join(', ')}; print(sys.executable)`]);
        return stdout.trim();
      } catch {
        // Not this one.
      }
    }
  }
  return undefined;
}
