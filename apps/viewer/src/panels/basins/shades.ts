/** The colours of a map of basins: one for each end, the stronger the more steps a run took. */
import type { BasinMapView } from '../../model/types.ts';
import { rgbOf } from '../draw/ramp.ts';
import { runColour, type Theme } from '../draw/theme.ts';

/** Strengths that are told apart. */
export const strengths = 8;

/** From 0 to `strengths` - 1, as many runs in each as can be; undefined of a run that has not ended, or has diverged. */
export function strengthsOf({ labels, steps }: BasinMapView): (number | undefined)[] {
  const ended = (label: number): boolean => label !== -1 && label !== -2;
  const sorted = steps.filter((_, k) => ended(labels[k]!)).sort();
  const bounds = Array.from({ length: strengths - 1 }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / strengths)]!);
  return Array.from(labels, (label, k) => (ended(label) ? bounds.filter((bound) => steps[k]! >= bound).length : undefined));
}

/** Ends from which no way leads down are coloured as runs are; those with ways down have the colour of the letters. */
export function endColour(theme: Theme, { basins }: BasinMapView, label: number): string {
  const isWay = (k: number): boolean => (basins[k]!.down ?? 0) > 0;
  if (label === -3 || isWay(label)) return theme.ink;
  return runColour(theme, basins.slice(0, label).filter((_, k) => !isWay(k)).length);
}

/** The end's colour mixed with the ground. */
export const shade = (theme: Theme, colour: string, strength: number): string => mixed(colour, theme.surface, 0.25 + (0.75 * strength) / (strengths - 1));

/** `part` of the first colour. */
function mixed(colour: string, ground: string, part: number): string {
  const [a, b] = [rgbOf(colour), rgbOf(ground)];
  return `#${[0, 1, 2].map((i) => Math.round(part * a[i]! + (1 - part) * b[i]!).toString(16).padStart(2, '0')).join('')}`;
}
