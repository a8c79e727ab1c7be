/** Ratios as horizontal bars on a logarithmic scale, floors as marks: an SVG of its own, readable on light and dark grounds. */
import { ratio as shown } from './format.ts';

export interface Bar {
  readonly label: string;
  readonly ratio: number;
  readonly floor?: number;
}
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const width = 860;
const labels = 250;
const right = 70;
const line = 20;
/** Longer bars are cut here, their numbers are not. */
const end = 100;

/** Middle tones: they stand out from white and from black. */
const colours = { text: '#7d8590', faster: '#2f9e63', slower: '#c2762f', axis: '#7d8590', floor: '#d6455d' };

/**
 * Bars start at ratio 1, to the right where we are faster, to the left where the other is; the ratio is the time of the other over ours.
 */
export function chart(title: string, groups: readonly BarGroup[]): string {
  const all = groups.flatMap(({ bars }) => bars).flatMap(({ ratio, floor }) => (floor === undefined ? [ratio] : [ratio, floor]));
  const least = Math.min(0.5, ...all);
  const largest = Math.min(end, Math.max(2, ...all));
  const scale = (width - labels - right) / Math.log(largest / least);
  const x = (ratio: number) => labels + Math.log(Math.min(ratio, largest) / least) * scale;
  const parts: string[] = [];
  let y = 30;
  for (const group of groups) {
    parts.push(text(0, y + 14, group.title, 'font-weight="600"'));
    y += line;
    for (const { label, ratio, floor } of group.bars) {
      const [from, to] = ratio >= 1 ? [x(1), x(ratio)] : [x(ratio), x(1)];
      parts.push(
        text(labels - 8, y + 14, label, 'text-anchor="end"'),
        `<rect x="${fixed(from)}" y="${y + 3}" width="${fixed(Math.max(1, to - from))}" height="${line - 6}" fill="${ratio >= 1 ? colours.faster : colours.slower}"/>`,
        text(width, y + 14, shown(ratio), 'text-anchor="end"'),
      );
      if (floor !== undefined) parts.push(`<path d="M${fixed(x(floor))} ${y + 1}v${line - 2}" stroke="${colours.floor}" stroke-width="2"><title>floor ${floor}</title></path>`);
      y += line;
    }
    y += 8;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12" fill="${colours.text}">`,
    text(0, 14, title, 'font-weight="600"'),
    `<path d="M${fixed(x(1))} 24V${y - 4}" stroke="${colours.axis}" stroke-dasharray="2 3"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const fixed = (value: number): string => value.toFixed(1);

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}
