import { solve, type Backend, type Capability, type DataMap, type Measurements, type Objective, type Optimizer, type Solution } from '@lowland/core';
import { expectTypeOf, test } from 'vitest';

import { matrixCompletion, matrixFactorization, matrixSensing, symmetricCompletion, symmetricFactorization, symmetricSensing, type LossOption } from './index.ts';

declare function provided<P extends Capability>(objective: Objective<P>): P;
declare const target: DataMap['matrix'];
declare const entries: DataMap['entries'];
declare const measurements: Omit<Measurements, 'linear'>;
declare const withLinear: Measurements & { readonly linear: Float64Array };
declare const some: number;
const rank = 2;

test('the penalty decides between a known target and a convex lift', () => {
  expectTypeOf(provided(matrixFactorization({ target, rank }))).extract<'lift' | 'target'>().toEqualTypeOf<'target'>();
  expectTypeOf(provided(matrixFactorization({ target, rank, lambda: 0.5 }))).extract<'lift' | 'target'>().toEqualTypeOf<'lift'>();
  expectTypeOf(provided(symmetricFactorization({ target, rank }))).extract<'lift' | 'target'>().toEqualTypeOf<'target'>();
  expectTypeOf(provided(symmetricFactorization({ target, rank, lambda: 1 }))).extract<'lift' | 'target'>().toEqualTypeOf<'lift'>();
});

test('a plain number promises neither', () => {
  expectTypeOf(provided(matrixFactorization({ target, rank, lambda: some }))).extract<'lift' | 'target' | 'value'>().toEqualTypeOf<'value'>();
});

test('block solves are there where they are exact', () => {
  expectTypeOf(provided(matrixFactorization({ target, rank }))).extract<'blockSolve'>().toBeNever();
  expectTypeOf(provided(matrixFactorization({ target, rank, balance: 0 }))).extract<'blockSolve'>().toEqualTypeOf<'blockSolve'>();
  expectTypeOf(provided(symmetricFactorization({ target, rank }))).extract<'blockSolve'>().toBeNever();
  expectTypeOf(provided(matrixCompletion({ entries, rank, lambda: some }))).extract<'blockSolve'>().toEqualTypeOf<'blockSolve'>();
  expectTypeOf(provided(matrixSensing({ measurements, rank }))).extract<'blockSolve'>().toEqualTypeOf<'blockSolve'>();
  expectTypeOf(provided(symmetricSensing({ measurements, rank }))).extract<'blockSolve'>().toBeNever();
  expectTypeOf(provided(matrixSensing({ measurements: withLinear, rank }))).extract<'blockSolve'>().toBeNever();
  expectTypeOf(provided(matrixSensing({ measurements: withLinear, rank, lambda: 1 }))).extract<'blockSolve'>().toEqualTypeOf<'blockSolve'>();
});

test('a linear term is no sum of squares', () => {
  expectTypeOf(provided(matrixSensing({ measurements, rank }))).extract<'residual'>().toEqualTypeOf<'residual'>();
  expectTypeOf(provided(symmetricSensing({ measurements: withLinear, rank }))).extract<'residual'>().toBeNever();
});

test('residuals and block solves are of least squares', () => {
  const huber = matrixCompletion({ entries, rank, loss: { id: 'huber', options: { delta: 1 } } });
  expectTypeOf(provided(huber)).extract<'residual' | 'blockSolve' | 'lift'>().toEqualTypeOf<'lift'>();
  expectTypeOf(provided(matrixCompletion({ entries, rank, loss: 'least-squares' }))).extract<'residual' | 'blockSolve'>().toEqualTypeOf<'residual' | 'blockSolve'>();
  expectTypeOf(provided(matrixFactorization({ target, rank, balance: 0, loss: 'logistic' }))).extract<'residual' | 'blockSolve' | 'target' | 'lift'>().toEqualTypeOf<'lift'>();
  expectTypeOf(provided(matrixSensing({ measurements, rank, loss: 'poisson' }))).extract<'residual' | 'blockSolve'>().toBeNever();
  const unknown = {} as LossOption;
  expectTypeOf(provided(symmetricSensing({ measurements, rank, loss: unknown }))).extract<'residual' | 'value'>().toEqualTypeOf<'value'>();
});

test('smoothness is of losses with bounded curvature', () => {
  expectTypeOf(provided(matrixFactorization({ target, rank, loss: 'huber' }))).extract<'smoothness'>().toEqualTypeOf<'smoothness'>();
  expectTypeOf(provided(matrixSensing({ measurements, rank, loss: 'poisson' }))).extract<'smoothness'>().toBeNever();
  expectTypeOf(provided(matrixCompletion({ entries, rank, loss: { id: 'poisson-identity' } }))).extract<'smoothness'>().toBeNever();
  expectTypeOf(provided(matrixCompletion({ entries, rank, incoherence: 1 }))).extract<'smoothness'>().toBeNever();
  expectTypeOf(provided(symmetricCompletion({ entries, rank }))).extract<'smoothness'>().toEqualTypeOf<'smoothness'>();
});

test('weights take the known spectrum, penalised rows residual and certificate', () => {
  const weights = new Float64Array(4);
  expectTypeOf(provided(matrixFactorization({ target, rank, weights }))).extract<'target' | 'lift'>().toEqualTypeOf<'lift'>();
  expectTypeOf(provided(matrixCompletion({ entries, rank, incoherence: 1 }))).extract<'residual' | 'lift' | 'blockSolve'>().toBeNever();
  expectTypeOf(provided(matrixCompletion({ entries, rank, incoherence: 0 }))).extract<'residual' | 'lift'>().toEqualTypeOf<'residual' | 'lift'>();
  expectTypeOf(provided(symmetricCompletion({ entries, rank, incoherence: 1 }))).extract<'residual' | 'lift'>().toEqualTypeOf<'lift'>();
});

test('a method that needs block solves does not compile with a balanced factorization', () => {
  const method = {} as Optimizer<'blockSolve' | 'factors'>;
  const backend = {} as Backend;
  const works = () => solve(matrixFactorization({ target, rank, balance: 0 }), method, { backend });
  // @ts-expect-error -- balance is 1/8 here
  const refused = () => solve(matrixFactorization({ target, rank }), method, { backend });
  expectTypeOf(works).returns.resolves.toEqualTypeOf<Solution>();
  expectTypeOf(refused).toBeFunction();
});
