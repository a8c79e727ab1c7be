/**
 * What bounds the work whose floors are hard to reach: completion step by step, against what its loads alone take, and what the dense
 * floors ask of the peak. No floors of its own: it tells why others are met or missed.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { contenderNamed } from '../contenders/contenders.ts';
import { findPython } from '../contenders/find-python.ts';
import { Gate } from '../processes/idle.ts';
import { measureTask, type Rounds } from '../processes/rounds.ts';
import { allFloors } from '../results/floors.ts';
import { rowsOf, type Row } from '../results/row.ts';
import type { Suite } from '../suite.ts';
import { completion as completionSuite } from '../suites/completion.ts';
import { factorisation } from '../suites/factorisation.ts';
import { instanceFolder } from '../tasks/files.ts';
import { taskName, type CompletionDescent, type FactorisationDescent, type FactorisationGradient } from '../tasks/task.ts';
import type { Asked, Limits, Measured, Parts } from './measure.ts';
import { completionLines, denseLine, rateLine } from './report.ts';

const run = promisify(execFile);
const module = new URL('measure.ts', import.meta.url).pathname;

/** One number of threads. */
export interface CompletionBound {
  readonly task: string;
  readonly threads: number;
  readonly iterations: number;
  readonly parts: Parts;
  /** Seconds of a whole descent. */
  readonly ours: number;
  readonly scipy: number | undefined;
  readonly least: number | undefined;
}

/** Of one gradient, or one step of a descent with its share of the first gradient: flops and seconds. */
export interface DenseBound {
  readonly task: string;
  readonly flops: number;
  readonly ours: number;
  readonly rival: string | undefined;
  readonly theirs: number | undefined;
  readonly least: number | undefined;
}

/** The best of some processes, number by number. */
const each = (pick: (...values: number[]) => number) => <K extends string>(records: readonly Readonly<Record<K, number>>[]): Readonly<Record<K, number>> =>
  Object.fromEntries(Object.keys(records[0]!).map((key) => [key, pick(...records.map((record) => record[key as K]))])) as Record<K, number>;
const [least, most] = [each(Math.min), each(Math.max)];

/** What is asked of us against this rival. */
const floorOf = (task: string, threads: number, rival: string): number | undefined =>
  allFloors.find((floor) => floor.task === task && floor.threads === threads && floor.ours === 'lowland' && floor.rivals.includes(rival))?.least;

export const bounds: Suite = {
  summary: 'what bounds completion, and what the dense floors ask of the peak',
  async run({ node, python, rounds: many, quick, out, cache, print }) {
    const rounds = quick ? 1 : many;
    const [single, whole] = quick ? [0.02, 0.02] : [0.5, 0.6];
    const gate = new Gate({ open: quick });
    const how: Rounds = { node, python: await findPython(python), rounds, seconds: () => whole, cache, gate };
    const rows: Row[] = [];
    /** Seconds by contender. */
    const compare = async (task: CompletionDescent | FactorisationDescent | FactorisationGradient, threads: number, names: readonly string[]): Promise<ReadonlyMap<string, number>> => {
      const answers = await measureTask(names.map(contenderNamed), task, threads, how);
      const own = rowsOf(task, [...answers].map(([contender, answer]) => ({ contender, threads, answer })));
      rows.push(...own);
      const times = new Map(own.flatMap(({ contender, status, best }) => (status === 'measured' ? [[contender, best!]] : [])));
      if (!times.has('lowland')) throw new Error(`lowland, ${taskName(task)}: ${own[0]!.note}`);
      return times;
    };

    const { task } = completionSuite[quick ? 'quick' : 'items'][0]!;
    const completed: CompletionBound[] = [];
    const limits: Limits[] = [];
    const descent = task as CompletionDescent;
    for (const threads of [1, 2]) {
      const seen: Measured[] = [];
      for (let round = 0; round < rounds; round += 1) {
        await gate.pass();
        const asked: Asked = { task: descent, folder: instanceFolder(cache, descent), threads, seconds: single };
        const { stdout } = await run(node, ['--conditions=@lowland/source', module, JSON.stringify(asked)]);
        seen.push(JSON.parse(stdout) as Measured);
      }
      limits.push(...seen.flatMap(({ limits: own }) => own ?? []));
      const times = await compare(descent, threads, ['lowland', 'scipy']);
      completed.push({
        task: taskName(descent), threads, iterations: descent.iterations, parts: least(seen.map(({ parts }) => parts)),
        ours: times.get('lowland')!, scipy: times.get('scipy'), least: floorOf(taskName(descent), threads, 'scipy'),
      });
    }
    const best: Limits = {
      loadsOnly: least(limits.map(({ loadsOnly }) => loadsOnly)),
      counts: limits[0]!.counts,
      rates: most(limits.map(({ rates }) => rates)),
    };
    print(rateLine(best));
    for (const one of completed) print(`\n${completionLines(one, best)}`);

    const dense: DenseBound[] = [];
    const items = factorisation[quick ? 'quick' : 'items'].map((item) => item.task) as readonly (FactorisationDescent | FactorisationGradient)[];
    for (const item of [items.find(({ kind }) => kind === 'factorisation-descent')!, items.findLast(({ kind }) => kind === 'factorisation-gradient')!]) {
      const rivals = item.kind === 'factorisation-descent' ? ['numpy'] : ['openblas', 'numpy'];
      const times = await compare(item, 1, ['lowland', ...rivals]);
      const fastest = rivals.filter((name) => times.has(name)).toSorted((a, b) => times.get(a)! - times.get(b)!)[0];
      // A descent evaluates its start, too.
      const [steps, gradients] = item.kind === 'factorisation-descent' ? [item.iterations, item.iterations + 1] : [1, 1];
      dense.push({
        task: taskName(item), flops: (6 * item.rows * item.cols * item.rank * gradients) / steps, ours: times.get('lowland')! / steps,
        rival: fastest, theirs: fastest === undefined ? undefined : times.get(fastest)! / steps, least: floorOf(taskName(item), 1, rivals[0]!),
      });
    }
    print(`\n${dense.map((one) => denseLine(one, best.rates.peak)).join('\n')}`);

    print(`\n${gate.quiet} of ${gate.starts} starts were quiet.`);
    mkdirSync(out, { recursive: true });
    const file = join(out, `bounds${quick ? '.quick' : ''}.json`);
    writeFileSync(file, `${JSON.stringify({ suite: 'bounds', quick, rounds, node: process.version, starts: gate.starts, quiet: gate.quiet, limits: best, completion: completed, dense, rows }, undefined, 2)}\n`);
    print(file);
    return true;
  },
};
