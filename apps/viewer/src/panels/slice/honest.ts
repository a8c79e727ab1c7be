/** What a picture of a section does not show, in words and numbers. */
import type { Cursor, CriticalView, PathView, SliceView } from '../../model/types.ts';
import { short } from '../draw/scale.ts';
import { counted } from '../words/count.ts';
import { positionAt } from '../traces/series.ts';

/** How the values came about. */
export function howMade({ method, degree, errorBound, evaluation, milliseconds, s, t }: SliceView): string {
  const size = t === null ? `${s.length} places` : `${s.length} × ${t.length} places`;
  const time = `${size} in ${short(Math.round(milliseconds))} ms`;
  if (evaluation?.by === 'plane') return `Evaluated for the whole ${t === null ? 'line' : 'plane'} at once, in ${evaluation.dtype}${evaluation.deviation === null ? '' : `: looked at in ${t === null ? 'three' : 'nine'} places, the values are at most ${short(evaluation.deviation)} off the function`}; ${time}.`;
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

/** What the marks of the section's own critical points say, and what not. */
export function criticalNote(critical: CriticalView | string, section: 'plane' | 'line'): string {
  if (typeof critical === 'string') return critical;
  const { complete, reason, bezout, solutions, points, curves } = critical;
  const inside = points.filter((point) => point.inside);
  const falls = inside.map(({ gradientNorm }) => gradientNorm);
  const found = `Critical in this ${section} (hollow marks): ${inside.length} in the window, ${points.length - inside.length} outside it${curves.length === 0 ? '' : `, and ${counted(curves.length, 'curve')}`}.`;
  const known = complete ? ` All ${bezout} complex solutions are known, so there are no others.` : ` There may be others: ${solutions} of ${bezout} complex solutions were isolated${reason === null ? '' : ` (${reason.replace(/\.$/, '')})`}.`;
  const steep = falls.length === 0 ? '' : ` In all of space the gradient norm there is ${[...new Set([Math.min(...falls), Math.max(...falls)].map(short))].join(' to ')}: where it is not 0, the function falls off the ${section}.`;
  return `${found}${known}${steep}`;
}

export const explainedNote = (explained: readonly number[]): string =>
  `Of the squared distances of the run at the centre ${explained.map((share) => `${(100 * share).toFixed(1)} %`).join(' and ')} lie along ${explained.length > 1 ? 'the two directions' : 'its direction'}.`;
