/** A map of basins as a standalone SVG. */
import { type Basins, projectTo } from '@lowland/landscape';

import { short } from '../terminal/plot.ts';
import { framed, type Key, palette, pixel } from './chart.ts';

/** The points of one orbit have shades of its colour. */
const shades = [0.85, 0.5, 0.68, 0.34];
const colourOf = (label: number): string => (label < 0 ? (label === -2 ? '#333' : '#aaa') : palette[label % (palette.length - 1)]!);

export function basinsSvg({ method, names, directions, centre, s, t, labels, copies, basins, ends, group }: Basins, objective: string): string {
  const [step, most] = [s[1]! - s[0]!, s.at(-1)!];
  const edge = most + step / 2;
  const keys: Key[] = [
    ...basins.slice(0, 8).map(({ value, kind, share }, label): Key => ({ name: `${kind} ${short(Math.abs(value) < 1e-14 ? 0 : value)}: ${(100 * share).toFixed(1)} %`, colour: colourOf(label), as: 'square' })),
    ...(ends.unfinished + ends.beyond > 0 ? [{ name: 'unfinished, or beyond', colour: colourOf(-1), as: 'square' as const }] : []),
    ...(ends.diverged > 0 ? [{ name: 'diverged', colour: colourOf(-2), as: 'square' as const }] : []),
  ];
  const unit = (k: 0 | 1): string => `${names[k]}: one unit is ${short(Math.hypot(...directions[k].data))} long`;
  return framed({
    title: `Basins of ${method} on ${objective}`,
    x: { label: unit(0), from: -edge, to: edge },
    y: { label: unit(1), from: -edge, to: edge },
    height: 560,
    draw(x, y) {
      const out: string[] = ['<g shape-rendering="crispEdges">'];
      for (let i = 0; i < t.length; i++) {
        for (let j = 0, first = 0; j < s.length; j++) {
          const k = i * s.length + j;
          if (j + 1 < s.length && labels[k + 1] === labels[k] && copies[k + 1] === copies[k]) continue;
          const [left, right] = [x(s[first]! - step / 2), x(s[j]! + step / 2)];
          const [top, bottom] = [y(t[i]! + step / 2), y(t[i]! - step / 2)];
          out.push(`<rect x="${pixel(left)}" y="${pixel(top)}" width="${pixel(right - left)}" height="${pixel(bottom - top)}" fill="${colourOf(labels[k]!)}" fill-opacity="${shades[copies[k]! % shades.length]!}"/>`);
          first = j + 1;
        }
      }
      out.push('</g>');
      for (const { copies: points, kind } of basins) {
        for (const { data } of points) {
          const { at, distance } = projectTo(data, centre.data, directions.map((direction) => direction.data));
          const [a = 0, b = 0] = at;
          // only those that lie in the plane
          if (distance > 1e-6 * (1 + Math.hypot(...data)) || Math.abs(a) > edge || Math.abs(b) > edge) continue;
          const [cx, cy] = [x(a), y(b)];
          out.push(
            kind === 'saddle'
              ? `<path d="M${pixel(cx)},${pixel(cy - 6)}l6,6l-6,6l-6,-6z" fill="#fff" stroke="#000"/>`
              : `<circle cx="${pixel(cx)}" cy="${pixel(cy)}" r="5" fill="#fff" stroke="#000"/>`,
          );
        }
      }
      return out;
    },
    keys,
    notes: [
      `${s.length * t.length} starts; a colour for each orbit of ${group}, shades for the points of one. ${basins.length > 8 ? `The lowest 8 of ${basins.length} are named.` : ''}`,
      'Circles: minima in the plane. Diamonds: saddles in the plane.',
    ],
  });
}
