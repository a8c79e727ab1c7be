import { describe, expect, it } from 'vitest';

import type { Capability } from './capability.ts';
import { LowlandError } from './errors.ts';
import { createPoint } from './layout.ts';
import type { Objective } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import { plan } from './plan.ts';
import { checkedStart } from './start.ts';
import { referenceBackend } from './testing/index.ts';

const layout = { blocks: [{ name: 'x', shape: [2] }] };
/** f = x_1 on the unit circle. */
const circle: Objective<'value' | 'gradient' | 'geometry'> = {
  id: 'circle',
  layout,
  manifold: {
    name: 'circle',
    dimension: 1,
    admit(point) {
      const length = Math.hypot(...point.data);
      if (Math.abs(length - 1) > 1e-4) throw new LowlandError('LOWLAND_E_POINT', `The length is ${String(length)}.`);
      return createPoint(layout, point.data.map((x) => x / length));
    },
  },
  options: {},
  routes: {
    value: [{ kernels: [], label: 'composed', bind: () => () => undefined }],
    gradient: [{ kernels: [], label: 'composed', bind: () => () => undefined }],
    geometry: [{ kernels: [], label: 'composed', bind: () => ({ gradient: () => undefined, inner: () => undefined, retract: () => undefined, transport: () => undefined }) }],
  },
  upload: () => undefined,
  bytes: () => 0,
  initial: () => createPoint(layout, Float64Array.of(1, 0)),
};
const method = <R extends Capability>(requires: readonly R[]): Optimizer<R> => ({ id: 'walker', requires, options: {}, readsPerStep: 0, start: () => expect.fail('it is only planned') });

describe('an objective on a manifold', () => {
  it('is refused to methods that walk along straight lines, with the geometry named', () => {
    const { ok, refusals } = plan(circle, method(['gradient']), referenceBackend());
    expect(ok).toBe(false);
    expect(refusals).toEqual([{ code: 'LOWLAND_E_MANIFOLD', message: expect.stringContaining('geometry') as string }]);
    expect(plan(circle, method(['gradient', 'geometry']), referenceBackend()).ok).toBe(true);
    const { manifold: _manifold, ...straight } = circle;
    expect(plan(straight, method(['gradient']), referenceBackend()).ok).toBe(true);
  });

  it('brings starts near it onto it, and refuses those far off', () => {
    const start = (...x: number[]) => checkedStart(circle, createPoint(layout, Float64Array.from(x)), 'f64').data;
    expect(Math.hypot(...start(0.6, 0.80001))).toBeCloseTo(1, 15);
    expect(() => start(0.6, 0.9)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_POINT' }) as Error);
  });
});
