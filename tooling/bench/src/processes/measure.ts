/** A measuring process of Node.js: times one or more contenders at one task, interleaved, and prints the answers. */
import { writeSync } from 'node:fs';

import { Absent, type NodeContender, type Prepared } from '../contenders/contender.ts';
import { contenderNamed } from '../contenders/contenders.ts';
import { importFromNpm } from '../contenders/npm.ts';
import { readInstance } from '../tasks/files.ts';
import type { Answer, Request } from './protocol.ts';
import { timeInterleaved, warmUp, type Warm } from './timing.ts';

const { task, folder, threads, seconds, contenders, cache } = JSON.parse(process.argv[2]!) as Request;
const instance = readInstance(folder);
const answers: Record<string, Answer> = {};

/** Runs a step of one contender; what breaks is its answer, and the others go on. */
async function attempt<T>(name: string, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    answers[name] = { status: error instanceof Absent ? 'absent' : 'failed', reason };
    return undefined;
  }
}

async function prepare({ open, npm: packages, name }: NodeContender): Promise<Prepared & { readonly version: string }> {
  const npm = packages === undefined ? undefined : await importFromNpm(cache, name, packages);
  const { version, preparers } = await open({ threads, dtype: task.dtype, npm });
  const preparer = preparers[task.kind] as ((of: typeof task, data: typeof instance) => Prepared | Promise<Prepared>) | undefined;
  if (preparer === undefined) throw new Error(`${name} says that it does ${task.kind}, and does not.`);
  const { run, values } = await preparer(task, instance);
  return { version, run, values };
}

const ready: { name: string; prepared: Prepared & { readonly version: string }; warm: Warm }[] = [];
for (const name of contenders) {
  const made = await attempt(name, async () => {
    const prepared = await prepare(contenderNamed(name) as NodeContender);
    return { name, prepared, warm: await warmUp(prepared) };
  });
  if (made !== undefined) ready.push(made);
}

const samples = await timeInterleaved(ready.map(({ warm }) => warm), seconds);
for (const [i, { name, prepared }] of ready.entries()) {
  await attempt(name, async () => {
    answers[name] = { status: 'measured', version: prepared.version, samples: samples[i]!, values: await prepared.values() };
  });
}
writeSync(1, JSON.stringify(answers));
// Threads of contenders may still be there.
process.exit(0);
