/** What goes into `solveToCertificate` and what comes out of it. */
import type { AnyTracker, Backend, Capability, Checkpoint, Counts, MaybePromise, Named, Objective, Observation, Point, Solution } from '@lowland/core';

import type { Certificate } from './certificate.ts';

export interface SolveToCertificateOptions {
  readonly backend: Backend;
  /** Of the default start and of all random vectors. Default 0; of a resumed run the checkpoint's. */
  readonly seed?: number;
  /** Where to start; default the objective's `initial`. */
  readonly point?: Point;
  /** Relative gap at which the run ends. Default 1e-6. */
  readonly tolerance?: number;
  /** How the rank grows; default `escape`, of a resumed run the checkpoint's. */
  readonly growth?: Growth;
  /** Default 100. */
  readonly maxRounds?: number;
  /** Inner iterations of all rounds together. Default no limit. */
  readonly maxIterations?: number;
  /** Default no limit. */
  readonly maxSeconds?: number;
  readonly signal?: AbortSignal;
  /** Watch the inner solves. They start anew in each round, which begins at another point, of another number of columns. */
  readonly trackers?: readonly AnyTracker[];
  /** Every observation of the inner solves, counted through. */
  readonly record?: (observation: Observation & { readonly round: number; readonly rank: number }) => void;
  /** Called as each round ends. */
  readonly onRound?: (round: Round) => void;
  /** Seconds between checkpoints; default 10. */
  readonly checkpointEvery?: number;
  readonly checkpoint?: (checkpoint: CertificateCheckpoint) => MaybePromise<void>;
  readonly resume?: CertificateCheckpoint;
}

/**
 * What follows an inner solve that is not certified: `escape` appends the triples of the gradient above the penalty, `proximal` takes a
 * proximal-gradient step on X each time (BM-Global).
 */
export type Growth = 'escape' | 'proximal';

/** One inner solve and what was decided after it. */
export interface Round {
  readonly round: number;
  /** Columns of the factors in the inner solve. */
  readonly columns: number;
  /** Singular triples kept after it. */
  readonly rank: number;
  readonly iterations: number;
  readonly stop: Solution['stop'];
  /** The inner solve was to end at |∇f| <= accuracy·√(2·penalty·f). */
  readonly accuracy: number;
  readonly value: number;
  /** The relative gap by Ritz values: what to do next hangs on it, claims are made by the certificate alone. */
  readonly estimatedGap: number | null;
  readonly next: 'append' | 'tighten' | 'proximal' | 'stop';
  /** Columns that the next round starts with, beyond `rank`. */
  readonly appended: number;
  readonly seconds: number;
}

/** What the rounds so far have used up and found. */
export interface Progress {
  readonly accuracy: number;
  /** The value at the round's start. */
  readonly value: number;
  /** Rounds in a row without a decrease above rounding. */
  readonly stalls: number;
  /** Doubled each time a proof contradicts an estimate: how hard the search for escapes looks. */
  readonly effort: number;
  /** Of all proofs tried so far together: a run that ends at the first one that succeeds has had the chances of each. */
  readonly failureProbability: number;
  readonly iterations: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly rounds: readonly Round[];
}

/** A run at some iteration of some round, as plain JSON. */
export interface CertificateCheckpoint {
  readonly format: 1;
  readonly objective: Named;
  readonly optimizer: Named;
  readonly seed: number;
  /** Absent: `escape`. */
  readonly growth?: Growth;
  readonly round: number;
  /** Columns of the factors in this round. */
  readonly rank: number;
  /** The numbers of the point from which this round starts, as `encodeNumbers` gives them. */
  readonly grown: string;
  /** The inner solve, where it has begun. */
  readonly inner: Checkpoint | null;
  readonly progress: Progress;
}

export interface CertifiedSolution {
  /** The objective at the final rank. */
  readonly objective: Objective<Capability>;
  /** Balanced factors, one column for each singular value of X (at least one); of an aborted run the point as it was. */
  readonly point: Point;
  readonly value: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly seconds: number;
  readonly stop: Solution['stop'];
  readonly counts: Counts;
  readonly plan: Solution['plan'];
  readonly seed: number;
  readonly certificate: Certificate;
  readonly rounds: readonly Round[];
  /** Of X, descending. */
  readonly singularValues: readonly number[];
  /** Singular values above 1e-6 of the largest. */
  readonly rank: number;
  checkpoint(): CertificateCheckpoint;
}
