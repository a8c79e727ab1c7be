/** The frame of a chart: axes with round numbers, grid lines, labels. */
import { fitting } from '../words/wrap.ts';
import type { Pen, Place, Size } from './pen.ts';
import { place, type Scale, ticks, tickText } from './scale.ts';
import type { Theme } from './theme.ts';

export interface Axis {
  readonly scale: Scale;
  readonly label: string;
  /** Numbers at whole places alone. */
  readonly whole?: boolean;
  /** No numbers: its places stand for things. */
  readonly none?: boolean;
}

export interface Frame {
  readonly x: Axis;
  readonly y: Axis;
  /** Both axes with the same length of a unit. */
  readonly square?: boolean;
  /** Lines at the numbers of the vertical axis; default true. */
  readonly grid?: boolean;
  /** Kept free at the right, for a key. */
  readonly right?: number;
  /** How far down the picture it starts; its height counts from there. */
  readonly down?: number;
}

/** Where numbers of a chart are. */
export interface Chart {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

export function chartOf({ x, y, square = false, right = 12, down = 0 }: Frame, size: Size): Chart {
  const widest = y.none === true ? 1 : Math.max(...ticks(y.scale, countFor(size.height)).map((value) => tickText(value).length), 1);
  const [left, top, bottom] = [26 + 7 * widest, down + 10, 42];
  let [width, height] = [Math.max(40, size.width - left - right), Math.max(40, down + size.height - top - bottom)];
  if (square) {
    const unit = Math.min(width / (x.scale.to - x.scale.from), height / (y.scale.to - y.scale.from));
    [width, height] = [unit * (x.scale.to - x.scale.from), unit * (y.scale.to - y.scale.from)];
  }
  return {
    left,
    top,
    width,
    height,
    x: (value) => left + place(x.scale, value) * width,
    y: (value) => top + height - place(y.scale, value) * height,
  };
}

const countFor = (pixels: number): number => Math.max(2, Math.min(8, Math.floor(pixels / 52)));

/** Draws the frame around what `inside` draws. */
export function framed(pen: Pen, theme: Theme, frame: Frame, size: Size, inside: (chart: Chart) => void): Chart {
  const chart = chartOf(frame, size);
  const { left, top, width, height } = chart;
  const across = frame.x.none === true ? [] : ticks(frame.x.scale, Math.max(2, Math.min(10, Math.floor(width / 64))), frame.x.whole);
  const up = frame.y.none === true ? [] : ticks(frame.y.scale, countFor(height), frame.y.whole);
  if (frame.grid !== false) pen.lines(up.map((value): Place[] => [[left, chart.y(value)], [left + width, chart.y(value)]]), { stroke: theme.line });
  pen.within([left, top], width, height, () => {
    inside(chart);
  });
  pen.rectangle([left, top], width, height, { stroke: theme.strong });
  for (const value of across) pen.text([chart.x(value), top + height + 16], tickText(value), { colour: theme.soft, size: 11, align: 'middle' });
  for (const value of up) pen.text([left - 6, chart.y(value) + 4], tickText(value), { colour: theme.soft, size: 11, align: 'end' });
  pen.text([left + width / 2, top + height + 35], fitting(frame.x.label, width + left), { colour: theme.ink, align: 'middle' });
  pen.text([13, top + height / 2], fitting(frame.y.label, height + 24), { colour: theme.ink, align: 'middle', turned: true });
  return chart;
}
