/**
 * Checkpoints of runs over several ranks: how they are written, and whether they belong to a run.
 */
import { type Checkpoint, decodeNumbers, encodeNumbers, LowlandError, type Named, type Point } from '@lowland/core';

import type { CertificateCheckpoint, Growth, Progress } from './certified-solution.ts';

const named = ({ id, options, data }: Named): Named => ({ id, options, ...(data !== undefined && { data }) });

interface Standing {
  readonly seed: number;
  readonly growth: Growth;
  readonly round: number;
  /** Columns of the factors in this round. */
  readonly rank: number;
  /** The point from which this round starts. */
  readonly start: Point;
  readonly inner: Checkpoint | null;
  readonly progress: Progress;
}

/** As plain JSON. */
export function checkpointOf(objective: Named, optimizer: Named, { seed, growth, round, rank, start, inner, progress }: Standing): CertificateCheckpoint {
  return {
    format: 1,
    objective: named(objective),
    optimizer: named(optimizer),
    seed,
    ...(growth !== 'escape' && { growth }),
    round,
    rank,
    grown: encodeNumbers(start.data),
    inner,
    progress,
  };
}

/** @throws LOWLAND_E_CHECKPOINT when the checkpoint is of another objective, other data or another method */
export function requireSameRun(checkpoint: CertificateCheckpoint, objective: Named, optimizer: Named): void {
  const given: unknown = checkpoint.format;
  const same =
    given === 1 &&
    nameOf(checkpoint.objective) === nameOf(objective) &&
    checkpoint.objective.data === objective.data &&
    nameOf(checkpoint.optimizer) === nameOf(optimizer);
  if (same) return;
  throw new LowlandError(
    'LOWLAND_E_CHECKPOINT',
    `This checkpoint (format ${String(given)}) is of ${nameOf(checkpoint.objective)} with ${nameOf(checkpoint.optimizer)}, this run of ${nameOf(objective)} with ${nameOf(optimizer)}; their data must be the same too.`,
  );
}

/** Id and options; the rank is the run's to choose. */
const nameOf = ({ id, options: { rank: _, ...options } }: Named): string => `${id} ${JSON.stringify(options)}`;

/**
 * The point from which its round starts.
 *
 * @throws LOWLAND_E_CHECKPOINT when it is damaged
 */
export function startNumbers({ grown }: CertificateCheckpoint): Float64Array {
  const numbers = typeof grown === 'string' ? decodeNumbers(grown) : undefined;
  if (numbers !== undefined) return numbers;
  throw new LowlandError('LOWLAND_E_CHECKPOINT', 'The checkpoint is damaged: "grown" is no list of numbers in base64. Start a new run, or use another checkpoint.');
}
