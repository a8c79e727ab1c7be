/** Small pictures made of characters, each with an ASCII form. Numbers that are not finite leave a gap. */

const eighths = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;
const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const asciiLevels = ['_', '.', '-', '=', '+', '*', '%', '#'] as const;

/** A horizontal bar whose full length `width` stands for `full`. A positive value is never invisible. */
export function bar(value: number, full: number, width: number, unicode: boolean): string {
  const share = full > 0 && Number.isFinite(value) ? Math.min(1, Math.max(0, value / full)) : 0;
  if (!unicode) return '#'.repeat(Math.max(share > 0 ? 1 : 0, Math.round(share * width)));
  const cells = Math.max(share > 0 ? 1 : 0, Math.round(share * width * 8));
  const rest = cells % 8;
  return '█'.repeat(Math.floor(cells / 8)) + (rest === 0 ? '' : eighths[rest - 1]!);
}

/** The series as one line of `width` characters or fewer; each shows the mean of the values that fall on it. */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  if (values.length === 0) return '';
  const count = Math.min(width, values.length);
  const means = Array.from({ length: count }, (_, k) => {
    const part = values
      .slice(Math.floor((k * values.length) / count), Math.floor(((k + 1) * values.length) / count))
      .filter(Number.isFinite);
    return part.length === 0 ? NaN : part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const [least, most] = extent(means);
  const marks = unicode ? levels : asciiLevels;
  return means
    .map((mean) => {
      if (!Number.isFinite(mean)) return ' ';
      return marks[most > least ? Math.min(7, Math.floor((8 * (mean - least)) / (most - least))) : 0]!;
    })
    .join('');
}

export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Drawn as dots joined by lines, or with this character at each point. */
  readonly mark?: string;
}

export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  readonly unicode: boolean;
  readonly formatX?: (x: number) => string;
  readonly formatY?: (y: number) => string;
}

/** The bit of a braille character for the dot at (column 0..1, row 0..3). */
const brailleBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** Curves over a common pair of axes, as lines of text. Marks lie over lines. */
export function plot(curves: readonly Curve[], options: PlotOptions): string[] {
  const { width, height, unicode } = options;
  const formatX = options.formatX ?? short;
  const formatY = options.formatY ?? short;
  const [left, right] = extent(curves.flatMap((curve) => curve.x));
  const [bottom, top] = extent(curves.flatMap((curve) => curve.y));
  const fine = unicode ? { x: 2, y: 4 } : { x: 1, y: 1 };
  const columns = width * fine.x;
  const rows = height * fine.y;
  const place = (value: number, from: number, to: number, size: number) =>
    to > from ? Math.round(((value - from) / (to - from)) * (size - 1)) : Math.floor(size / 2);
  const bits = new Uint8Array(width * height);
  const marks = new Map<number, string>();
  const dot = (column: number, row: number) => {
    const bit = unicode ? brailleBits[row % 4]![column % 2]! : 1;
    bits[Math.floor(row / fine.y) * width + Math.floor(column / fine.x)]! |= bit;
  };
  for (const { x, y, mark } of curves) {
    let last: [number, number] | undefined;
    for (let k = 0; k < x.length; k++) {
      if (!Number.isFinite(x[k]!) || !Number.isFinite(y[k]!)) {
        last = undefined;
        continue;
      }
      const column = place(x[k]!, left, right, columns);
      const row = rows - 1 - place(y[k]!, bottom, top, rows);
      if (mark !== undefined) marks.set(Math.floor(row / fine.y) * width + Math.floor(column / fine.x), mark);
      else segment(last ?? [column, row], [column, row], dot);
      last = [column, row];
    }
  }
  const cell = (k: number) => marks.get(k) ?? (bits[k] === 0 ? ' ' : unicode ? String.fromCodePoint(0x2800 + bits[k]!) : '.');
  const line = Array.from({ length: height }, (_, row) => Array.from({ length: width }, (_, column) => cell(row * width + column)).join(''));
  const labels = line.map((_, row) => (row === 0 ? formatY(top) : row === height - 1 ? formatY(bottom) : ''));
  const margin = Math.max(...labels.map((label) => label.length));
  const axis = unicode ? '│' : '|';
  const first = formatX(left);
  const final = formatX(right);
  return [
    ...line.map((text, row) => `${labels[row]!.padStart(margin)} ${axis}${text}`.trimEnd()),
    ' '.repeat(margin + 2) + first + final.padStart(Math.max(1 + final.length, width - first.length)),
  ];
}

/** Bresenham's line. */
function segment(from: readonly [number, number], to: readonly [number, number], dot: (column: number, row: number) => void): void {
  let [column, row] = from;
  const dx = Math.abs(to[0] - column);
  const dy = -Math.abs(to[1] - row);
  const sx = column < to[0] ? 1 : -1;
  const sy = row < to[1] ? 1 : -1;
  for (let error = dx + dy; ; ) {
    dot(column, row);
    if (column === to[0] && row === to[1]) return;
    const twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      column += sx;
    }
    if (twice <= dx) {
      error += dx;
      row += sy;
    }
  }
}

function extent(values: readonly number[]): [least: number, most: number] {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least <= most ? [least, most] : [0, 0];
}

/** A number in at most about eight characters, for labels and sentences. */
export function short(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}
