/** A small frame for pictures: axes with round ticks, labels, a title, colours for light and dark. */

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Ticks at whole numbers alone. */
  readonly whole?: boolean;
}

export interface Frame {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** SVG elements in pixels; `x` and `y` place numbers. */
  readonly draw: (x: (value: number) => number, y: (value: number) => number, size: { readonly width: number; readonly height: number }) => readonly string[];
  /** Lines below the picture. */
  readonly notes: readonly string[];
}

const [left, top, width, height] = [72, 40, 560, 420];

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

/** A whole SVG document. */
export function framed({ title, x, y, draw, notes }: Frame): string {
  const placeX = (value: number): number => left + ((value - x.from) / (x.to - x.from)) * width;
  const placeY = (value: number): number => top + height - ((value - y.from) / (y.to - y.from)) * height;
  const bottom = top + height;
  const total = bottom + 56 + 18 * notes.length;
  const text = (at: readonly [number, number], content: string, rest = ''): string => `<text x="${pixel(at[0])}" y="${pixel(at[1])}"${rest}>${escapeText(content)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 24} ${total}" width="${left + width + 24}" height="${total}" role="img" aria-label="${escapeText(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    '<style>svg{background:#fff;color:#1c1c1c}text{fill:currentColor}.line{stroke:currentColor}.grid{stroke:#8883}@media(prefers-color-scheme:dark){svg{background:#16181d;color:#e6e6e6}}</style>',
    text([left, 24], title, ' font-size="15" font-weight="600"'),
    ...ticks(y.from, y.to).map((value) => `<line class="grid" x1="${left}" x2="${left + width}" y1="${pixel(placeY(value))}" y2="${pixel(placeY(value))}"/>`),
    ...draw(placeX, placeY, { width, height }),
    `<rect class="line" x="${left}" y="${top}" width="${width}" height="${height}" fill="none"/>`,
    ...ticks(x.from, x.to, x.whole).map((value) => text([placeX(value), bottom + 18], tickText(value), ' text-anchor="middle"')),
    ...ticks(y.from, y.to).map((value) => text([left - 8, placeY(value) + 4], tickText(value), ' text-anchor="end"')),
    text([left + width / 2, bottom + 38], x.label, ' text-anchor="middle"'),
    text([18, top + height / 2], y.label, ` text-anchor="middle" transform="rotate(-90 18 ${top + height / 2})"`),
    ...notes.map((note, k) => text([left, bottom + 60 + 18 * k], note, ' font-size="12" opacity="0.75"')),
    '</svg>',
    '',
  ].join('\n');
}

/** Points joined by lines. */
export const polyline = (points: readonly (readonly [number, number])[]): string => points.map(([x, y], k) => `${k === 0 ? 'M' : 'L'}${pixel(x)},${pixel(y)}`).join('');
