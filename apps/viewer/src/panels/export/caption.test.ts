import { expect, it } from 'vitest';

import { light } from '../draw/theme.ts';
import { captioned } from './caption.ts';
import { type Drawing, svgDocument } from './picture.ts';

const disc: Drawing = (pen, _theme, { width, height }) => { pen.circle([width / 2, height / 2], 9, { fill: '#000000' }); };

it('a picture without notes stays as it is; with notes it grows downwards, and is itself no other', () => {
  const size = { width: 300, height: 200 };
  expect(captioned(disc, size, [])).toEqual({ drawing: disc, size });
  const notes = ['Exact: on this plane the function is a polynomial of degree 4, rounding at most 4·10⁻¹²; 65 × 65 places in 30 ms.', 'The plane holds 97.0 % of the squared distances.'];
  const picture = captioned(disc, size, notes);
  const text = svgDocument(picture.drawing, light, picture.size, 'with notes');
  expect(picture.size.width).toBe(300);
  expect(text).toContain('<circle cx="150" cy="100" r="9"');
  const lines = [...text.matchAll(/<text[^>]* y="(\d+)"[^>]*>([^<]*)</g)].map(([, y, words]) => [Number(y), words!] as const);
  expect(lines.map(([, words]) => words).join(' ')).toBe(notes.join(' '));
  for (const [y] of lines) {
    expect(y).toBeGreaterThan(200);
    expect(y).toBeLessThan(picture.size.height);
  }
  // one dot for each note
  expect(text.match(/r="1.6"/g)).toHaveLength(2);
});
