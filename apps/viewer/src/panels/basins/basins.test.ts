import { expect, it } from 'vitest';

import type { BasinMapView } from '../../model/types.ts';
import { contrast } from '../draw/ramp.ts';
import { light } from '../draw/theme.ts';
import { drawBasins, keyOf } from './draw-basins.ts';
import { endColour, shade, strengths, strengthsOf } from './shades.ts';

const end = (x: number, value: number, down: number | null) => ({ point: Float64Array.of(x, 0), component: 0 as const, value, down, starts: 4 });
const map: BasinMapView = {
  method: 'gradient-descent', backend: 'cpu', dtype: 'f64', adapter: null, names: ['a', 'b'], s: Float64Array.of(-1, 0, 1, 2),
  labels: Int16Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, -1, -2, -2, -3), steps: Float64Array.from({ length: 16 }, (_, k) => k + 1),
  taken: 16, of: 20, tolerance: 1e-5, seconds: 0.1, basins: [end(1, 0, 0), end(0, 0.5, 1), end(-1, 0.7, 0)], note: null,
};

it('strengths rise with the steps, as many runs in each as can be, none for what goes on or has diverged', () => {
  const found = strengthsOf(map);
  expect(found.slice(0, 12)).toEqual([...found.slice(0, 12)].sort((a, b) => a! - b!));
  expect([found[0], found[15]]).toEqual([0, strengths - 1]);
  expect(found.slice(12, 15)).toEqual([undefined, undefined, undefined]);
});

it('ends without a way down have the colours of runs in turn, saddles that of letters; the strongest stand out', () => {
  expect([0, 1, 2].map((label) => endColour(light, map, label))).toEqual([light.runs[0], light.ink, light.runs[1]]);
  for (const label of [0, 1, 2]) expect(contrast(shade(light, endColour(light, map, label), strengths - 1), light.surface)).toBeGreaterThan(4.5);
});

it('the key says where ends are, how many starts come there, and what did not end; all cells are drawn once', () => {
  expect(keyOf(map).map(({ text }) => text)).toEqual(['(1, 0): 25.0 %, value 0', '(0, 0): 25.0 %, value 0.5, 1 way down', '(−1, 0): 25.0 %, value 0.7', 'other ends: 6.3 %', 'diverged: 12.5 %', 'still going: 6.3 %']);
  let area = 0;
  const nothing = (): void => undefined;
  const pen = {
    lines: nothing, circle: nothing, rectangle: nothing, text: nothing,
    within: (_at: unknown, _width: number, _height: number, draw: () => void) => { draw(); },
    area: (rings: readonly (readonly (readonly [number, number])[])[]) => { for (const [a, , c] of rings) area += Math.abs((c![0] - a![0]) * (c![1] - a![1])); },
  };
  drawBasins(map)(pen, light, { width: 400, height: 600 });
  expect(area).toBeGreaterThan(300 * 300);
  expect(Math.sqrt(area) % 1).toBeCloseTo(0, 6);
});
