import type { Objective } from '@lowland/core';

import { pointOf } from './fixtures.ts';

/** 1/2 sum a_i x_i^2: convex for a >= 0, its minimum 0. For laws that hold exactly on quadratics. */
export function quadratic(a: readonly number[]): Objective<'valueAndGradient' | 'truth'> {
  const layout = { blocks: [{ name: 'x', shape: [a.length] }] };
  return {
    id: 'quadratic',
    layout,
    options: {},
    facts: ['optimum'],
    upload: () => undefined,
    bytes: () => 0,
    initial: () => pointOf(layout, a.map(() => 1)),
    routes: {
      truth: [{ kernels: [], label: 'composed', bind: () => ({ optimum: 0 }) }],
      valueAndGradient: [
        {
          kernels: ['host'],
          label: 'composed',
          bind: (_, device) => (x, value, gradient) => {
            const [at, numbers, slope] = [device.host!(x), device.host!(value), device.host!(gradient)];
            numbers[0] = 0;
            a.forEach((factor, i) => {
              const force = factor * at[i]!;
              slope[i] = force;
              numbers[0]! += 0.5 * force * at[i]!;
            });
          },
        },
      ],
    },
  };
}
