import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { light } from '../draw/theme.ts';
import { type Drawing, svgDocument } from './picture.ts';
import { type Cell, csvOf } from './table.ts';

/** A reader of RFC 4180 that shares nothing with the writer. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    const [, quoted, plain, end] = match as readonly (string | undefined)[];
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('csvOf', () => {
  it('is read back as it was: numbers with all digits, any text, cells that are not known', () => {
    const cell: fc.Arbitrary<Cell> = fc.oneof(fc.double({ noNaN: true }), fc.string().filter((text) => !/^[=+\-@\t\r]/.test(text) && text !== ''), fc.constant(null));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ minLength: 1 }).filter((name) => !/^[=+\-@\t\r]/.test(name)), fc.array(cell, { minLength: 3, maxLength: 3 })), { minLength: 1, maxLength: 4 }), (columns) => {
        const rows = parse(csvOf({ columns: columns.map(([name, cells]) => ({ name, cells })) }));
        expect(rows[0]).toEqual(columns.map(([name]) => name));
        for (let row = 0; row < 3; row++) columns.forEach(([, cells], k) => {
          const given: Cell = cells[row] ?? null;
          const text = rows[row + 1]?.[k] ?? '';
          expect(typeof given === 'number' ? Number(text) === given : text === (given ?? '')).toBe(true);
        });
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it('hands no formula to a spreadsheet', () => {
    expect(csvOf({ columns: [{ name: 'run', cells: ['=HYPERLINK("x")', '-1', 'plain'] }] })).toBe('run\r\n"\'=HYPERLINK(""x"")"\r\n\'-1\r\nplain\r\n');
  });

  it('writes columns of different lengths, and none', () => {
    expect(csvOf({ columns: [{ name: 'a', cells: [1] }, { name: 'b', cells: [1, 2] }] })).toBe('a,b\r\n1,1\r\n,2\r\n');
    expect(csvOf({ columns: [] })).toBe('\r\n');
  });
});

describe('svgDocument', () => {
  const drawing: Drawing = (pen, theme, { width }) => {
    pen.text([1, 2], 'a < b & "c"', { colour: theme.ink, turned: true, align: 'middle', weight: 600 });
    pen.within([0, 0], width, 10, () => {
      pen.lines([[[0, 0], [1.23456, 7]]], { stroke: '#123456', dash: [2, 1] });
      pen.within([1, 1], 2, 2, () => pen.circle([1, 1], 2, { fill: theme.good }, 'point <1>'));
    });
    pen.area([[[0, 0], [1, 0], [1, 1]], [[2, 2], [3, 2], [3, 3]]], { fill: '#ffffff', opacity: 0.5 });
  };
  const text = svgDocument(drawing, light, { width: 100, height: 50 }, 'x & y');

  it('stands alone: colours in attributes, nothing from elsewhere, names that do not clash', () => {
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 100 50" width="100" height="50" role="img"><title>x &amp; y<\/title>/);
    expect(text).not.toMatch(/style|class=|href|var\(|NaN|undefined/);
    expect([...text.matchAll(/<clipPath id="([^"]+)"/g)].map(([, id]) => id).sort()).toEqual(['picture-frame-0', 'picture-frame-1']);
    expect(text).toContain('d="M0,0L1.23,7"');
    expect(text).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(text).toContain('<title>point &lt;1&gt;</title>');
    expect(text).toContain('d="M0,0L1,0L1,1ZM2,2L3,2L3,3Z" fill-rule="evenodd"');
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    for (const [, slash, name, end] of text.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (end !== '/') open.push(name!);
    }
    expect(open).toEqual([]);
  });
});
