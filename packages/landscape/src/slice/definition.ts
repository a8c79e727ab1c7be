import { boolean, choice, type Definition, type Infer, integer, number, options } from '@lowland/core';

import { slice } from './slice.ts';

const named = ['random', 'filter', 'smallest', 'largest', 'symmetry', 'gradient', 'trajectory', 'to'] as const;

const sliceOptions = options({
  first: choice(named, { default: 'random', summary: 'Direction: filter: columns as long as those of the point; smallest, largest: Hessian eigenvectors off the orbit; trajectory: principal components of the run; to: to the other point, at 1.' }),
  second: choice(['none', ...named], { default: 'random', summary: 'The second direction, made orthogonal to the first; none: along a line.' }),
  radius: number({ above: 0, default: 1, summary: 'The window, in lengths of the directions: those of the point, or of the run.' }),
  grid: integer({ min: 2, default: 65, summary: 'Points along each axis.' }),
  critical: boolean({ default: false, summary: 'Find all critical points of the section, where f is a polynomial on it.' }),
});

export const sliceDefinition: Definition<Infer<typeof sliceOptions>, ReturnType<typeof slice>> = {
  apiVersion: 1,
  id: 'slice',
  summary: 'The objective on a line or a plane through the point, exact where it is a polynomial there.',
  formula: 'f(x + s u + t v) = 1/2 |T l(s, t)|^2',
  whenToUse: 'To look at the terrain around a point.',
  reference: 'Li, Xu, Taylor, Studer and Goldstein 2018, arXiv:1712.09913',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: sliceOptions,
  create: ({ second, ...rest }) => slice({ ...rest, second: second === 'none' ? undefined : second }),
};
