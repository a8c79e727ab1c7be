import { describe, expect, it } from 'vitest';

import type { SliceView } from '../../model/types.ts';
import { light } from '../draw/theme.ts';
import { svgDocument } from '../export/picture.ts';
import { isPlane, type Plane, planeOf } from '../slice/plane.ts';
import { drawFrame } from './draw-frame.ts';
import { drawSurface } from './draw-surface.ts';
import { heightOf, meshOf, surfaceAt, tall } from './mesh.ts';
import { middle, type Orbit, positionOf, projection, start, turned, turnedBy } from './orbit.ts';

const axis = (count: number): Float64Array => Float64Array.from({ length: count }, (_, k) => -2 + (4 * k) / (count - 1));
/** A bowl with one place outside the domain, and a run that leaves the plane. */
const slice: SliceView = {
  run: 'a', iteration: 2, value: 0, names: ['along random', 'along random'], s: axis(21), t: axis(17),
  values: Float64Array.from({ length: 21 * 17 }, (_, k) => (k === 0 ? Infinity : axis(21)[k % 21]! ** 2 + axis(17)[Math.floor(k / 21)]! ** 2)),
  method: 'evaluated', degree: null, errorBound: null, evaluation: null, radius: 2, explained: null, milliseconds: 1, marks: [], critical: null,
  paths: [{ run: 'a', iteration: Float64Array.of(0, 1, 2), s: Float64Array.of(1, 0.5, 0), t: Float64Array.of(0, 5, 0), value: Float64Array.of(3, 2, 0), sliceValue: Float64Array.of(1, 25.25, 0), distance: Float64Array.of(1, 1, 0), inPlane: 0.9 }],
};
const plane: Plane = planeOf(isPlane(slice) ? slice : expect.fail('a plane'), 'even', 0.5)!;
const mesh = meshOf(plane, { ramp: 'viridis', cursor: null, runs: ['a'], regions: null, theme: light });

describe('a section as a surface', () => {
  it('has the heights of the section up to the cap, and no square at places outside', () => {
    const at = (column: number, row: number): number => mesh.positions[3 * (row * 21 + column) + 2]!;
    expect(at(10, 8)).toBeCloseTo(0, 6);
    expect(at(12, 8) / tall).toBeCloseTo(0.16 / plane.heights.cap, 5);
    expect(heightOf(plane, plane.heights.cap)).toBeCloseTo(tall, 12);
    expect(mesh.indices.length).toBe(6 * (20 * 16 - 1));
    expect([...mesh.positions].every(Number.isFinite)).toBe(true);
  });

  it('shows a run at its true value, not at that of its shadow, and only within the window', () => {
    const [way] = mesh.ways;
    expect(way!.positions).toHaveLength(6);
    expect(way!.positions[2]).toBeCloseTo(Math.min(tall, (tall * 3) / plane.heights.cap) + 0.012, 6);
  });

  it('follows the cursor', () => {
    expect(meshOf(plane, { ramp: 'viridis', cursor: 0, runs: ['a'], regions: null, theme: light }).ways[0]!.positions).toHaveLength(3);
  });

  it('is an SVG whose far faces are drawn first', () => {
    const text = svgDocument(drawSurface(mesh, start), light, { width: 400, height: 300 }, 'surface');
    expect(text).not.toMatch(/NaN|undefined/);
    expect(text.match(/<path/g)!.length).toBeGreaterThan(100);
    // The window's near half is drawn after its far half: further down in the picture.
    const heights = [...text.matchAll(/d="M[\d.-]+,([\d.-]+)L[^"]*Z"/g)].map(([, y]) => Number(y));
    const mean = (part: number[]): number => part.reduce((sum, y) => sum + y, 0) / part.length;
    expect(mean(heights.slice(0, heights.length / 2))).toBeLessThan(mean(heights.slice(heights.length / 2)));
  });
});

describe('the eye', () => {
  it('looks at the middle from its distance', () => {
    const to = projection(start, 640, 480);
    const [x, y, depth] = to(middle);
    expect(x).toBeCloseTo(320, 9);
    expect(y).toBeCloseTo(240, 9);
    expect(depth).toBeCloseTo(start.distance, 10);
    expect(to([0, 0, 0.8])[1]).toBeLessThan(240);
    expect(Math.hypot(...positionOf(start).map((value, k) => value - middle[k]!))).toBeCloseTo(start.distance, 10);
  });

  it('turns by keys, within bounds, and back', () => {
    const press = (orbit: Orbit, ...keys: string[]): Orbit => keys.reduce((at, key) => turnedBy(at, key) ?? at, orbit);
    expect(press(start, 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown')).toEqual(start);
    expect(press(start, ...Array<string>(60).fill('ArrowUp')).elevation).toBe(89);
    expect(press(start, ...Array<string>(60).fill('+')).distance).toBe(1.6);
    expect(press(turned(start, 77, 5), 'Home')).toEqual(start);
    expect(turnedBy(start, 'Tab')).toBeUndefined();
    expect(press(start, ...Array<string>(60).fill('ArrowLeft')).azimuth).toBe(start.azimuth);
  });
});

describe('what is written on a surface', () => {
  const marked = { ...slice, marks: [{ s: 0, t: 0, kind: 'least', label: '1', distance: 0 }, { s: 0.5, t: 0, kind: 'saddle', label: '2', distance: 1 }, { s: 1.9, t: 1.9, kind: 'maximum', label: '3', distance: 0 }] } as const;
  const own = planeOf(isPlane(marked) ? marked : expect.fail('a plane'), 'even', 0.5)!;
  const shown = meshOf(own, { ramp: 'viridis', cursor: null, runs: ['a'], regions: null, theme: light });
  const frame = (orbit: Orbit): string => svgDocument(drawFrame(own, shown, orbit, { ramp: 'viridis', regions: null }), light, { width: 480, height: 440 }, 'surface');

  it('marks stationary points of the plane, on the surface, below the cap', () => {
    expect(shown.marks.map(({ label, at: [x, y, z] }) => [label, x, y, z])).toEqual([['1', 0, 0, surfaceAt(shown, 0, 0)]]);
    expect(surfaceAt(shown, 0, 0)).toBeCloseTo(0, 6);
  });

  it('has numbers along three edges, names, and the key of the heights, from wherever it is seen', () => {
    for (const azimuth of [-170, -100, -55, 30, 90, 150]) {
      const text = frame({ ...start, azimuth });
      expect(text).not.toMatch(/NaN|undefined/);
      expect(text).toContain('>value<');
      expect(text.match(/>along random</g)).toHaveLength(2);
      expect(text.match(/>−1</g)!.length).toBeGreaterThanOrEqual(2);
      expect(text).toContain('and higher<');
    }
  });

  it('marks are pale where the surface is before them', () => {
    // Inside the bowl all is seen from above; from low down its wall is before the middle.
    expect(frame({ ...start, elevation: 80 })).not.toContain('opacity="0.4"');
    expect(frame({ ...start, elevation: 8 })).toContain('opacity="0.4"');
  });

  it('polygons end at the cap, not before it', () => {
    const heights = [...svgDocument(drawSurface(shown, { ...start, elevation: 5 }), light, { width: 480, height: 440 }, 'surface').matchAll(/fill="(#[0-9a-f]{6})" stroke="\1"/g)];
    expect(heights.length).toBeGreaterThan(shown.indices.length / 6 / 4);
  });
});
