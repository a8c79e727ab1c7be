import { type Capability, errorCode, type Objective, type Point } from '@lowland/core';
import { type Certificate, verdictAt } from '@lowland/landscape';
import { biasBaseline } from '@lowland/objectives';

import type { Holdout, Verdict } from './document.ts';
import { predictEntries, relativeErrorTo } from './entries-of.ts';
import { type Entries, rootMeanSquareError } from '@lowland/data';
import type { Setup } from './set-up.ts';
import { noVerdict, verdictOf } from './verdict.ts';

/** What is said about the point that a run reached. */
export interface Judgement {
  readonly verdict: Verdict;
  /** What the verdict rests on; null where none could be made. */
  readonly certificate: Certificate | null;
  readonly rank: number | null;
  readonly holdout: Holdout | null;
  readonly truth: { readonly relativeError: number } | null;
}

/**
 * Certifies or classifies the point, and measures it on the entries held back and against planted data.
 *
 * @param objective at the rank of the point
 * @param certificate where one was made on the way
 */
export async function judge(setup: Setup, objective: Objective<Capability>, point: Point, certificate: Certificate | undefined): Promise<Judgement> {
  const { judge: backend, held, truth, data } = setup;
  const { verdict, rank, proved } = await verdictFor(setup, objective, point, certificate);
  const predicts = 'predict' in objective.routes;
  const predict = (row: Int32Array, col: Int32Array): Promise<Float64Array> => predictEntries(objective, point, row, col, backend);
  return {
    verdict,
    certificate: proved,
    rank,
    holdout: held === undefined || !predicts ? null : await scoreHoldout(data as Entries, held, predict),
    truth: truth === undefined || !predicts ? null : { relativeError: await relativeErrorTo(truth, predict) },
  };
}

async function verdictFor(
  { judge: backend, seed, limits }: Setup,
  objective: Objective<Capability>,
  point: Point,
  certificate: Certificate | undefined,
): Promise<{ verdict: Verdict; rank: number | null; proved: Certificate | null }> {
  try {
    const found = await verdictAt(objective, point, { backend, seed, tolerance: limits.gapTolerance, ...(certificate === undefined ? {} : { certificate }) });
    return { verdict: verdictOf(found.certificate, found.classification ?? undefined), rank: found.certificate.rank, proved: found.certificate };
  } catch (error) {
    // A point that no analysis can read is no reason to lose the run.
    if (errorCode(error) === undefined) throw error;
    return { verdict: noVerdict((error as Error).message, limits.gapTolerance), rank: null, proved: null };
  }
}

async function scoreHoldout(training: Entries, held: Entries, predict: (row: Int32Array, col: Int32Array) => Promise<Float64Array>): Promise<Holdout> {
  const baseline = biasBaseline(training);
  const means = held.values.map((_, k) => baseline.at(held.row[k]!, held.col[k]!));
  return {
    count: held.values.length,
    rmse: rootMeanSquareError(await predict(held.row, held.col), held.values),
    baselineRmse: rootMeanSquareError(means, held.values),
  };
}
