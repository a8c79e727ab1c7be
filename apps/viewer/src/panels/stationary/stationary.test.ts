import { describe, expect, it } from 'vitest';

import type { StationaryPointView, StationaryView } from '../../model/types.ts';
import { light } from '../draw/theme.ts';
import { svgDocument } from '../export/picture.ts';
import { advanceWords, duration } from './advance-words.ts';
import { grouped, morseGraph, spread } from './draw-stationary.ts';
import { drawTree, layOut } from './draw-tree.ts';

const point = (value: number, index: number | null, kind: StationaryPointView['kind'], spurious = false): StationaryPointView => ({ point: null, value, index, kind, spurious, gradientNorm: 1e-12, orbit: null, smallest: null, largest: null, seen: 1 });
const view: StationaryView = {
  points: [point(0, 0, 'least'), point(0.5, 0, 'minimum', true), point(0.5, 0, 'minimum', true), point(1, 1, 'saddle'), point(2, 2, 'maximum'), point(3, null, 'degenerate')],
  falls: [{ from: 3, to: 0, curvature: -1, sign: 1, length: 1 }, { from: 3, to: 0, curvature: -1, sign: -1, length: 1 }, { from: 3, to: 1, curvature: -1, sign: 1, length: 1 }, { from: 4, to: null, curvature: -1, sign: 1, length: 1 }],
  leaves: [{ point: 0, component: 0 }, { point: 0, component: 1 }, { point: 1, component: 0 }],
  tree: [
    { height: 0, leaf: 0, through: null, parts: [] },
    { height: 0, leaf: 1, through: null, parts: [] },
    { height: 0.5, leaf: 2, through: null, parts: [] },
    { height: 1, leaf: null, through: 3, parts: [0, 2] },
    { height: 2, leaf: null, through: 4, parts: [3, 1] },
  ],
  group: 'O(2)', complete: null, statement: 'sampled', audit: null, missing: [],
};
const size = { width: 500, height: 320 };

describe('the Morse graph', () => {
  it('hides no point behind another', () => {
    const offsets = spread(grouped(view.points, 0.05), view.points.length);
    expect(offsets[1]).not.toBe(offsets[2]);
    expect(offsets[1]! + offsets[2]!).toBeCloseTo(0, 12);
    expect(offsets.filter((offset) => offset === 0)).toHaveLength(4);
  });

  it('draws each way once, each kind by its own shape, and rings what is spurious', () => {
    const graph = morseGraph(view);
    const text = svgDocument(graph.drawing(null), light, size, 'graph');
    expect(text).not.toMatch(/NaN|undefined/);
    expect(text.match(new RegExp(`stroke="${light.soft}"`, 'g'))).toHaveLength(2);
    expect(text.match(new RegExp(`stroke="${light.bad}"`, 'g'))).toHaveLength(2);
    expect(svgDocument(graph.drawing(3), light, size, 'graph').match(new RegExp(`stroke="${light.accent}"`, 'g'))).toHaveLength(3);
  });

  it('finds the point that is clicked', () => {
    const graph = morseGraph(view);
    const text = svgDocument(graph.drawing(null), light, size, 'graph');
    const places = [...text.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="6"/g)].map(([, x, y]): [number, number] => [Number(x), Number(y)]);
    expect(places.map((place) => graph.nearest(place, size))).toEqual([0, 1, 2]);
    expect(graph.nearest([0, 0], size)).toBeNull();
  });
});

describe('the tree of barriers', () => {
  it('has its leaves in order and its joins over the middle of their parts', () => {
    expect(layOut(view.tree)).toEqual([0, 2, 1, 0.5, 1.25]);
  });

  it('names each leaf, the second part of an orbit by a stroke', () => {
    const text = svgDocument(drawTree(view), light, size, 'tree');
    expect(text).not.toMatch(/NaN|undefined/);
    for (const name of ['>1<', '>1′<', '>2<']) expect(text).toContain(name);
  });
});

it('says which part of a search it is at, and how long this takes on, once that is known', () => {
  expect(advanceWords({ name: 'starts', done: 35, of: 550, seconds: 3, left: 44.2 })).toBe('Starts that are brought to rest (part 1 of 4): 35 of 550, about 44 s left for these.');
  expect(advanceWords({ name: 'saddles', done: 0, of: 9, seconds: 0, left: null })).toBe('Ways down from saddles (part 4 of 4): 0 of 9.');
  expect([0.2, 89, 200, 9000].map(duration)).toEqual(['1 s', '89 s', '3 min', '3 h']);
});
