import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { colourAt, contrast, lightness, rgbAt, rgbOf } from './ramp.ts';

/** What eyes without one kind of cone see (Viénot, Brettel and Mollon 1999), in linear light. */
const seen = {
  protanopia: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
  deuteranopia: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
};
const linear = (byte: number): number => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
const asSeen = (colour: string, by: keyof typeof seen): number[] => seen[by].map((row) => row.reduce((sum, part, i) => sum + part * linear(rgbOf(colour)[i]!), 0));

describe.each(['viridis', 'cividis'] as const)('%s', (ramp) => {
  const colours = Array.from({ length: 33 }, (_, k) => colourAt(ramp, k / 32));

  it('grows lighter evenly: heights can be read without colours', () => {
    const light = colours.map(lightness);
    const mean = (light.at(-1)! - light[0]!) / 32;
    light.slice(1).forEach((value, k) => {
      expect(value - light[k]!).toBeGreaterThan(0.3 * mean);
      expect(value - light[k]!).toBeLessThan(1.8 * mean);
    });
  });

  it('ends at its ends', () => {
    expect([colourAt(ramp, -1), colourAt(ramp, 2)]).toEqual([colours[0], colours.at(-1)]);
    expect(rgbAt(ramp, 0.5)).toEqual(rgbOf(colourAt(ramp, 0.5)));
  });
});

describe('colours of runs', () => {
  const sheet = readFileSync(new URL('../../styles/colours.css', import.meta.url), 'utf8');
  // light-dark(the one, the other)
  const grounds = [0, 1].map((ground) => (name: string): string => new RegExp(`--${name}: [^;]*;`).exec(sheet)![0].match(/#[0-9a-f]{6}/gi)![ground]!);

  it.each([['light', 0], ['dark', 1]] as const)('stand out from the %s ground, also for eyes without one kind of cone', (_name, ground) => {
    const read = grounds[ground]!;
    const runs = Array.from({ length: 6 }, (_, k) => read(`run-${k + 1}`));
    for (const colour of runs) expect(contrast(colour, read('surface'))).toBeGreaterThan(3);
    for (const by of ['protanopia', 'deuteranopia'] as const) {
      // Of runs side by side the first four matter most; all have their own dashes too.
      const all = runs.slice(0, 4).map((colour) => asSeen(colour, by).map((part) => Math.cbrt(Math.max(0, part))));
      all.forEach((a, i) => all.slice(i + 1).forEach((b) => expect(Math.hypot(...a.map((part, k) => part - b[k]!))).toBeGreaterThan(0.06)));
    }
  });
});
