import { type Capability, type Counts, type Objective, type Observation, type Point, type Solution, solve, startingPoint } from '@lowland/core';
import { type Certificate, type CertificateCheckpoint, inFactors, solveToCertificate } from '@lowland/landscape';
import { polish, type Polish } from '@lowland/optimizers';

import type { Progressed } from './output/run-folder.ts';
import type { TraceRow } from './output/trace.ts';
import { type Setup, stopOf } from './set-up.ts';

/** What a run came to, at one rank or over several. */
export interface Outcome {
  /** In factors, at the rank of `point`. */
  readonly objective: Objective<Capability>;
  readonly point: Point;
  readonly value: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly seconds: number;
  readonly stop: Solution['stop'];
  readonly counts: Counts;
  readonly plan: Solution['plan'];
  readonly progressed: Progressed;
  readonly certificate?: Certificate;
  /** What was done to the point in f64 after the run; null where it is the very point that the run reached. */
  readonly polish: Polish | null;
}

export interface Watch {
  readonly signal: AbortSignal;
  readonly record: (row: TraceRow, tracked?: Observation['tracked']) => void;
  readonly checkpoint: (progressed: Progressed) => void;
}

/** Seconds between checkpoints. */
const checkpointEvery = 5;

/** Runs what was set up, from its start or from where an earlier run was. */
export async function run(setup: Setup, watch: Watch, resume: Progressed | undefined): Promise<Outcome> {
  return setup.auto ? overRanks(setup, watch, resume) : atOneRank(setup, watch, resume);
}

async function atOneRank(setup: Setup, { signal, record, checkpoint }: Watch, resume: Progressed | undefined): Promise<Outcome> {
  const { objective, optimizer, backend, init, trackers, seed, limits, every } = setup;
  const rank = columnsOf(objective);
  const solution = await solve(objective, optimizer, {
    backend,
    seed,
    stop: stopOf(limits),
    ...(every === undefined ? {} : { every }),
    ...(init === undefined ? {} : { init }),
    signal,
    ...(trackers.length === 0 ? {} : { trackers }),
    record: ({ iteration, seconds, value, gradientNorm, tracked }) => record({ round: 0, rank, iteration, seconds, value, gradientNorm }, tracked),
    checkpointEvery,
    checkpoint: (taken) => checkpoint({ kind: 'solve', checkpoint: taken }),
    ...(resume?.kind === 'solve' ? { resume: resume.checkpoint } : {}),
  });
  const place = await inFactors({ objective, point: solution.point }, setup.judge);
  return { ...solution, ...place, polish: null, progressed: { kind: 'solve', checkpoint: solution.checkpoint() } };
}

async function overRanks(setup: Setup, { signal, record, checkpoint }: Watch, resume: Progressed | undefined): Promise<Outcome> {
  const { objective, optimizer, backend, init, trackers, seed, limits, growth } = setup;
  const point = init === undefined || resume !== undefined ? {} : { point: await startingPoint(objective, init, { backend, seed }) };
  const solution = await solveToCertificate(objective as Objective<'lift' | 'factors' | 'grow'>, optimizer as never, {
    backend,
    seed,
    ...point,
    growth,
    tolerance: limits.gapTolerance,
    maxIterations: limits.iterations,
    ...(limits.seconds === Infinity ? {} : { maxSeconds: limits.seconds }),
    signal,
    ...(trackers.length === 0 ? {} : { trackers }),
    record: ({ tracked, ...row }) => record(row, tracked),
    checkpointEvery,
    checkpoint: (taken: CertificateCheckpoint) => checkpoint({ kind: 'certificate', checkpoint: taken }),
    ...(resume?.kind === 'certificate' ? { resume: resume.checkpoint } : {}),
  });
  return { ...solution, polish: null, progressed: { kind: 'certificate', checkpoint: solution.checkpoint() } };
}

/**
 * What a run in f32 ended at by itself, in f64: its value, gradient and point are those of a few more steps, which verdicts and files are about. Over
 * several ranks the point between two rounds is made, and certified, in f64 as it is.
 */
export async function polished(setup: Setup, outcome: Outcome): Promise<Outcome> {
  const { reason } = outcome.stop;
  if (setup.backend.dtype === 'f64' || setup.auto || (reason !== 'converged' && reason !== 'stalled')) return outcome;
  return polishedAnyway(setup, outcome);
}

/** The same, whatever ended the run: of a recorded one that is repeated to its last iteration. */
export async function polishedAnyway({ judge }: Setup, outcome: Outcome): Promise<Outcome> {
  const found = await polish(outcome.objective, outcome.point, { backend: judge });
  return found === undefined ? outcome : { ...outcome, point: found.point, value: found.polish.value.after, gradientNorm: found.polish.gradientNorm.after, polish: found.polish };
}

/** Columns of the factors; the whole point counts as one where it has none. */
const columnsOf = (objective: Objective<Capability>): number => objective.layout.blocks[0]?.shape[1] ?? 1;

/** How far a checkpoint is: what a trace keeps. */
export function reached(progressed: Progressed): { readonly round: number; readonly iteration: number } {
  if (progressed.kind === 'solve') return { round: 0, iteration: progressed.checkpoint.iteration };
  const { round, inner, progress } = progressed.checkpoint;
  return { round, iteration: inner === null ? -1 : progress.iterations + inner.iteration };
}
