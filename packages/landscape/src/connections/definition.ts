import { type Definition, type Infer, integer, number, options } from '@lowland/core';

import { censusFields, withUnit } from '../census/definition.ts';
import { between } from './between.ts';
import { connect } from './connect.ts';

const connectOptions = options({
  ...censusFields,
  starts: integer({ min: 0, default: 0, summary: 'Random starts of the census; 0: 500, of more than 60 variables fewer, as each takes longer.' }),
  fixedStarts: integer({ min: 0, default: 50, summary: 'Starts in each declared fixed space of the symmetry group; without starts of your own a tenth of the random ones at most, but 10.' }),
  offset: number({ above: 0, default: 1e-3, summary: 'How far from a saddle descents start, in lengths of a point of the unit.' }),
  directions: integer({ min: 1, default: 12, summary: 'Directions of negative curvature that are followed from a saddle, at most.' }),
  saddles: integer({ min: 1, default: 100, summary: 'Saddles from which ways down are followed, at most: the lowest.' }),
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
  create: ({ starts, ...given }) => connect({ ...withUnit(given), ...(starts > 0 && { starts }) }),
};

const betweenOptions = options({
  samples: integer({ min: 3, default: 201, summary: 'Points of a way at which f is looked at.' }),
  images: integer({ min: 0, default: 15, summary: 'Images of the elastic band, ends included; 0: no band.' }),
  steps: integer({ min: 1, default: 2000, summary: 'Steps of the band, at most.' }),
});

export const betweenDefinition: Definition<Infer<typeof betweenOptions>, ReturnType<typeof between>> = {
  apiVersion: 1,
  id: 'between',
  summary: 'How two points are joined: straight, aligned by the symmetry group, by rotations, and by an elastic band over the lowest pass.',
  whenToUse: 'To see whether two solutions are one up to symmetry, and if not, what hill is between them.',
  formula: 'barrier = max f on the way − max of both ends',
  reference: 'Henkelman and Jónsson 2000 (doi:10.1063/1.1323224)',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: betweenOptions,
  create: between,
};
