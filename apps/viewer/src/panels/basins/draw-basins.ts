import type { BasinMapView } from '../../model/types.ts';
import { type Chart, framed } from '../draw/axes.ts';
import type { Line, Pen } from '../draw/pen.ts';
import { short } from '../draw/scale.ts';
import type { Theme } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import { stretches } from '../slice/plane.ts';
import { counted } from '../words/count.ts';
import { endColour, shade, strengths, strengthsOf } from './shades.ts';

const rowHeight = 20;

/** What the key says: one line for each end, and for what did not end. */
export function keyOf({ basins, labels }: BasinMapView): readonly { readonly label: number; readonly text: string }[] {
  const share = (count: number): string => `${((100 * count) / labels.length).toFixed(1)} %`;
  const starting = (label: number): number => labels.reduce((sum, each) => sum + (each === label ? 1 : 0), 0);
  const rest = (label: number, words: string) => (starting(label) === 0 ? [] : [{ label, text: `${words}: ${share(starting(label))}` }]);
  return [
    ...basins.map(({ point, value, down, starts }, label) => ({ label, text: `${placeOf(point, label)}: ${share(starts)}, value ${short(Number(value.toPrecision(3)))}${down === null || down === 0 ? '' : `, ${counted(down, 'way')} down`}` })),
    ...rest(-3, 'other ends'),
    ...rest(-2, 'diverged'),
    ...rest(-1, 'still going'),
  ];
}

const placeOf = (point: Float64Array, label: number): string => (point.length === 2 ? `(${Array.from(point, (x) => short(Number(x.toFixed(2)))).join(', ')})` : `end ${label + 1}`);

export const keyHeight = (map: BasinMapView): number => 30 + rowHeight * keyOf(map).length;

/** Each start in the colour of its end, over the key. */
export function drawBasins(map: BasinMapView): Drawing {
  const { s, labels, basins, names } = map;
  const scale = { kind: 'linear', from: s[0]!, to: s.at(-1)! } as const;
  const [strength, key, down] = [strengthsOf(map), keyOf(map), keyHeight(map)];
  return (pen, theme, size) => {
    drawKey(pen, theme, map, key);
    framed(pen, theme, { x: { scale, label: names[0] }, y: { scale, label: names[1] }, grid: false, square: true, down }, { width: size.width, height: size.height - down }, (chart) => {
      const fill = (is: (at: number) => boolean, colour: string): void => { pen.area(cells(s.length, chart, is), { fill: colour }); };
      fill((at) => labels[at] === -1, theme.surface);
      fill((at) => labels[at] === -2, theme.strong);
      fill((at) => labels[at] === -3, theme.ink);
      basins.forEach((_, label) => {
        const colour = endColour(theme, map, label);
        for (let k = 0; k < strengths; k++) fill((at) => labels[at] === label && strength[at] === k, shade(theme, colour, k));
      });
      if (basins.every(({ point }) => point.length === 2)) {
        for (const { point, down: ways } of basins) pen.circle([chart.x(point[0]!), chart.y(point[1]!)], 5, { fill: (ways ?? 0) > 0 ? theme.ink : theme.surface, stroke: (ways ?? 0) > 0 ? theme.surface : theme.ink, width: 2 });
      }
    });
  };
}

/** In each row the shades from few steps to many. */
function drawKey(pen: Pen, theme: Theme, map: BasinMapView, key: ReturnType<typeof keyOf>): void {
  pen.text([12, 16], 'where a start ends; strong colours: after many steps', { colour: theme.soft, size: 11 });
  key.forEach(({ label, text }, row) => {
    const top = 24 + rowHeight * row;
    if (label >= 0) for (let k = 0; k < strengths; k++) pen.rectangle([12 + 7 * k, top], 7.5, 14, { fill: shade(theme, endColour(theme, map, label), k) });
    else pen.rectangle([12, top], 56, 14, { fill: label === -1 ? theme.surface : label === -2 ? theme.strong : theme.ink });
    pen.rectangle([12, top], 56, 14, { stroke: theme.strong });
    pen.text([76, top + 12], text, { colour: theme.ink, size: 11 });
  });
}

/** Cells of one colour, as rings, to whole pixels: between neighbours no ground is seen. Half a cell at the edges lies outside of the frame. */
function cells(count: number, { left, top, width, height }: Chart, is: (at: number) => boolean): Line[] {
  const [wide, tall] = [width / (count - 1), height / (count - 1)];
  const x = (column: number): number => Math.round(left + (column - 0.5) * wide);
  const y = (row: number): number => Math.round(top + height - (row - 0.5) * tall);
  return stretches(count, count, is).map(([column, row, length]): Line => [[x(column), y(row)], [x(column + length), y(row)], [x(column + length), y(row + 1)], [x(column), y(row + 1)]]);
}
