/** A measuring process: what bounds completion on so many threads, each the best of many short runs that take turns. */
import { cpu } from '@lowland/linalg';
import { openThreads } from '@lowland/linalg/threads';

import { throughObjectives } from '../contenders/device.ts';
import { flopsPerRound, peakKernel } from '../machine/peak.ts';
import { timeInterleaved, warmUp, type Timed } from '../processes/timing.ts';
import { best } from '../results/statistics.ts';
import { readInstance } from '../tasks/files.ts';
import type { CompletionDescent } from '../tasks/task.ts';
import { loadKernels } from './loads.ts';
import { countsOf, onDevice, inOneMemory, type Pass } from './passes.ts';
import type { LoopCounts } from './stripped.ts';

/** What the process is asked. */
export interface Asked {
  readonly task: CompletionDescent;
  readonly folder: string;
  readonly threads: number;
  /** Seconds of each measurement. */
  readonly seconds: number;
}

/** Seconds of what a step is made of, each again and again, and of all of it in its order, by a loop without a driver. */
export type Parts = Readonly<Record<Pass | 'vectors' | 'byHand' | 'setUp', number>>;
/** What one thread needs and can do: seconds of the passes without arithmetic, what they do, flops and loads of sixteen bytes a second. */
export interface Limits {
  readonly loadsOnly: Readonly<Record<Pass, number>>;
  readonly counts: Readonly<Record<Pass, LoopCounts>>;
  readonly rates: { readonly peak: number; readonly first: number; readonly gathered: number };
}
/** Limits are measured on one thread. */
export interface Measured {
  readonly parts: Parts;
  readonly limits: Limits | undefined;
}

const { task, folder, threads, seconds } = JSON.parse(process.argv[2]!) as Asked;
const instance = readInstance(folder);
const backend = threads === 1 ? cpu() : cpu({ threads: await openThreads({ count: threads }) });

const times = (work: () => void): Timed => ({ run: (count) => { for (let i = 0; i < count; i += 1) work(); } });
/** Seconds of a batch: two steps. */
const batchSeconds = 0.002;
/** So many that the first, which finds the caches as others left them, counts little. */
const stepsByHand = 50;

/** Seconds of each, in turns. */
async function bestOf<Name extends string>(timed: Readonly<Record<Name, Timed>>): Promise<Readonly<Record<Name, number>>> {
  const samples = await timeInterleaved(await Promise.all(Object.values<Timed>(timed).map(warmUp)), seconds, batchSeconds);
  return Object.fromEntries(Object.keys(timed).map((name, k) => [name, best(samples[k]!)])) as Record<Name, number>;
}

const device = await backend.open();
const { alongRows, alongColumns, vectors } = onDevice(device, task, instance);
const parts = {
  alongRows: times(alongRows),
  alongColumns: times(alongColumns),
  vectors: times(vectors),
  byHand: times(() => {
    for (let step = 0; step < stepsByHand; step += 1) {
      alongRows();
      alongColumns();
      vectors();
    }
  }),
  // A descent of no steps has all that comes before and after them.
  setUp: await throughObjectives(backend)['completion-descent']!({ ...task, iterations: 0 }, instance),
};

const partsOf = ({ alongRows, alongColumns, vectors, byHand, setUp }: Parts): Parts => ({ alongRows, alongColumns, vectors, byHand: byHand / stepsByHand, setUp });

async function withLimits(): Promise<Measured> {
  const { whole, loadsOnly } = inOneMemory(task, instance);
  const { first, gathered } = loadKernels(task.cols, task.rank, instance['col'] as Int32Array);
  const [peak, rounds] = [peakKernel('f64'), 20_000];
  const took = await bestOf({
    ...parts,
    alongRows: times(whole.alongRows),
    alongColumns: times(whole.alongColumns),
    rowLoads: times(loadsOnly.alongRows),
    columnLoads: times(loadsOnly.alongColumns),
    first: times(first.run),
    gathered: times(gathered.run),
    peak: times(() => { peak(rounds); }),
  });
  return {
    parts: partsOf(took),
    limits: {
      loadsOnly: { alongRows: took.rowLoads, alongColumns: took.columnLoads },
      counts: { alongRows: countsOf('alongRows', task, instance), alongColumns: countsOf('alongColumns', task, instance) },
      rates: { peak: (flopsPerRound('f64') * rounds) / took.peak, first: first.loads / took.first, gathered: gathered.loads / took.gathered },
    },
  };
}

const measured: Measured = threads === 1 ? await withLimits() : { parts: partsOf(await bestOf(parts)), limits: undefined };
process.stdout.write(JSON.stringify(measured), () => {
  // The pool's threads are still there.
  process.exit(0);
});
