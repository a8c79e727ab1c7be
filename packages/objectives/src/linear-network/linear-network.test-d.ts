import type { Capability, DataMap, Objective } from '@lowland/core';
import { expectTypeOf, test } from 'vitest';

import { linearNetwork } from './linear-network.ts';

declare function provided<P extends Capability>(objective: Objective<P>): P;
declare const data: DataMap['matrix'];
declare const some: number;

test('the target is known without decay, where the map itself is given', () => {
  expectTypeOf(provided(linearNetwork({ data }))).extract<'target'>().toEqualTypeOf<'target'>();
  expectTypeOf(provided(linearNetwork({ data, depth: 2, lambda: 0, inputs: 0 }))).extract<'target'>().toEqualTypeOf<'target'>();
  expectTypeOf(provided(linearNetwork({ data, lambda: 0.1 }))).extract<'target' | 'value'>().toEqualTypeOf<'value'>();
  expectTypeOf(provided(linearNetwork({ data, inputs: 3 }))).extract<'target' | 'value'>().toEqualTypeOf<'value'>();
  expectTypeOf(provided(linearNetwork({ data, inputs: some }))).extract<'target' | 'value'>().toEqualTypeOf<'value'>();
});
