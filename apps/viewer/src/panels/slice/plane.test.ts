import { describe, expect, it } from 'vitest';

import type { CriticalView, PathView, RegionsView, SliceView } from '../../model/types.ts';
import { light } from '../draw/theme.ts';
import { svgDocument } from '../export/picture.ts';
import { axisLabels } from './choice.tsx';
import { drawLineSlice } from './draw-line.ts';
import { drawPlane } from './draw-plane.ts';
import { criticalNote, explainedNote, howMade, offPlane, wayNote } from './honest.ts';
import { marksIn, pointsIn } from './marks.ts';
import { isPlane, planeOf, regionAt, stretches } from './plane.ts';
import { sliceTable } from './slice-table.ts';

const axis = (count: number): Float64Array => Float64Array.from({ length: count }, (_, k) => -1 + (2 * k) / (count - 1));
const path: PathView = { run: 'b', iteration: Float64Array.of(0, 5, 10), s: Float64Array.of(0.8, 0.4, 0), t: Float64Array.of(0.5, 0, 0), value: Float64Array.of(3, 2, 0.5), sliceValue: Float64Array.of(0.89, 0.16, 0), distance: Float64Array.of(2, 1, 0.25), inPlane: 0.123 };
const slice: SliceView = {
  run: 'a', iteration: 10, value: 0, names: ['coordinate', 'coordinate'], s: axis(9), t: axis(7), values: Float64Array.from({ length: 63 }, (_, k) => axis(9)[k % 9]! ** 2 + axis(7)[Math.floor(k / 9)]! ** 2),
  method: 'polynomial', degree: 2, errorBound: 1e-15, evaluation: null, radius: 1, explained: null, paths: [path], critical: null, milliseconds: 3,
  marks: [{ s: 0, t: 0, kind: 'least', label: '1', distance: 1e-12 }, { s: 0.5, t: 0, kind: 'saddle', label: '2', distance: 0.3 }],
};
const regions: RegionsView = {
  s: axis(3), t: axis(3), region: Uint8Array.of(0, 0, 1, 1, 2, 3, 0, 0, 0), names: ['R1', 'R2', "R3'", "R3''"],
  at: { region: 'R2', least: 1, largest: 2, distance: 0, thresholds: { least: 1, distance: 1, largest: 1 }, minimiser: { least: 1, largest: 2 }, statement: '', survives: null },
};
const draw = (options: Partial<Parameters<typeof drawPlane>[1]> = {}): string =>
  svgDocument(drawPlane(planeOf(isPlane(slice) ? slice : expect.fail('a plane'), 'low', 0.9)!, { ramp: 'viridis', cursor: null, runs: ['a', 'b'], regions: null, ...options }), light, { width: 480, height: 420 }, 'slice');

describe('a section drawn flat', () => {
  it('has no number that is none, and the marks of what lies in it alone', () => {
    expect(draw()).not.toMatch(/NaN|undefined/);
    expect(marksIn(slice).map(({ label }) => label)).toEqual(['1']);
    expect(draw().match(new RegExp(`fill="${light.good}"`, 'g'))).toHaveLength(1);
  });

  it('edges a way in the colour of its run, and fills it by its true value', () => {
    const text = draw();
    expect(text).toContain(`stroke="${light.runs[1]!}"`);
    // Values of 3 and 2 are above all heights shown: the top of the ramp, though the ground below is dark.
    expect(text.match(/stroke="#fde725"/g)!.length).toBeGreaterThanOrEqual(1);
  });

  it('shows a way up to the cursor', () => {
    const length = (text: string): number => text.match(/stroke-width="2.6"/g)?.length ?? 0;
    expect([draw({ cursor: 0 }), draw({ cursor: 5 }), draw()].map(length)).toEqual([0, 1, 2]);
  });

  it('takes the colours of regions, each in its own cells, with a key of those that are there', () => {
    const text = draw({ regions });
    for (const colour of light.regions) expect(text).toContain(`fill="${colour}"`);
    for (const name of ['R1', 'R2', "R3'", "R3''"]) expect(text).toContain(`>${name}<`);
    expect(draw({ regions: { ...regions, region: new Uint8Array(9) } })).not.toContain('>R2<');
  });
});

it('stretches join cells of a row', () => {
  expect(stretches(4, 2, (at) => [1, 2, 3, 4, 7].includes(at))).toEqual([[1, 0, 3], [0, 1, 1], [3, 1, 1]]);
});

it('a place has the region of the nearest place of its grid', () => {
  expect([regionAt(regions, 0, 0), regionAt(regions, 0.9, 0.1), regionAt(regions, 0.9, -1), regionAt(regions, -5, 5)]).toEqual([2, 3, 1, 0]);
});

