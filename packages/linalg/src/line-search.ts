/**
 * Line searches along x + t d, as conversations with a function of one variable.
 *
 * Both judge by values while values can tell, and by slopes once they cannot: when a trial moves the value by less than
 * 1e-10 |f(0)| (1e-5 |f(0)| in f32), its difference is made of rounding, and the approximate Wolfe test takes over
 * (Hager and Zhang 2005, doi:10.1137/030601880).
 */
import { type Dtype, type MaybePromise, unitRoundoff } from '@lowland/core';

/** f and its derivative at a step length: value = f(x + t d), slope = <grad f(x + t d), d>. */
export interface LineSample {
  readonly value: number;
  readonly slope: number;
}

/** Evaluates the line at a step length. The last call made before acceptance is the accepted one, so its buffers may be kept. */
export type LineFunction = (step: number) => MaybePromise<LineSample>;

/** A sample, and the step at which it was taken. */
export interface LinePoint extends LineSample {
  readonly step: number;
}

/**
 * How a search ended. `precision-floor`: it failed where values no longer tell points apart (the predicted decrease is
 * below 4 eps |f|, or no trial moved the value by what counts); `line-search`: it failed anywhere else.
 */
export type LineSearchResult =
  | { readonly accepted: LinePoint; readonly evaluations: number }
  | { readonly accepted: undefined; readonly evaluations: number; readonly failure: 'precision-floor' | 'line-search' };

interface Precision {
  /** What values are computed in. Default `f64`. */
  readonly dtype?: Dtype;
}

/** Constants of the strong Wolfe conditions, and what bounds the search. */
export interface WolfeOptions extends Precision {
  /** c1 of the sufficient decrease f(t) <= f(0) + c1 t f'(0). Default 1e-4. */
  readonly decrease?: number;
  /** c2 of the curvature test |f'(t)| <= c2 |f'(0)|. Default 0.9. */
  readonly curvature?: number;
  /** Default 20. */
  readonly maxEvaluations?: number;
}

/** Differences of values below this fraction of |f| are rounding. */
const valueFloor: Readonly<Record<Dtype, number>> = { f64: 1e-10, f32: 1e-5 };

/** Whether two values are too close for their difference to mean anything. */
type TooClose = (a: number, b: number) => boolean;
const closeness =
  (dtype: Dtype): TooClose =>
  (a, b) =>
    Math.abs(a - b) <= valueFloor[dtype] * Math.abs(b);

/**
 * Strong Wolfe search: a step with f(t) <= f(0) + c1 t f'(0) and |f'(t)| <= c2 |f'(0)|. Where values cannot tell,
 * the first test becomes f'(t) <= (2 c1 - 1) f'(0), which is the same for a quadratic.
 *
 * It keeps an interval [low, high]: low satisfies the decrease and still descends, high rises or lies above the line, so
 * a strong Wolfe point is between them. Steps come from the cubic through both ends, safeguarded, and from bisection when
 * two steps did not shrink the interval to two thirds (Moré and Thuente 1994, doi:10.1145/192115.192132). Where the line falls until
 * it is no longer finite there may be none: then the last point of enough decrease is accepted.
 *
 * @param line f along the direction.
 * @param start f(0) and f'(0); the slope must be negative.
 * @param firstStep The first trial: 1 for Newton and quasi-Newton directions.
 */
export async function wolfeSearch(
  line: LineFunction,
  start: LineSample,
  firstStep: number,
  { decrease = 1e-4, curvature = 0.9, maxEvaluations = 20, dtype = 'f64' }: WolfeOptions = {},
): Promise<LineSearchResult> {
  const tooClose = closeness(dtype);
  let low: LinePoint = { step: 0, ...start };
  let high: LinePoint | undefined;
  let step = firstStep;
  let widthBefore = Infinity;
  let widthBeforeThat = Infinity;
  let anyFar = false;
  let evaluations = 0;

  while (evaluations < maxEvaluations) {
    const trial: LinePoint = { step, ...(await line(step)) };
    evaluations++;
    const finite = Number.isFinite(trial.value) && Number.isFinite(trial.slope);
    const close = finite && tooClose(trial.value, start.value);
    anyFar ||= !close;
    const decreased =
      finite &&
      (close ? trial.slope <= (2 * decrease - 1) * start.slope : trial.value <= start.value + decrease * step * start.slope);
    if (decreased && Math.abs(trial.slope) <= curvature * Math.abs(start.slope)) return { accepted: trial, evaluations };

    const previous = low;
    if (finite && trial.slope < 0 && (close || decreased)) low = trial;
    else high = trial;

    if (high === undefined) {
      step = extrapolate(previous, low, tooClose);
      continue;
    }
    const width = high.step - low.step;
    if (!(width > 2 * Number.EPSILON * high.step)) break;
    step = width > 0.66 * widthBeforeThat ? low.step + 0.5 * width : interpolate(low, high, tooClose);
    widthBeforeThat = widthBefore;
    widthBefore = width;
  }
  // A line that falls all the way to the end of the domain has no point of small slope.
  if (low.step > 0 && high !== undefined && !Number.isFinite(high.value) && !tooClose(low.value, start.value)) {
    return { accepted: { step: low.step, ...(await line(low.step)) }, evaluations: evaluations + 1 };
  }
  return { accepted: undefined, evaluations, failure: failure(start, firstStep, anyFar, dtype) };
}

