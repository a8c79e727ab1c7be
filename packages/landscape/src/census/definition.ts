import { boolean, type Definition, type Infer, integer, number, options } from '@lowland/core';

import { census } from './census.ts';

export const censusFields = {
  starts: integer({ min: 1, default: 2000, summary: 'Random starts.' }),
  fixedStarts: integer({ min: 0, default: 200, summary: 'Starts in each declared fixed space of the symmetry group, such as factors with columns of zeros.' }),
  follow: integer({ min: 0, default: 6, summary: 'Eigenvectors that are followed up from each minimum to saddles, both ways.' }),
  unit: number({ min: 0, default: 0, summary: 'Root mean square entry of a start of scale 1; 0: that of the point.' }),
  smallest: number({ above: 0, default: Math.exp(-2), summary: 'Smallest scale of a start, in units; log-uniform up to the largest.' }),
  largest: number({ above: 0, default: Math.E, summary: 'Largest scale of a start, in units.' }),
  tolerance: number({ above: 0, default: 1e-10, summary: 'Stationary means |∇f| at most this part of its size at the unit.' }),
  iterations: integer({ min: 1, default: 200, summary: 'Levenberg-Marquardt iterations of a start, at most.' }),
  variables: integer({ min: 1, default: 300, summary: 'Variables at most: a Hessian is formed at each orbit.' }),
  dense: integer({ min: 0, default: 300, summary: 'Up to so many variables Hessians are formed on the way, too; beyond, ways are found by products alone.' }),
  coercive: boolean({ default: false, summary: 'Take it that f grows beyond all bounds, which the Euler audit needs.' }),
};

const censusOptions = options(censusFields);

/** 0 stands for no unit of one's own. */
export const withUnit = <T extends { readonly unit: number }>({ unit, ...rest }: T) => ({ ...rest, ...(unit > 0 && { unit }) });

export const censusDefinition: Definition<Infer<typeof censusOptions>, ReturnType<typeof census>> = {
  apiVersion: 1,
  id: 'census',
  summary: 'Stationary points of every index from many starts, one for each orbit of the symmetry group.',
  whenToUse: 'To see what a landscape of up to a thousand variables or two holds; for a handful all-stationary-points proves its list complete.',
  formula: 'min 1/2 |∇f|²; audit: Σ χ(orbit)·(−1)^index = 1',
  reference: 'Palais 1979; Good 1953; Fan and Yuan 2005; Bott 1954',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: censusOptions,
  create: (given) => census(withUnit(given)),
};
