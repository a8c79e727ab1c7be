/** What a picture of a section does not show, in words and numbers. */
import type { Cursor, PathView, SliceView } from '../../model/types.ts';
import { short } from '../draw/scale.ts';
import { positionAt } from '../traces/series.ts';

/** How the values came about. */
export function howMade({ method, degree, errorBound, milliseconds, s, t }: SliceView): string {
  const size = t === null ? `${s.length} places` : `${s.length} × ${t.length} places`;
  const time = `${size} in ${short(Math.round(milliseconds))} ms`;
  if (method === 'evaluated') return `Evaluated place by place: ${time}.`;
  return `Exact: on this plane the function is a polynomial of degree ${degree ?? '?'}${errorBound === null ? '' : `, rounding at most ${short(errorBound)}`}; ${time}.`;
}

export interface OffPlane {
  readonly inPlane: number;
  readonly distance: number;
  readonly value: number;
  readonly sliceValue: number;
}

/** A way at the cursor; undefined where it is empty. */
export function offPlane(path: PathView, cursor: Cursor['iteration']): OffPlane | undefined {
  const at = positionAt(path.iteration, cursor);
  return at === undefined ? undefined : { inPlane: path.inPlane, distance: path.distance[at]!, value: path.value[at]!, sliceValue: path.sliceValue[at]! };
}

/** One sentence for each way, so that nobody takes a shadow for the thing. */
export function wayNote(label: string, { inPlane, distance, value, sliceValue }: OffPlane, section: 'plane' | 'line'): string {
  const here = distance === 0 ? `in the ${section} here, value ${short(value)}` : `${short(distance)} off the ${section} here; its value is ${short(value)}, that of its shadow ${short(sliceValue)}`;
  return `${label}: ${here}. The ${section} holds ${(100 * inPlane).toFixed(1)} % of the squared distances of its way.`;
}

export const explainedNote = (explained: readonly number[]): string =>
  `Of the squared distances of the run at the centre ${explained.map((share) => `${(100 * share).toFixed(1)} %`).join(' and ')} lie along ${explained.length > 1 ? 'the two directions' : 'its direction'}.`;
