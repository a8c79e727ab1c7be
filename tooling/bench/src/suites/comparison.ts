/** A suite that compares contenders: its tasks, and how they are run and reported. */
import { writeFileSync } from 'node:fs';

import { contenders as everyone } from '../contenders/contenders.ts';
import { takesPart, type Contender } from '../contenders/contender.ts';
import { install } from '../contenders/npm.ts';
import { findPython } from '../contenders/find-python.ts';
import { measureMachine, machineLines } from '../machine/limits.ts';
import { Gate } from '../processes/idle.ts';
import { measureTask, type Rounds } from '../processes/rounds.ts';
import { bars } from '../results/bars.ts';
import { check, passed } from '../results/check.ts';
import { resultFile } from '../results/file.ts';
import { allFloors } from '../results/floors.ts';
import { rowsOf, type Answered, type Row } from '../results/row.ts';
import { chart } from '../results/svg.ts';
import { floorTable, taskTable } from '../results/table.ts';
import type { BenchOptions, Suite } from '../suite.ts';
import { endToEnd, taskName, type Task } from '../tasks/task.ts';

/** A task, and the numbers of threads on which it is measured. */
export interface Item {
  readonly task: Task;
  readonly threads: readonly number[];
}

export interface Comparison {
  readonly name: string;
  readonly summary: string;
  readonly items: readonly Item[];
  /** The same at sizes that take no time: to see that everything works. No floor speaks of them. */
  readonly quick: readonly Item[];
}

/** Measuring time of one contender in one process: whole loops are longer than single kernels. */
const secondsFor = (task: Task, quick: boolean) => (quick ? 0.02 : endToEnd(task) ? 0.6 : 0.4);

export const comparison = ({ name, summary, items, quick }: Comparison): Suite => ({
  summary,
  async run(options) {
    const chosen = (options.quick ? quick : items).filter(({ task }) => taskName(task).includes(options.only));
    if (chosen.length === 0) {
      options.print(`No task of ${name} has "${options.only}" in its name.`);
      return false;
    }
    const entered = await enter(chosen, options);
    const how: Rounds = {
      node: options.node,
      python: entered.some(({ language }) => language === 'python') ? await findPython(options.python, entered.flatMap((each) => ('needs' in each ? each.needs : []))) : undefined,
      rounds: options.quick ? 1 : options.rounds,
      seconds: (task) => secondsFor(task, options.quick),
      cache: options.cache,
      gate: new Gate({ open: options.quick }),
    };
    const machine = await measureMachine(how, entered, options.quick);
    options.print(machineLines(machine).join('\n'));

    const rows: Row[] = [];
    for (const { task, threads } of chosen) {
      const answered: Answered[] = [];
      for (const count of threads) {
        for (const [contender, answer] of await measureTask(entered, task, count, how)) answered.push({ contender, threads: count, answer });
      }
      const own = rowsOf(task, answered);
      rows.push(...own);
      for (const count of threads) options.print(`\n${taskTable(task, count, own.filter((row) => row.threads === count))}`);
    }

    const verdicts = check(rows, allFloors);
    const { starts, quiet } = how.gate;
    options.print(`\n${quiet} of ${starts} starts were quiet.`);
    if (verdicts.length > 0) options.print(`\nFloors\n${floorTable(verdicts)}`);
    const file = resultFile(name, options);
    writeFileSync(`${file}.json`, `${JSON.stringify({ suite: name, quick: options.quick, rounds: how.rounds, machine, starts, quiet, rows, verdicts }, undefined, 2)}\n`);
    writeFileSync(`${file}.svg`, chart(`${name}: time of the other / time of lowland`, bars(rows, verdicts)));
    options.print(`\n${file}.json and .svg`);
    return passed(verdicts);
  },
});

/** Who takes part in some of the tasks; installs who comes from npm. */
async function enter(items: readonly Item[], { contenders: names, cache, print }: BenchOptions): Promise<readonly Contender[]> {
  const wanted = everyone.filter(({ name }) => names === undefined || names.includes(name));
  const entered = wanted.filter((contender) => items.some(({ task, threads }) => threads.some((count) => takesPart(contender, task, count))));
  for (const contender of entered) {
    if (contender.language !== 'node' || contender.npm === undefined) continue;
    const failure = await install(cache, contender.name, contender.npm);
    if (failure !== undefined) print(`${contender.name} could not be installed: ${failure}`);
  }
  return entered;
}
