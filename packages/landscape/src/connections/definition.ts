import { type Definition, type Infer, integer, number, options } from '@lowland/core';

import { censusFields, withUnit } from '../census/definition.ts';
import { connect } from './connect.ts';

const connectOptions = options({
  ...censusFields,
  starts: integer({ min: 1, default: 500, summary: 'Random starts of the census.' }),
  fixedStarts: integer({ min: 0, default: 50, summary: 'Starts in each declared fixed space of the symmetry group.' }),
  offset: number({ above: 0, default: 1e-3, summary: 'How far from a saddle descents start, in lengths of a point of the unit.' }),
  directions: integer({ min: 1, default: 12, summary: 'Directions of negative curvature that are followed from a saddle, at most.' }),
  accuracy: number({ above: 0, default: 1e-4, summary: 'Error of a step of the flow, in lengths of a point of the unit.' }),
  steps: integer({ min: 1, default: 5000, summary: 'Steps of a descent, at most.' }),
});

export const connectDefinition: Definition<Infer<typeof connectOptions>, ReturnType<typeof connect>> = {
  apiVersion: 1,
  id: 'connect',
  summary: 'Which minima the saddles of a landscape join: both ways down from each, and the tree of barriers.',
  whenToUse: 'To see whether a landscape has one basin or several, and how high the ways between them are.',
  formula: "x' = −∇f from saddle ± offset · eigenvector",
  reference: 'Becker and Karplus 1997 (doi:10.1063/1.473299); Bogacki and Shampine 1989',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: connectOptions,
  create: (given) => connect(withUnit(given)),
};
