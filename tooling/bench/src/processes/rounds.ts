/** All contenders at one task, in processes that take turns. */
import { takesPart, type Contender } from '../contenders/contender.ts';
import { instanceFolder } from '../tasks/files.ts';
import { endToEnd, type Task } from '../tasks/task.ts';
import type { Gate } from './idle.ts';
import type { Answer, Measured } from './protocol.ts';
import { measure, type Programs } from './start.ts';

export interface Rounds extends Programs {
  readonly rounds: number;
  /** Of each contender in each process. */
  readonly seconds: (task: Task) => number;
  readonly cache: string;
  readonly gate: Gate;
}

/** The contenders of one process. */
export interface Group {
  readonly language: 'node' | 'python';
  readonly contenders: readonly Contender[];
}

/**
 * Kernels on one thread share a process and are interleaved call by call. Whole loops, which the compiler learns from, more threads,
 * which would take each other's processor, and Python have processes of their own.
 */
export function groupsOf(contenders: readonly Contender[], task: Task, threads: number): readonly Group[] {
  const fit = contenders.filter((contender) => takesPart(contender, task, threads));
  const together = threads === 1 && !endToEnd(task) ? fit.filter(({ language }) => language === 'node') : [];
  const alone = fit.filter((contender) => !together.includes(contender));
  return [
    ...(together.length > 0 ? [{ language: 'node' as const, contenders: together }] : []),
    ...alone.map((contender) => ({ language: contender.language, contenders: [contender] })),
  ];
}

/** The answers of all rounds by contender, the samples put together. Who is absent or broke is not asked again. */
export async function measureTask(contenders: readonly Contender[], task: Task, threads: number, { rounds, seconds, cache, gate, ...programs }: Rounds): Promise<ReadonlyMap<string, Answer>> {
  const folder = instanceFolder(cache, task);
  const answers = new Map<string, Answer>();
  const groups = groupsOf(contenders, task, threads);
  for (let round = 0; round < rounds; round += 1) {
    for (const group of groups) {
      const names = group.contenders.map(({ name }) => name).filter((name) => (answers.get(name)?.status ?? 'measured') === 'measured');
      if (names.length === 0) continue;
      const modules = Object.fromEntries(group.contenders.map((each) => [each.name, 'module' in each ? each.module : '']));
      await gate.pass();
      const given = await measure(group.language, programs, { task, folder, threads, seconds: seconds(task), contenders: names, modules, cache });
      for (const name of names) answers.set(name, joined(answers.get(name) as Measured | undefined, given[name]!));
    }
  }
  return answers;
}

function joined(before: Measured | undefined, answer: Answer): Answer {
  return before === undefined || answer.status !== 'measured' ? answer : { ...answer, samples: [...before.samples, ...answer.samples] };
}
