/** From numbers to places between 0 and 1, and the numbers that are written beside an axis. */

export type ScaleKind = 'linear' | 'log';

export interface Scale {
  readonly kind: ScaleKind;
  readonly from: number;
  readonly to: number;
}

/** 0 at `from`, 1 at `to`; NaN for what a logarithmic axis cannot show. */
export function place({ kind, from, to }: Scale, value: number): number {
  if (kind === 'linear') return (value - from) / (to - from);
  return value > 0 ? (Math.log10(value) - Math.log10(from)) / (Math.log10(to) - Math.log10(from)) : NaN;
}

/** The number at a place: the inverse of `place`. */
export function valueAt({ kind, from, to }: Scale, at: number): number {
  if (kind === 'linear') return from + at * (to - from);
  return 10 ** (Math.log10(from) + at * (Math.log10(to) - Math.log10(from)));
}

/** Beyond it differences of numbers are no numbers any more. */
const most = 1e300;

/** What an axis of this kind can show: numbers whose differences are finite, and positive ones where it is logarithmic. */
export const shown = (kind: ScaleKind, value: number): boolean => Math.abs(value) <= most && (kind === 'linear' || value > 0);

/** The range of all numbers that can be shown, with a little room; undefined where there are none. */
export function scaleOf(kind: ScaleKind, values: Iterable<number>, room = 0.04): Scale | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!shown(kind, value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  if (kind === 'log') {
    const spread = high > low ? (high / low) ** room : 10 ** 0.5;
    return { kind, from: Math.max(low / spread, Number.MIN_VALUE), to: Math.min(high * spread, Number.MAX_VALUE) };
  }
  const spread = high > low ? room * (high - low) : Math.max(Math.abs(high), 1) / 10;
  return { kind, from: low - spread, to: high + spread };
}

/** Round numbers within the scale, about `count` of them; only whole ones where `whole`. */
export function ticks({ kind, from, to }: Scale, count = 5, whole = false): number[] {
  if (!(to > from)) return [from];
  return kind === 'log' && to / from >= 10 ? decades(from, to, count) : evenly(from, to, count, whole);
}

function evenly(from: number, to: number, count: number, whole: boolean): number[] {
  const raw = whole ? Math.max(1, (to - from) / count) : (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((candidate) => candidate >= raw * 0.999)!;
  const [first, last] = [Math.ceil(from / step - 1e-9), Math.floor(to / step + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Powers of ten, each n-th where there are many, with 2 and 5 times them where there are few. */
function decades(from: number, to: number, count: number): number[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const every = Math.max(1, Math.ceil((last - first) / count));
  const digits = every === 1 && (last - first) * 3 <= count ? [1, 2, 5] : [1];
  const all: number[] = [];
  for (let power = Math.ceil(first / every) * every; power <= last; power += every) for (const digit of digits) all.push(digit * Number(`1e${power}`));
  return all.filter((value) => value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9));
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** As people write it: 0.25, 1500, 10⁻⁸, 2.5·10⁶. Never a small number as 0. */
export function tickText(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(6))).replace('-', '−');
  const [digits = '', power = ''] = value.toExponential(3).split('e');
  const raised = power.replace('+', '').replace('-', '⁻').replace(/\d/g, (digit) => superscripts[Number(digit)]!);
  const leading = Number(digits);
  if (leading === 1) return `10${raised}`;
  return `${String(leading).replace('-', '−')}·10${raised}`;
}

/** A number in a sentence: four digits. */
export const short = (value: number): string => tickText(Number(value.toPrecision(4)));
