import type { Capability, Measurements, Objective } from '@lowland/core';
import { expectTypeOf, test } from 'vitest';

import { phaseRetrieval, type PhaseLoss } from './index.ts';

declare function provided<P extends Capability>(objective: Objective<P>): P;
declare const measurements: Measurements;
declare const some: PhaseLoss;

test('amplitudes have no Hessian, nor has a loss that may be these', () => {
  expectTypeOf(provided(phaseRetrieval({ measurements }))).extract<'hessianVectorProduct' | 'scale'>().toEqualTypeOf<'hessianVectorProduct' | 'scale'>();
  expectTypeOf(provided(phaseRetrieval({ measurements, loss: 'smoothed-amplitude' }))).extract<'hessianVectorProduct'>().toEqualTypeOf<'hessianVectorProduct'>();
  expectTypeOf(provided(phaseRetrieval({ measurements, loss: 'amplitude' }))).extract<'hessianVectorProduct' | 'scale' | 'gradient'>().toEqualTypeOf<'gradient'>();
  expectTypeOf(provided(phaseRetrieval({ measurements, loss: some }))).extract<'hessianVectorProduct'>().toBeNever();
});
