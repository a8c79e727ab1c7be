import type { Backend, Capability, DataMap, Measurements, Objective, Optimizer, Solution } from '@lowland/core';
import { solve } from '@lowland/core';
import { expectTypeOf, test } from 'vitest';

import { constrainedFactorization, maxCut, type MeritName, orthogonalCut } from './index.ts';

declare function provided<P extends Capability>(objective: Objective<P>): P;
declare const graph: DataMap['entries'];
declare const cost: DataMap['matrix'];
declare const constraints: Measurements;
declare const fit: Omit<Measurements, 'linear'>;
declare const some: MeritName;
const rank = 2;

test('the merit function decides what is known of it', () => {
  expectTypeOf(provided(maxCut({ graph, rank }))).extract<'lift' | 'scale'>().toEqualTypeOf<'lift' | 'scale'>();
  expectTypeOf(provided(orthogonalCut({ cost, rank, merit: 'augmented' }))).extract<'lift' | 'scale'>().toEqualTypeOf<'lift' | 'scale'>();
  expectTypeOf(provided(maxCut({ graph, rank, merit: 'fletcher' }))).extract<'lift' | 'scale'>().toBeNever();
  expectTypeOf(provided(maxCut({ graph, rank, merit: some }))).extract<'lift' | 'scale' | 'constraints'>().toEqualTypeOf<'constraints'>();
});

test('a fit has sizes and no lift, cuts predict nothing', () => {
  expectTypeOf(provided(constrainedFactorization({ constraints, fit, rank }))).extract<'lift' | 'scale'>().toEqualTypeOf<'scale'>();
  expectTypeOf(provided(constrainedFactorization({ constraints, rank }))).extract<'predict'>().toEqualTypeOf<'predict'>();
  expectTypeOf(provided(maxCut({ graph, rank }))).extract<'predict'>().toBeNever();
});

test('methods that keep multipliers compile with constrained problems alone', () => {
  const method = {} as Optimizer<'constraints'>;
  const backend = {} as Backend;
  const works = () => solve(maxCut({ graph, rank }), method, { backend });
  // @ts-expect-error -- no constraints
  const refused = () => solve({} as Objective<'value' | 'gradient'>, method, { backend });
  expectTypeOf(works).returns.resolves.toEqualTypeOf<Solution>();
  expectTypeOf(refused).toBeFunction();
});