/** What counts as enough decrease, and how steps shrink. */
export interface BacktrackOptions extends Precision {
  /** c of the sufficient decrease f(t) <= reference + c t f'(0). Default 1e-4. */
  readonly decrease?: number;
  /** Factor of the step after a refusal. Default 0.5. */
  readonly shrink?: number;
  /**
   * The value that a trial is compared with; default f(0). A nonmonotone search (Grippo, Lampariello and Lucidi 1986,
   * doi:10.1137/0723046) gives the largest of the last values. Its slopes say nothing about its steps, so where values
   * cannot tell, it accepts.
   */
  readonly reference?: number;
  /** Default 60. */
  readonly maxEvaluations?: number;
}

/**
 * Backtracking: the first step of t, shrink t, shrink^2 t, … with f(t) <= reference + c t f'(0) (Armijo). Where values
 * cannot tell, a monotone search asks for f'(t) <= (2 c - 1) f'(0).
 */
export async function backtrack(
  line: LineFunction,
  start: LineSample,
  firstStep: number,
  { decrease = 1e-4, shrink = 0.5, reference: given, maxEvaluations = 60, dtype = 'f64' }: BacktrackOptions = {},
): Promise<LineSearchResult> {
  const tooClose = closeness(dtype);
  const reference = given ?? start.value;
  const monotone = given === undefined;
  let anyFar = false;
  let step = firstStep;
  for (let evaluations = 1; evaluations <= maxEvaluations; evaluations++, step *= shrink) {
    const sample = await line(step);
    const close = tooClose(sample.value, reference);
    anyFar ||= !close;
    const decreased = close
      ? !monotone || sample.slope <= (2 * decrease - 1) * start.slope
      : sample.value <= reference + decrease * step * start.slope;
    if (decreased && Number.isFinite(sample.value)) return { accepted: { step, ...sample }, evaluations };
  }
  return { accepted: undefined, evaluations: maxEvaluations, failure: failure(start, firstStep, anyFar, dtype) };
}

function failure(start: LineSample, firstStep: number, anyFar: boolean, dtype: Dtype): 'precision-floor' | 'line-search' {
  const predicted = 0.5 * firstStep * Math.abs(start.slope);
  return !anyFar || predicted <= 8 * unitRoundoff[dtype] * Math.abs(start.value) ? 'precision-floor' : 'line-search';
}

/** Where the slope, were it linear, would vanish. */
const secant = (a: LinePoint, b: LinePoint): number => b.step - ((b.step - a.step) * b.slope) / (b.slope - a.slope);

/** Where the cubic through both ends has its minimum; the secant where values cannot tell; not finite when there is none. */
function model(a: LinePoint, b: LinePoint, tooClose: TooClose): number {
  const width = b.step - a.step;
  if (tooClose(a.value, b.value)) return secant(a, b);
  const mean = a.slope + b.slope - (3 * (b.value - a.value)) / width;
  const root = Math.sqrt(mean * mean - a.slope * b.slope);
  return b.step - (width * (b.slope + root - mean)) / (b.slope - a.slope + 2 * root);
}

/** Inside (low, high), a thousandth of the width away from either end. */
function interpolate(low: LinePoint, high: LinePoint, tooClose: TooClose): number {
  const width = high.step - low.step;
  if (!Number.isFinite(high.value) || !Number.isFinite(high.slope)) return low.step + 0.1 * width;
  const step = model(low, high, tooClose);
  if (!Number.isFinite(step)) return low.step + 0.5 * width;
  return Math.min(Math.max(step, low.step + 1e-3 * width), high.step - 1e-3 * width);
}

/** Beyond `low`, while the line still descends: another 0.1 to 9 times the last advance. */
function extrapolate(previous: LinePoint, low: LinePoint, tooClose: TooClose): number {
  const width = low.step - previous.step;
  const ahead = [model(previous, low, tooClose), secant(previous, low)].find((step) => step > low.step) ?? Infinity;
  return low.step + Math.min(Math.max(ahead - low.step, 0.1 * width), 9 * width);
}
