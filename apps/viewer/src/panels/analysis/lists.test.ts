import { describe, expect, it } from 'vitest';

import { light } from '../draw/theme.ts';
import { svgDocument } from '../export/picture.ts';
import { chartHeight, drawLists, mostCharts } from './draw-lists.ts';
import { listsOf, rowsOf } from './lists.ts';

const result = { status: 'clear', group: null, complete: true, values: [3, 2, 1], orbits: [{ value: 1, rank: 2, label: 'a' }, { value: 2, rank: null, label: 'b' }, { value: 4, rank: 1, label: 'c' }], inner: { spectrum: [1e-9, 1e-3, 1] }, two: [1, 2] };

describe('a result of any shape', () => {
  it('is written down by name, number by number', () => {
    expect(rowsOf(result).map(({ name, value }) => [name, value])).toEqual([
      ['status', 'clear'], ['group', null], ['complete', 'true'], ['values[0]', 3], ['values[1]', 2], ['values[2]', 1],
      ['orbits[0].value', 1], ['orbits[0].rank', 2], ['orbits[0].label', 'a'], ['orbits[1].value', 2], ['orbits[1].rank', null], ['orbits[1].label', 'b'], ['orbits[2].value', 4], ['orbits[2].rank', 1], ['orbits[2].label', 'c'],
      ['inner.spectrum[0]', 1e-9], ['inner.spectrum[1]', 1e-3], ['inner.spectrum[2]', 1], ['two[0]', 1], ['two[1]', 2],
    ]);
    expect(rowsOf(7)).toEqual([{ name: 'result', value: 7 }]);
  });

  it('is drawn where it has lists of numbers, also within lists of things', () => {
    expect(listsOf(result).map(({ name, values }) => [name, [...values]])).toEqual([['values', [3, 2, 1]], ['orbits[].value', [1, 2, 4]], ['inner.spectrum', [1e-9, 1e-3, 1]]]);
  });
});

it('lists are drawn one below the other, numbers that span decades over decades, numbers that are none left out', () => {
  const lists = [...listsOf(result), { name: 'broken', values: Float64Array.of(NaN, 1, Infinity, 2) }, { name: 'none', values: Float64Array.of(NaN, NaN, NaN) }];
  const text = svgDocument(drawLists(lists), light, { width: 480, height: lists.length * chartHeight }, 'lists');
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  expect(text).toContain('>10⁻⁶<');
  for (const { name } of lists) expect(text).toContain(`>${name}<`);
  expect(svgDocument(drawLists(Array.from({ length: 20 }, () => lists[0]!)), light, { width: 480, height: 900 }, 'lists').match(/>values</g)).toHaveLength(mostCharts);
});
