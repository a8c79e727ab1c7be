/** Starts a measuring process and reads its answers. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Answer, Request } from './protocol.ts';

const execute = promisify(execFile);

export interface Programs {
  readonly node: string;
  /** A Python with NumPy; or why there is none. */
  readonly python: string | undefined;
}

/** No measurement of one process takes longer. */
const limitSeconds = 120;

/**
 * The environment of a contender: so many threads, and OpenBLAS free to choose its kernels. OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are
 * taken out, since a wrong one costs it up to half of its speed.
 */
export function contenderEnvironment(threads: number): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  for (const name of ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE']) Reflect.deleteProperty(environment, name);
  for (const name of ['OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS']) environment[name] = String(threads);
  return environment;
}

/** The answers of a process by the names in the request; when it breaks, that is the answer of all. */
export async function measure(language: 'node' | 'python', { node, python }: Programs, request: Request): Promise<Readonly<Record<string, Answer>>> {
  if (language === 'python' && python === undefined) return all(request, { status: 'absent', reason: 'not installed: a Python 3 with NumPy and SciPy (apt-get install python3-numpy python3-scipy, or pip install numpy scipy)' });
  const [program, parameters] = language === 'node'
    ? [node, ['--conditions=@lowland/source', new URL('measure.ts', import.meta.url).pathname]]
    : [python!, [new URL('../contenders/python/measure.py', import.meta.url).pathname]];
  try {
    const { stdout } = await execute(program, [...parameters, JSON.stringify(request)], {
      env: contenderEnvironment(request.threads),
      timeout: limitSeconds * 1000,
      maxBuffer: 2 ** 26,
    });
    // What a package prints as it loads comes before.
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n', stdout.length - 2) + 1)) as Record<string, Answer>;
  } catch (error) {
    const { stderr = '', message, killed = false } = error as Error & { stderr?: string; killed?: boolean };
    const last = stderr.trim().split('\n').at(-1) ?? '';
    return all(request, { status: 'failed', reason: killed ? `took longer than ${limitSeconds} s` : last === '' ? message : last });
  }
}

const all = (request: Request, answer: Answer): Record<string, Answer> => Object.fromEntries(request.contenders.map((name) => [name, answer]));
