import { type Analysis, analyse, type Backend, type Capability, type Objective, type Point } from '@lowland/core';
import { factorsAt, productSvd } from '@lowland/landscape';

/** Singular values of the recovered matrix, descending; null where the objective has no single pair of factors. */
export async function singularValuesAt(objective: Objective<Capability>, point: Point, backend: Backend): Promise<readonly number[] | null> {
  if (!('factors' in objective.routes)) return null;
  const analysis: Analysis<'factors', readonly number[] | null> = {
    id: 'singular-values',
    requires: ['factors'],
    dtype: 'f64',
    run: ({ problem: { factors } }, _point, host) => (factors.pairs.length === 1 ? Array.from(productSvd(factorsAt(host, factors)).s) : null),
  };
  return analyse(objective as Objective<'factors'>, analysis, point, backend);
}
