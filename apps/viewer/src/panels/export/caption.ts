/** What a picture does not show by itself, written below it: in files there is no page around it to say so. */
import type { Size } from '../draw/pen.ts';
import { wrapped } from '../words/wrap.ts';
import type { Drawing } from './picture.ts';

const [line, left, indent] = [15, 12, 12];
/** Pixels of a letter, nearly. */
const letter = 6.1;

export function captioned(drawing: Drawing, size: Size, notes: readonly string[]): { readonly drawing: Drawing; readonly size: Size } {
  const lines = notes.flatMap((note) => wrapped(note, Math.floor((size.width - 2 * left - indent) / letter)).map((text, k) => ({ text, first: k === 0 })));
  if (lines.length === 0) return { drawing, size };
  return {
    size: { width: size.width, height: size.height + line * lines.length + 10 },
    drawing: (pen, theme) => {
      drawing(pen, theme, size);
      lines.forEach(({ text, first }, k) => {
        const y = size.height + line * (k + 1);
        if (first) pen.circle([left + 3, y - 4], 1.6, { fill: theme.soft });
        pen.text([left + indent, y], text, { colour: theme.soft, size: 11 });
      });
    },
  };
}
