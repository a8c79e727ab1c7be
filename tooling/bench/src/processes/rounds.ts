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
  /** How a process is asked; by starting one unless given. */
  readonly ask?: typeof measure;
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

/**
 * The answers of all rounds by contender, the samples put together. Who is absent or broke is not asked again; when one takes a shared
 * process down, all are asked alone.
 */
export async function measureTask(contenders: readonly Contender[], task: Task, threads: number, { rounds, seconds, cache, gate, ask: start = measure, ...programs }: Rounds): Promise<ReadonlyMap<string, Answer>> {
  const folder = instanceFolder(cache, task);
  const answers = new Map<string, Answer>();
  const ask = async ({ language, contenders: members }: Group): Promise<void> => {
    const wanted = members.filter(({ name }) => (answers.get(name)?.status ?? 'measured') === 'measured');
    if (wanted.length === 0) return;
    await gate.pass();
    const modules = Object.fromEntries(wanted.map((each) => [each.name, 'module' in each ? each.module : '']));
    const given = await start(language, programs, { task, folder, threads, seconds: seconds(task), contenders: wanted.map(({ name }) => name), modules, cache });
    if (wanted.length > 1 && wanted.every(({ name }) => given[name]!.status === 'failed')) {
      for (const contender of wanted) await ask({ language, contenders: [contender] });
      return;
    }
    for (const { name } of wanted) answers.set(name, joined(answers.get(name) as Measured | undefined, given[name]!));
  };
  const quick = contenders.filter((contender) => contender.tooSlow?.(task) !== true);
  for (let round = 0; round < rounds; round += 1) for (const group of groupsOf(quick, task, threads)) await ask(group);
  for (const contender of contenders) {
    if (!quick.includes(contender) && takesPart(contender, task, threads)) answers.set(contender.name, { status: 'absent', reason: 'left out: this would take it minutes' });
  }
  return answers;
}

function joined(before: Measured | undefined, answer: Answer): Answer {
  return before === undefined || answer.status !== 'measured' ? answer : { ...answer, samples: [...before.samples, ...answer.samples] };
}
