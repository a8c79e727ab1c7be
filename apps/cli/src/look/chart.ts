/** A small frame for pictures: axes with round ticks, labels, a title, colours for light and dark. */
import { wrap } from '../report.ts';

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Ticks at whole numbers alone. */
  readonly whole?: boolean;
  /** A logarithmic axis: all numbers are exponents of ten. */
  readonly power?: boolean;
  /** No ticks: places in a row that mean nothing. */
  readonly blank?: boolean;
}

/** What a colour means. */
export interface Key {
  readonly name: string;
  readonly colour: string;
  /** A line (the default, dashed or not) or a filled square. */
  readonly as?: 'line' | 'dashes' | 'square';
}

/** Colours that are told apart also by those who see few, on light and on dark. */
export const palette: readonly string[] = ['#3b76c4', '#d1691b', '#2d8a4e', '#8d5bb5', '#b8912a', '#c2416b', '#3a9a99', '#808080'];

export interface Frame {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** SVG elements in pixels; `x` and `y` place numbers. */
  readonly draw: (x: (value: number) => number, y: (value: number) => number, size: { readonly width: number; readonly height: number }) => readonly string[];
  /** What the colours mean, below the axis. */
  readonly keys?: readonly Key[];
  /** Colours of bands of height, from below, with where each begins: a scale beside the picture. */
  readonly scale?: readonly { readonly colour: string; readonly from: number }[];
  /** Lines below the picture. */
  readonly notes: readonly string[];
  /** Pixels between the axes; default 420. */
  readonly height?: number;
}

const [left, top, width] = [72, 40, 560];
const widthOf = ({ scale }: Frame): number => left + width + (scale === undefined ? 24 : 96);

/** Pixels with two digits: finer ones cannot be seen. */
export const pixel = (value: number): string => String(Math.round(value * 100) / 100);

export const escapeText = (text: string): string => text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!);

/** Multiples of 1, 2 or 5 times a power of ten, four to nine of them; fewer where they are to be `whole`. */
export function ticks(from: number, to: number, whole = false): number[] {
  if (!(to > from)) return [from];
  const raw = whole ? Math.max(1, (to - from) / 5) : (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((candidate) => candidate >= raw * 0.999)!;
  const first = Math.ceil(from / step - 1e-9);
  return Array.from({ length: Math.floor(to / step + 1e-9) - first + 1 }, (_, k) => (first + k) * step);
}

export function tickText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(6))) : value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
}

/** Ticks and their texts; of a logarithmic axis at whole powers, and at 2 and 5 times those where there are few. */
function marks({ from, to, whole: integers, power, blank }: Axis): readonly (readonly [number, string])[] {
  if (blank === true) return [];
  if (power !== true) return ticks(from, to, integers).map((value) => [value, tickText(value)]);
  const powers = ticks(from, to, true);
  if (powers.length > 2) return powers.map((value) => [value, tickText(10 ** value)]);
  const first = Math.floor(from);
  const fine = Array.from({ length: Math.ceil(to) - first + 1 }, (_, k) => [1, 2, 5].map((digit) => digit * 10 ** (first + k))).flat();
  return fine.map((value): [number, string] => [Math.log10(value), tickText(Number(value.toPrecision(1)))]).filter(([at]) => at >= from - 1e-9 && at <= to + 1e-9);
}

/** Characters of a note that fit below a picture. */
const noteWidth = 88;
const noteLines = ({ notes }: Frame): readonly string[] => notes.flatMap((note) => wrap(note, noteWidth));

/** Pixels from the top of a picture to its end. */
const heightOf = (frame: Frame): number => top + (frame.height ?? 420) + 56 + 18 * (noteLines(frame).length + keyRows(frame.keys ?? []).length);

/** Keys in rows that fit the width. */
function keyRows(keys: readonly Key[]): readonly (readonly (readonly [Key, number])[])[] {
  const rows: (readonly [Key, number])[][] = [];
  let at = width;
  for (const key of keys) {
    const room = 40 + 7 * key.name.length;
    if (at + room > width) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1)!.push([key, at]);
    at += room;
  }
  return rows;
}

/** Several pictures below each other, as one document. */
export function stacked(title: string, frames: readonly Frame[]): string {
  const whole = Math.max(...frames.map(widthOf));
  const starts: number[] = [];
  let total = 0;
  for (const frame of frames) {
    starts.push(total);
    total += heightOf(frame) + 12;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${total}" width="${whole}" height="${total}" role="img" aria-label="${escapeText(title)}">`,
    ...frames.map((frame, k) => framed(frame).trimEnd().replace('<svg xmlns="http://www.w3.org/2000/svg"', `<svg y="${starts[k]!}"`)),
    '</svg>',
    '',
  ].join('\n');
}

