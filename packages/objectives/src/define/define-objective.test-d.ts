import type { Capability, Objective } from '@lowland/core';
import { expectTypeOf, test } from 'vitest';

import { defineObjective } from './define-objective.ts';

declare function provided<P extends Capability>(objective: Objective<P>): P;
const half = { id: 'half', blocks: { x: [2], y: [3, 1] }, value: () => 0, gradient: () => undefined } as const;

test('what is given is what is provided', () => {
  expectTypeOf(provided(defineObjective(half))).toEqualTypeOf<'value' | 'gradient' | 'valueAndGradient' | 'ensemble'>();
  expectTypeOf(provided(defineObjective({ ...half, hessianVectorProduct: 'finite-difference' })))
    .toEqualTypeOf<'value' | 'gradient' | 'valueAndGradient' | 'ensemble' | 'hessianVectorProduct'>();
  expectTypeOf(provided(defineObjective({ ...half, truth: { optimum: 0 } }))).toEqualTypeOf<'value' | 'gradient' | 'valueAndGradient' | 'ensemble' | 'truth'>();
});

test('functions see the blocks by name', () => {
  defineObjective({
    ...half,
    value: ({ x, y }) => {
      expectTypeOf(x).toEqualTypeOf<Float64Array>();
      return x[0]! * y[2]!;
    },
    hessianVectorProduct(x, v, out) {
      expectTypeOf(out).toEqualTypeOf<{ readonly x: Float64Array; readonly y: Float64Array }>();
      out.x.set(v.x);
    },
  });
  // @ts-expect-error -- there is no block z
  defineObjective({ ...half, value: ({ z }) => Number(z === undefined) });
});
