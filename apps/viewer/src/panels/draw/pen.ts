/** What drawings are made of. The same drawing goes onto a canvas and into an SVG. */

export type Place = readonly [x: number, y: number];
export type Line = readonly Place[];

export interface Ink {
  readonly fill?: string;
  readonly stroke?: string;
  /** Of the stroke; default 1. */
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly opacity?: number;
}

export interface Lettering {
  readonly colour: string;
  /** Pixels; default 12. */
  readonly size?: number;
  readonly weight?: 400 | 600;
  readonly align?: 'start' | 'middle' | 'end';
  /** Upwards, for the label of a vertical axis. */
  readonly turned?: boolean;
  /** Drawn behind the letters. */
  readonly halo?: string;
}

export interface Pen {
  /** Open lines. */
  lines(lines: readonly Line[], ink: Ink): void;
  /** Closed rings; where they overlap an even number of times is outside. */
  area(rings: readonly Line[], ink: Ink): void;
  circle(at: Place, radius: number, ink: Ink, title?: string): void;
  rectangle(at: Place, width: number, height: number, ink: Ink, title?: string): void;
  text(at: Place, content: string, lettering: Lettering): void;
  /** Draws what lies within a rectangle alone. */
  within(at: Place, width: number, height: number, draw: () => void): void;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const fontFamily = 'system-ui, sans-serif';
