import { type Definition, type Infer, integer, number, options, string } from '@lowland/core';

import { withUnit } from '../census/definition.ts';
import { isotropy } from './isotropy.ts';

const isotropyOptions = options({
  subgroups: string({ summary: 'Generators in words: column, row, right, target or variable with one number (its sign) or two (a swap), neuron with its layer before, sign, conjugate; * makes one of several, "," is between generators, ";" between subgroups, such as "target 1 * column 1, column 2; row 1 2". Default: those that the group suggests.' }),
  starts: integer({ min: 1, default: 200, summary: 'Random starts on a fixed space where its stationary points cannot be counted.' }),
  paths: integer({ min: 1, default: 100, summary: 'Paths of the homotopy on a fixed space, at most.' }),
  unit: number({ min: 0, default: 0, summary: 'Root mean square entry of a start of scale 1; 0: that of the point.' }),
  tolerance: number({ above: 0, default: 1e-10, summary: 'Stationary means |∇f| at most this part of its size at the unit.' }),
  iterations: integer({ min: 1, default: 200, summary: 'Levenberg-Marquardt iterations of a start, at most.' }),
  variables: integer({ min: 1, default: 300, summary: 'Variables at most: Hessians are formed.' }),
});

export const isotropyDefinition: Definition<Infer<typeof isotropyOptions>, ReturnType<typeof isotropy>> = {
  apiVersion: 1,
  id: 'isotropy',
  summary: 'Stationary points by symmetric criticality: those on the fixed spaces of subgroups, with the Hessian split along and across.',
  whenToUse: 'To find stationary points that symmetry forces, also in problems too large to find all others.',
  formula: 'x ∈ Fix(H): ∇f(x) ∈ Fix(H); stationary for f on Fix(H) is stationary for f',
  reference: 'Palais 1979; Li, Lu, Arora, Haupt, Liu, Wang, Zhao 2019 (arXiv:1612.09296)',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: isotropyOptions,
  create: (given) => isotropy(withUnit(given)),
};
