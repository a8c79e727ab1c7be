import { streamKey } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { instances } from '../../test/instances.ts';
import { gaussian, inner, largest, probe } from '../../test/support.ts';
import { matrixFactorization } from '../matrix-factorization/asymmetric.ts';

const { 'factorization, zero target': zeroTarget, ...others } = instances;

it('starts at the minimum of a zero target, the origin', () => {
  expect(largest(zeroTarget!.initial(streamKey(5, 'init')).data)).toBe(0);
});

describe.each(Object.entries(others))('%s', (_name, objective) => {
  it('starts at a finite point that is not stationary, the same for the same stream', () => {
    const start = objective.initial(streamKey(5, 'init'));
    expect(start.data.every(Number.isFinite)).toBe(true);
    expect(largest(probe(objective).gradient(start.data))).toBeGreaterThan(0);
    expect(objective.initial(streamKey(5, 'init'))).toEqual(start);
    expect(objective.initial(streamKey(6, 'init')).data).not.toEqual(start.data);
  });
});

it('starts with measurements as large as the data, whatever the unit', () => {
  for (const unit of [1e-6, 1, 1e6]) {
    const values = gaussian(200 * 150, 'unit').map((value) => unit * value);
    const objective = matrixFactorization({ target: { rows: 200, cols: 150, values }, rank: 5, balance: 0 });
    const f = probe(objective);
    const start = objective.initial(streamKey(1, 'init'));
    const residual = f.value(start.data);
    // |U V^T|^2 is |M|^2 times 1 +- 0.07 and orthogonal to M on average, so f is about |M|^2.
    const ratio = residual / inner(values, values);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.5);
  }
});
