import { analyse, createPoint, errorCode, normals, type Objective, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { generateMeasurements, matrixFactorization, symmetricSensing } from '@lowland/objectives';
import { expect, test } from 'vitest';

import { regionMap } from './region-map.ts';
import { regions } from './regions.ts';

const draw = (length: number, index: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(7, 'region map', index), out);
  return out;
};

/** 1/2 |U V^T - M|^2 + 1/8 |U^T U - V^T V|^2, M of rank 2. */
function problem() {
  const [left, right] = [draw(12, 0), draw(10, 1)];
  const values = Float64Array.from({ length: 30 }, (_, k) => left[2 * Math.floor(k / 5)]! * right[2 * (k % 5)]! + left[2 * Math.floor(k / 5) + 1]! * right[2 * (k % 5) + 1]!);
  const objective = matrixFactorization({ target: { rows: 6, cols: 5, values }, rank: 2, balance: 0.125 });
  return { objective: objective as Objective<'value' | 'factors' | 'target'>, point: createPoint(objective.layout, draw(22, 2)) };
}

test('each place has the region that the analysis regions gives there', async () => {
  const { objective, point } = problem();
  const directions = [createPoint(point.layout, draw(22, 3)), createPoint(point.layout, point.data.slice())];
  const map = await analyse(objective, regionMap({ directions, radius: 1.5, grid: 7 }), point, cpu());
  expect(new Set(map.regions).size).toBeGreaterThan(1);
  for (const [i, b] of map.t!.entries()) {
    for (const [j, a] of map.s.entries()) {
      const there = createPoint(point.layout, point.data.map((value, k) => value + a * directions[0]!.data[k]! + b * directions[1]!.data[k]!));
      const { region } = await analyse(objective, regions(), there, cpu());
      expect(map.regions[i * 7 + j]).toBe(region);
    }
  }
  expect(map.at.region).toBe(map.regions[24]);
});

test('of measurements a map is that of the planted matrix', async () => {
  const { data, truth } = generateMeasurements({ rows: 3, cols: 3, rank: 1, measurements: 12, symmetric: true }, 1);
  const objective = symmetricSensing({ measurements: data, rank: 1 }) as Objective<'value' | 'factors' | 'lift'>;
  const point = createPoint(objective.layout, draw(3, 4));
  const map = await analyse(objective, regionMap({ directions: [point], grid: 5, planted: truth }), point, cpu());
  const at = await analyse(objective, regions({ planted: truth }), point, cpu());
  expect([map.at.region, map.at.survives, map.regions[2]]).toEqual([at.region, at.survives, at.region]);
});

test('a map needs one or two directions', () => {
  expect(() => regionMap({ directions: [] })).toThrow(/one or two directions/);
  try {
    regionMap({ directions: [] });
  } catch (error) {
    expect(errorCode(error)).toBe('LOWLAND_E_OPTIONS');
  }
});
