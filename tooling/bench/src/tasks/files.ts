/** Instances as files, one an array: raw little-endian numbers, `name.f64` or `name.i32`, which NumPy's fromfile reads too. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generate, type Instance, type Numbers } from './generate.ts';
import { taskName, type Task } from './task.ts';

/** Raised when `generate` gives other numbers than before. */
const version = 1;

/** The folder with the instance of a task, written at the first call. */
export function instanceFolder(cache: string, task: Task): string {
  // A descent starts where its gradient is taken: they share an instance.
  const folder = join(cache, `instances-${version}`, taskName({ ...task, dtype: 'f64' }).replace(/ (gradient|descent)/, '').replaceAll(' ', '-'));
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    writeInstance(unfinished, generate(task));
    try {
      renameSync(unfinished, folder);
    } catch (error) {
      // Another process was faster.
      rmSync(unfinished, { recursive: true });
      if (!existsSync(folder)) throw error;
    }
  }
  return folder;
}

export function writeInstance(folder: string, instance: Instance): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, numbers] of Object.entries(instance)) {
    writeFileSync(join(folder, `${name}.${numbers instanceof Int32Array ? 'i32' : 'f64'}`), littleEndian(numbers));
  }
}

export function readInstance(folder: string): Instance {
  return Object.fromEntries(readdirSync(folder).map((file) => {
    const bytes = Uint8Array.from(readFileSync(join(folder, file)));
    const [name, type] = file.split('.') as [string, string];
    return [name, littleEndian(type === 'i32' ? new Int32Array(bytes.buffer) : new Float64Array(bytes.buffer))];
  }));
}

const bigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/** The same bytes on the machines that there are; swapped, in a copy, on the few others. */
function littleEndian<T extends Numbers>(numbers: T): T {
  if (!bigEndian) return numbers;
  const copy = numbers.slice() as T;
  const bytes = Buffer.from(copy.buffer);
  if (copy instanceof Int32Array) bytes.swap32();
  else bytes.swap64();
  return copy;
}
