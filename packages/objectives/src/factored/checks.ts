/**
 * What every factory refuses: the same codes and wording for all problems.
 */
import { LowlandError, type DataMap, type Measurements } from '@lowland/core';

/** @throws LOWLAND_E_RANK unless 1 <= rank <= min(rows, cols). */
export function requireRank(rank: number, rows: number, cols: number): void {
  const largest = Math.min(rows, cols);
  if (Number.isInteger(rank) && rank >= 1 && rank <= largest) return;
  throw new LowlandError('LOWLAND_E_RANK', `The rank of a ${rows} x ${cols} matrix is an integer from 1 to ${largest}; ${rank} was given.`, {
    details: { given: rank, largest },
  });
}

/** @throws LOWLAND_E_OPTIONS unless `given` is finite and at least 0. */
export function requireNonNegative(name: string, given: number): void {
  if (Number.isFinite(given) && given >= 0) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `${name} is a finite number that is at least 0; ${given} was given.`, { details: { name, given } });
}

/** @throws LOWLAND_E_SHAPE unless rows and cols are positive integers. */
export function requireSize(rows: number, cols: number): void {
  if (Number.isSafeInteger(rows) && Number.isSafeInteger(cols) && rows >= 1 && cols >= 1) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `A matrix has at least one row and one column; ${rows} x ${cols} was given.`, {
    details: { rows, cols },
  });
}

/** @throws LOWLAND_E_SHAPE when an array has another length than it should. */
export function requireLength(what: string, given: number, expected: number): void {
  if (given === expected) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `${what} has ${expected} numbers here; ${given} were given.`, { details: { what, given, expected } });
}

/** @throws LOWLAND_E_NOT_FINITE naming the first entry that is NaN or infinite. */
export function requireAllFinite(what: string, values: Float64Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new LowlandError('LOWLAND_E_NOT_FINITE', `${what} is finite; number ${at} is ${values[at]!}.`, { details: { what, at } });
}

/**
 * A batch of samples, each from 0 to samples - 1.
 *
 * @throws LOWLAND_E_EMPTY when there is none, LOWLAND_E_INDEX when one does not exist
 */
export function requireBatch(batch: Int32Array, samples: number): void {
  if (batch.length === 0) throw new LowlandError('LOWLAND_E_EMPTY', 'A batch has at least one sample.');
  for (const k of batch) {
    if (k < 0 || k >= samples) throw new LowlandError('LOWLAND_E_INDEX', `Samples are numbered from 0 to ${samples - 1}; ${k} is in the batch.`, { details: { given: k, samples } });
  }
}

/** A given dense matrix: shape and finiteness. */
export function requireMatrix(what: string, m: DataMap['matrix']): void {
  requireSize(m.rows, m.cols);
  requireLength(what, m.values.length, m.rows * m.cols);
  requireAllFinite(what, m.values);
}

/** @throws LOWLAND_E_WEIGHT where measurements have weights that nothing would look at. */
export function requireUnweighted({ weights }: Pick<Measurements, 'weights'>, what: string): void {
  if (weights === undefined) return;
  throw new LowlandError('LOWLAND_E_WEIGHT', `${what} has no weights; leave them out of the measurements.`);
}

/** Matrices that were made here, finite and of their size, though nobody may have formed their entries yet. */
const vouched = new WeakSet<DataMap['matrix']>();
export const vouchFor = (planted: DataMap['matrix']): void => { vouched.add(planted); };

/** @throws LOWLAND_E_SHAPE when a planted matrix is of another shape than the problem. */
export function requireTruth(truth: DataMap['matrix'] | undefined, rows: number, cols: number): void {
  if (truth === undefined) return;
  if (!vouched.has(truth)) requireMatrix('The planted matrix', truth);
  if (truth.rows !== rows || truth.cols !== cols) {
    throw new LowlandError('LOWLAND_E_SHAPE', `The planted matrix is ${truth.rows} x ${truth.cols}, the problem ${rows} x ${cols}.`);
  }
}
