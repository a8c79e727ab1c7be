import type { RegionsView } from '../../model/types.ts';
import type { Chart } from '../draw/axes.ts';
import type { Pen } from '../draw/pen.ts';
import { colourAt, type RampName } from '../draw/ramp.ts';
import { short } from '../draw/scale.ts';
import type { Theme } from '../draw/theme.ts';
import type { Plane } from './plane.ts';

/** Height that a key takes, above its picture. */
export const keyHeight = 36;

type Strip = Pick<Chart, 'left' | 'width'>;

/** A strip of the ramp with the heights of its levels. */
export function drawHeightKey(pen: Pen, theme: Theme, { heights, bands }: Plane, ramp: RampName, { left, width }: Strip): void {
  const each = width / (bands.length + 1);
  for (let k = 0; k <= bands.length; k++) pen.rectangle([left + k * each, 6], each + 0.6, 12, { fill: colourAt(ramp, bands.length === 0 ? 0 : k / bands.length) });
  pen.rectangle([left, 6], width, 12, { stroke: theme.strong });
  const between = width < 360 ? 1 : width < 520 ? 2 : 4;
  const text = (x: number, content: string, align: 'start' | 'middle' | 'end'): void => pen.text([left + x, 32], content, { colour: theme.soft, size: 11, align });
  text(0, short(heights.least), 'start');
  for (let place = 1; place <= between; place++) {
    const k = Math.round((place * bands.length) / (between + 1));
    const band = bands[k - 1];
    if (band !== undefined) text(k * each, short(band.level), 'middle');
  }
  text(width, heights.largest > heights.cap ? `${short(heights.cap)} and higher` : short(heights.cap), 'end');
}

export function drawRegionKey(pen: Pen, theme: Theme, { names, region }: RegionsView, { left, width }: Strip): void {
  const seen = [...names.keys()].filter((k) => region.includes(k));
  const each = Math.min(120, width / Math.max(1, seen.length));
  seen.forEach((k, position) => {
    pen.rectangle([left + position * each, 8], 16, 14, { fill: theme.regions[k % theme.regions.length]!, stroke: theme.strong });
    pen.text([left + position * each + 22, 20], names[k]!, { colour: theme.ink });
  });
}
