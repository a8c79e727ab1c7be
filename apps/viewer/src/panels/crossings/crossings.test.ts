import { expect, it } from 'vitest';

import type { CrossingView } from '../../model/types.ts';
import { light } from '../draw/theme.ts';
import { svgDocument } from '../export/picture.ts';
import { drawCrossings } from './draw-crossings.ts';

const view: CrossingView = { method: 0, temperature: 0.1, strength: 0, law: 50, exact: 60, step: 0.01, steps: 6000, paths: 100, simulated: { time: 64, standardError: 5, paths: 100, exits: 100 } };

it('crossing times are a bar with its interval, a line and a ring, in the colour of the run; what is not simulated has no bar', () => {
  const both = svgDocument(drawCrossings([view, { ...view, method: 1, exact: null, simulated: null, paths: 0 }], ['still', 'turning']), light, { width: 600, height: 200 }, 'crossings');
  expect(both).not.toMatch(/NaN|undefined/);
  for (const label of ['still', 'turning']) expect(both).toContain(`>${label}<`);
  expect(both.match(/<rect[^>]*opacity="0.55"/g)).toHaveLength(1);
  expect(both.match(new RegExp(`stroke="${light.runs[1]!}"`, 'g'))).toHaveLength(1);
  // from 0: lengths are times
  const bar = /<rect x="([\d.]+)"[^>]* width="([\d.]+)"[^>]*opacity="0.55"/.exec(both)!;
  const ring = new RegExp(`<circle cx="([\\d.]+)"[^>]*stroke="${light.runs[0]!}"`).exec(both)!;
  expect((Number(ring[1]) - Number(bar[1])) / Number(bar[2])).toBeCloseTo(50 / 64, 2);
});
