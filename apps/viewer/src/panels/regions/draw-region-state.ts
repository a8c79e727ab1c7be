import type { RegionsView } from '../../model/types.ts';
import { short } from '../draw/scale.ts';
import type { Drawing } from '../export/picture.ts';

export interface Measure {
  readonly region: string;
  readonly label: string;
  readonly value: number;
  readonly threshold: number;
  /** In which direction the threshold is passed. */
  readonly below: boolean;
  readonly met: boolean;
  readonly condition: string;
  readonly colour: number;
}

/** The three numbers that decide, in the order in which they do. */
export function measures({ at: { least, distance, largest, thresholds } }: RegionsView): Measure[] {
  const measure = (region: string, label: string, value: number, threshold: number, below: boolean, colour: number): Measure => ({
    region,
    label,
    value,
    threshold,
    below,
    met: below ? value <= threshold : value >= threshold,
    condition: `${below ? 'at most' : 'at least'} ${short(threshold)}`,
    colour,
  });
  return [
    measure('R1', 'least singular value', least, thresholds.least, true, 0),
    measure('R2', 'distance to minimisers', distance, thresholds.distance, true, 1),
    measure("R3''", 'largest singular value', largest, thresholds.largest, false, 3),
  ];
}

/** A bar for each number, with its threshold; the region that holds is filled in its colour. */
export function drawRegionState(view: RegionsView): Drawing {
  const rows = measures(view);
  return (pen, theme, { width }) => {
    const first = rows.find(({ met }) => met);
    const right = width - 16;
    pen.rectangle([8, 8], 18, 18, { fill: theme.regions[first?.colour ?? 2]!, stroke: theme.strong });
    pen.text([34, 22], `The point is in ${view.at.region}`, { colour: theme.ink, size: 14, weight: 600 });
    rows.forEach(({ region, label, value, threshold, below, met, colour }, k) => {
      const top = 42 + 60 * k;
      const most = 1.15 * Math.max(value, threshold * 1.6);
      const x = (at: number): number => 8 + (at / most) * (right - 8);
      pen.text([8, top + 10], `${region}: ${label} ${short(value)} ${met ? (below ? '≤' : '≥') : below ? '>' : '<'} ${short(threshold)}`, { colour: theme.ink, size: width < 340 ? 11 : 12, weight: met && first?.region === region ? 600 : 400 });
      pen.rectangle([8, top + 18], right - 8, 16, { fill: theme.line, opacity: 0.5 });
      // Where the region holds.
      pen.rectangle([below ? 8 : x(threshold), top + 18], below ? x(threshold) - 8 : right - x(threshold), 16, { fill: theme.regions[colour]!, opacity: 0.55 });
      pen.rectangle([8, top + 23], Math.max(1, x(value) - 8), 6, { fill: theme.ink });
      pen.lines([[[x(threshold), top + 14], [x(threshold), top + 38]]], { stroke: theme.ink, width: 2 });
      const [tip, tail] = below ? [x(threshold) - 12, x(threshold) - 2] : [x(threshold) + 12, x(threshold) + 2];
      pen.area([[[tip, top + 41], [tail, top + 37], [tail, top + 45]]], { fill: theme.soft });
    });
  };
}