describe('what a picture does not show is said', () => {
  it.each<[string, PathView, string]>([
    ['off the plane', path, 'lbfgs: 0.25 off the plane here; its value is 0.5, that of its shadow 0. The plane holds 12.3 % of the squared distances of its way.'],
    ['in it', { ...path, distance: new Float64Array(3), inPlane: 1 }, 'lbfgs: in the plane here, value 0.5. The plane holds 100.0 % of the squared distances of its way.'],
  ])('of a way %s', (_, way, words) => {
    expect(wayNote('lbfgs', offPlane(way, null)!, 'plane')).toBe(words);
  });

  it('how values came about, and what principal directions explain', () => {
    expect(howMade(slice)).toBe('Exact: on this plane the function is a polynomial of degree 2, rounding at most 10⁻¹⁵; 9 × 7 places in 3 ms.');
    expect(howMade({ ...slice, method: 'evaluated', t: null })).toBe('Evaluated place by place: 9 places in 3 ms.');
    expect(howMade({ ...slice, method: 'evaluated', evaluation: { by: 'plane', dtype: 'f32', deviation: 2e-7 } })).toBe('Evaluated for the whole plane at once, in f32: looked at in nine places, the values are at most 2·10⁻⁷ off the function; 9 × 7 places in 3 ms.');
    expect(explainedNote([0.712, 0.258])).toMatch(/71\.2 % and 25\.8 %/);
  });

  it('axes say which is which', () => {
    expect(axisLabels(['coordinate', 'coordinate'])).toEqual(['along variable 1', 'along variable 2']);
    expect(axisLabels(['symmetry', 'trajectory'])).toEqual(['along symmetry tangent', 'along principal direction 1 of the run']);
  });
});

it('on a line runs stand at their true value', () => {
  const line: SliceView = { ...slice, names: ['gradient'], t: null, values: axis(9).map((s) => s * s) };
  const text = svgDocument(drawLineSlice(line, 1, ['a', 'b'], null), light, { width: 400, height: 300 }, 'line');
  expect(text).not.toMatch(/NaN|undefined/);
  const y = (value: string | undefined): number => Number(value);
  const [end] = [...text.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="6"/g)];
  const ground = Math.max(...[...text.matchAll(/[ML][\d.]+,([\d.]+)/g)].map(([, at]) => y(at)));
  expect(y(end![2])).toBeLessThan(ground - 50);
});

describe('critical points of a section', () => {
  const critical: CriticalView = {
    complete: true, reason: null, bezout: 9, solutions: 9, curves: [],
    points: [
      { s: 0.2, t: -0.4, kind: 'minimum', value: 0, gradientNorm: 0, inside: true },
      { s: 0.5, t: 0.1, kind: 'saddle', value: 1, gradientNorm: 0.25, inside: true },
      { s: 4, t: 0, kind: 'maximum', value: 2, gradientNorm: 3, inside: false },
    ],
  };

  it('are marked in the window, hollow, and said to be of the section alone', () => {
    expect(pointsIn({ critical }).map(({ kind, ofSection }) => [kind, ofSection])).toEqual([['minimum', true], ['saddle', true]]);
    expect(pointsIn({ critical: 'none' })).toEqual([]);
    const text = svgDocument(drawPlane(planeOf(isPlane(slice) ? { ...slice, critical } : expect.fail('a plane'), 'low', 0.9)!, { ramp: 'viridis', cursor: null, runs: ['a', 'b'], regions: null }), light, { width: 480, height: 420 }, 'slice');
    expect(text.match(/critical in this section: minimum/g)).toHaveLength(2);
  });

  it('are counted with what is not known, and how much the function falls off the section', () => {
    expect(criticalNote(critical, 'plane')).toBe('Critical in this plane (hollow marks): 2 in the window, 1 outside it. All 9 complex solutions are known, so there are no others. In all of space the gradient norm there is 0 to 0.25: where it is not 0, the function falls off the plane.');
    expect(criticalNote({ ...critical, complete: false, solutions: 7, reason: '2 of 9 solutions are at infinity.' }, 'plane')).toContain('There may be others: 7 of 9 complex solutions were isolated (2 of 9 solutions are at infinity).');
  });

  it('stand in the table with their gradient norms', () => {
    const table = new Map(sliceTable({ ...slice, critical }, null).columns.map(({ name, cells }) => [name, Array.from(cells)]));
    expect(table.get('what')!.slice(-3)).toEqual(Array<string>(3).fill('critical in the section'));
    expect(table.get('gradient norm')!.slice(-3)).toEqual([0, 0.25, 3]);
  });
});
