/** Lines of words as a picture: the files of panels that speak instead of drawing. */
import type { Size } from '../draw/pen.ts';
import { runColour } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import { wrapped } from './wrap.ts';

export interface Said {
  readonly text: string;
  /** Default `soft`. */
  readonly as?: 'heading' | 'ink' | 'soft' | 'good' | 'warn' | 'bad';
  /** The run that it is about: a dot in its colour stands before it, and room above it. */
  readonly run?: number;
}

const [lineHeight, room, left] = [18, 22, 32];
/** Letters in a line at most. */
const most = 100;

interface Written {
  readonly drawing: Drawing;
  readonly size: Size;
}

/** Long lines are broken between words. */
export function written(said: readonly Said[]): Written {
  const lines = said.flatMap(({ text, as = 'soft', run }) => wrapped(text, most).map((line, k) => ({ line, as, run: k === 0 ? run : undefined })));
  let next = 26 - lineHeight;
  const places = lines.map(({ run }, k) => (next += lineHeight + (run !== undefined && k > 0 ? room : 0)));
  return {
    size: { width: 720, height: next + room },
    drawing: (pen, theme) => {
      lines.forEach(({ line, as, run }, k) => {
        const y = places[k]!;
        if (run !== undefined) pen.circle([18, y - 4], 5, { fill: runColour(theme, run) });
        pen.text([left, y], line, as === 'heading' ? { colour: theme.ink, weight: 600, size: 13 } : { colour: theme[as] });
      });
    },
  };
}