/** A whole SVG document. */
export function framed(frame: Frame): string {
  const { title, x, y, draw, keys = [], scale = [], height = 420 } = frame;
  const whole = widthOf(frame);
  const rows = keyRows(keys);
  const placeX = (value: number): number => left + ((value - x.from) / (x.to - x.from)) * width;
  const placeY = (value: number): number => top + height - ((value - y.from) / (y.to - y.from)) * height;
  const bottom = top + height;
  const total = heightOf(frame);
  const text = (at: readonly [number, number], content: string, rest = ''): string => `<text x="${pixel(at[0])}" y="${pixel(at[1])}"${rest}>${escapeText(content)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${total}" width="${whole}" height="${total}" role="img" aria-label="${escapeText(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    '<style>svg{background:#fff;color:#1c1c1c}text{fill:currentColor}.line{stroke:currentColor}.grid{stroke:#8883}@media(prefers-color-scheme:dark){svg{background:#16181d;color:#e6e6e6}}</style>',
    text([left, 24], title, ' font-size="15" font-weight="600"'),
    ...marks(y).map(([value]) => `<line class="grid" x1="${left}" x2="${left + width}" y1="${pixel(placeY(value))}" y2="${pixel(placeY(value))}"/>`),
    ...draw(placeX, placeY, { width, height }),
    `<rect class="line" x="${left}" y="${top}" width="${width}" height="${height}" fill="none"/>`,
    ...marks(x).map(([value, name]) => text([placeX(value), bottom + 18], name, ' text-anchor="middle"')),
    ...marks(y).map(([value, name]) => text([left - 8, placeY(value) + 4], name, ' text-anchor="end"')),
    text([left + width / 2, bottom + 38], x.label, ' text-anchor="middle"'),
    text([18, top + height / 2], y.label, ` text-anchor="middle" transform="rotate(-90 18 ${top + height / 2})"`),
    ...scale.flatMap(({ colour, from }, k) => {
      const [low, band] = [bottom - (k * height) / scale.length, height / scale.length];
      return [`<rect x="${left + width + 14}" y="${pixel(low - band)}" width="12" height="${pixel(band)}" fill="${colour}"/>`, text([left + width + 32, low + 4], tickText(Number(from.toPrecision(2))), ' font-size="11"')];
    }),
    ...rows.flatMap((row, k) => row.flatMap(([{ name, colour, as = 'line' }, at]) => [
      as === 'square'
        ? `<rect x="${left + at}" y="${bottom + 51 + 18 * k}" width="12" height="10" fill="${colour}"/>`
        : `<line x1="${left + at}" x2="${left + at + 20}" y1="${bottom + 56 + 18 * k}" y2="${bottom + 56 + 18 * k}" stroke="${colour}" stroke-width="2"${as === 'dashes' ? ' stroke-dasharray="5 4"' : ''}/>`,
      text([left + at + (as === 'square' ? 18 : 26), bottom + 60 + 18 * k], name, ' font-size="12"'),
    ])),
    ...noteLines(frame).map((note, k) => text([left, bottom + 60 + 18 * (k + rows.length)], note, ' font-size="12" opacity="0.75"')),
    '</svg>',
    '',
  ].join('\n');
}

/** Colour-blind-safe, dark to light with height (samples of cividis). */
const ramp = ['#00224e', '#123570', '#3b496c', '#575d6d', '#707173', '#8a8678', '#a59c74', '#c3b369', '#e1cc55', '#fee838'];

/** So many colours of one ramp, from low to high. */
export function rampColours(count: number): readonly string[] {
  const channels = ramp.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  return Array.from({ length: count }, (_, k) => {
    const at = (k * (ramp.length - 1)) / Math.max(1, count - 1);
    const below = Math.min(ramp.length - 2, Math.floor(at));
    const mixed = channels[below]!.map((channel, j) => Math.round(channel + (at - below) * (channels[below + 1]![j]! - channel)));
    return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
  });
}

/** Points joined by lines. */
export const polyline = (points: readonly (readonly [number, number])[]): string => points.map(([x, y], k) => `${k === 0 ? 'M' : 'L'}${pixel(x)},${pixel(y)}`).join('');

/** A range with a little room. */
export function widened(low: number, high: number): [number, number] {
  const room = high > low ? 0.04 * (high - low) : Math.max(Math.abs(high), 1) / 10;
  return [low - room, high + room];
}
