import type { RegionsView } from '../../model/types.ts';
import type { Chart } from '../draw/axes.ts';
import type { Pen } from '../draw/pen.ts';
import { colourAt, type RampName } from '../draw/ramp.ts';
import { short } from '../draw/scale.ts';
import type { Theme } from '../draw/theme.ts';
import type { Plane } from './plane.ts';

/** Height that a key takes, above its picture. */
export const keyHeight = 36;

/** Pixels, nearly: there is no canvas to measure on where files are made. */
const lengthOf = (label: string): number => 6.4 * label.length;

type Strip = Pick<Chart, 'left' | 'width'>;

/** A strip of the ramp with the heights of its levels. */
export function drawHeightKey(pen: Pen, theme: Theme, { heights, bands }: Plane, ramp: RampName, { left, width }: Strip): void {
  const each = width / (bands.length + 1);
  for (let k = 0; k <= bands.length; k++) pen.rectangle([left + k * each, 6], each + 0.6, 12, { fill: colourAt(ramp, bands.length === 0 ? 0 : k / bands.length) });
  pen.rectangle([left, 6], width, 12, { stroke: theme.strong });
  const text = (x: number, content: string, align: 'start' | 'middle' | 'end'): void => pen.text([left + x, 32], content, { colour: theme.soft, size: 11, align });
  const [first, last] = [short(heights.least), heights.largest > heights.cap ? `${short(heights.cap)} and higher` : short(heights.cap)];
  text(0, first, 'start');
  text(width, last, 'end');
  // Those between that have room.
  let free = lengthOf(first);
  for (let k = 2; k < bands.length; k += 2) {
    const label = short(bands[k - 1]!.level);
    const [from, to] = [k * each - lengthOf(label) / 2, k * each + lengthOf(label) / 2];
    if (from < free + 18 || to > width - lengthOf(last) - 18) continue;
    text(k * each, label, 'middle');
    free = to + 30;
  }
}

export function drawRegionKey(pen: Pen, theme: Theme, { names, region }: RegionsView, { left, width }: Strip): void {
  const seen = [...names.keys()].filter((k) => region.includes(k));
  const each = Math.min(120, width / Math.max(1, seen.length));
  seen.forEach((k, position) => {
    pen.rectangle([left + position * each, 8], 16, 14, { fill: theme.regions[k % theme.regions.length]!, stroke: theme.strong });
    pen.text([left + position * each + 22, 20], names[k]!, { colour: theme.ink });
  });
}
