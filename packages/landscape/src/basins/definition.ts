import { choice, type Definition, type Infer, integer, LowlandError, number, options, string } from '@lowland/core';

import { type BasinDirection, basins, type BasinsOptions } from './basins.ts';

const directions = ['point', 'random', 'filter', 'smallest', 'largest', 'symmetry', 'gradient'] as const;
const naming = `${directions.join(', ')}, or the number of a variable, from 0`;

const basinsOptions = options({
  first: string({ default: '', summary: `Direction: ${naming}. Where nothing is said: both variables, where there are two; the point itself.` }),
  second: string({ default: '', summary: 'The second direction, made orthogonal to the first. Where nothing is said: random, beyond two variables.' }),
  centre: choice(['origin', 'point'], { default: 'origin', summary: 'What the window lies about.' }),
  radius: number({ above: 0, default: 2, summary: 'The window, in lengths of the directions: that of the point, of variables 1.' }),
  grid: integer({ min: 2, default: 49, summary: 'Starts along each axis.' }),
  iterations: integer({ min: 1, default: 2000, summary: 'Steps of each run, at most.' }),
  tolerance: number({ above: 0, default: 1e-6, summary: 'Stationary means |∇f| at most this part of its size at the point.' }),
  same: number({ above: 0, default: 1e-3, summary: 'Ends closer than this part of the point are the same.' }),
  most: integer({ min: 1, default: 64, summary: 'Orbits that are told apart, at most.' }),
});

export type BasinsSettings = Infer<typeof basinsOptions>;

/** Settings as options of the analysis. @throws LOWLAND_E_OPTIONS for a direction of no known name */
export const basinsFrom = ({ first, second, ...rest }: BasinsSettings): BasinsOptions => ({ ...rest, first: directionFrom(first), second: directionFrom(second) });

function directionFrom(text: string): BasinDirection | undefined {
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const named = directions.find((name) => name === text);
  if (named === undefined) throw new LowlandError('LOWLAND_E_OPTIONS', `Directions of a map of basins are ${naming}; "${text}" was given.`);
  return named;
}

export const basinsDefinition: Definition<BasinsSettings, ReturnType<typeof basins>> = {
  apiVersion: 1,
  id: 'basins',
  summary: 'Basins of attraction on a plane: the orbit of stationary points that a run comes to from each start.',
  formula: "x' = -grad f(x), x(0) = c + s u + t v",
  whenToUse: 'To see which starts a method takes to which minimum, and how the borders run.',
  reference: 'Bogacki and Shampine 1989, doi:10.1016/0893-9659(89)90079-7',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: basinsOptions,
  create: (given) => basins(basinsFrom(given)),
};
