import { describe, expect, it } from 'vitest';

import { bandsOf, type Grid, linesOf } from './contours.ts';
import { heightsOf, levelsOf, tint } from './levels.ts';

const grid = (columns: number, rows: number, f: (x: number, y: number) => number): Grid => ({
  columns,
  rows,
  values: Float64Array.from({ length: columns * rows }, (_, k) => f(k % columns, Math.floor(k / columns))),
});

describe('lines of equal height', () => {
  const bowl = grid(21, 17, (x, y) => (x - 10) ** 2 + (y - 8) ** 2);

  it('are closed circles inside the frame', () => {
    const [band] = bandsOf(bowl, [36]);
    const lines = linesOf(band!, bowl);
    expect(lines).toHaveLength(1);
    expect(lines[0]![0]).toEqual(lines[0]!.at(-1));
    for (const [x, y] of lines[0]!) expect(Math.hypot(x - 10, y - 8)).toBeCloseTo(6, 1);
  });

  it('end at the frame: none runs along it or beyond it', () => {
    // Circles of radius 9 leave the frame above and below: two arcs are left.
    const [band] = bandsOf(bowl, [81]);
    expect(band!.rings.flat().some(([x, y]) => x < 0 || y < 0)).toBe(true);
    const lines = linesOf(band!, bowl);
    expect(lines).toHaveLength(2);
    for (const [x, y] of lines.flat()) expect(Math.hypot(x - 10, y - 8)).toBeCloseTo(9, 1);
  });

  it('of a slope go from one side to the other, once each', () => {
    const slope = grid(9, 5, (x) => x);
    const lines = bandsOf(slope, [2.25, 5.5]).flatMap((band) => linesOf(band, slope));
    expect(lines.map((line) => line.map(([x]) => x))).toEqual([Array.from({ length: 5 }, () => 2.25), Array.from({ length: 5 }, () => 5.5)]);
    expect(lines.map((line) => line.map(([, y]) => y).sort())).toEqual([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]);
  });

  it('take what is outside for high', () => {
    const hole = grid(9, 9, (x, y) => (x === 4 && y === 4 ? Infinity : x === 0 && y === 0 ? NaN : 0));
    expect(bandsOf(hole, [0.5])[0]!.rings.length).toBeGreaterThan(0);
    for (const [x, y] of bandsOf(hole, [0.5])[0]!.rings.flat()) expect(Number.isFinite(x + y)).toBe(true);
  });

  it('do not run along what is outside', () => {
    const half = grid(11, 9, (x, y) => (x > 6 ? Infinity : y));
    const [band] = bandsOf(half, [4.5]);
    expect(band!.rings.flat().some(([x]) => x > 6)).toBe(true);
    const lines = linesOf(band!, half);
    expect(lines).toHaveLength(1);
    for (const [x, y] of lines[0]!) {
      expect(y).toBeCloseTo(4.5, 10);
      expect(x).toBeLessThanOrEqual(6);
    }
  });

  it('of a flat section are none', () => {
    const flat = grid(4, 4, () => 3);
    expect(levelsOf(heightsOf(flat.values)!, 'low', 10)).toEqual([]);
    expect(heightsOf(Float64Array.of(NaN, Infinity))).toBeUndefined();
  });
});

describe('levels', () => {
  const values = Float64Array.from({ length: 101 }, (_, k) => k).fill(1e9, 100);

  it('stay below the cap that keeps walls from hiding the rest', () => {
    expect(heightsOf(values, 0.9)).toEqual({ least: 0, cap: 90, largest: 1e9, decades: Math.log10(90) });
  });

  it('reach as far down as the section does where they are logarithmic', () => {
    const deep = Float64Array.from({ length: 1000 }, (_, k) => 10 ** (k / 125 - 6));
    const heights = heightsOf(deep, 0.999)!;
    const lowest = levelsOf(heights, 'log', 15)[0]!;
    expect(lowest / heights.cap).toBeLessThan(1e-6);
    expect(deep.filter((value) => value < lowest).length).toBeGreaterThan(5);
  });

  it.each(['low', 'even', 'log'] as const)('ascend, and colours have equal steps between them: %s', (spacing) => {
    const heights = heightsOf(values, 0.9)!;
    const levels = levelsOf(heights, spacing, 9);
    levels.forEach((level, k) => {
      expect(level).toBeGreaterThan(k === 0 ? heights.least : levels[k - 1]!);
      expect(tint(heights, spacing, level)).toBeCloseTo((k + 1) / 10, 10);
    });
    expect(tint(heights, spacing, heights.least)).toBe(0);
    expect(tint(heights, spacing, heights.largest)).toBe(1);
  });
});
