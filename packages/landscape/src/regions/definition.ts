import { type Definition, options } from '@lowland/core';

import { regions } from './regions.ts';

export const regionsDefinition: Definition<object, ReturnType<typeof regions>> = {
  apiVersion: 1,
  id: 'regions',
  summary: 'Where in the partition R1, R2, R3 of a factorization the point lies, with what is proved there.',
  formula: "R1: lambda_min <= 3 sigma_r(W)^2 - sigma_r^2;  R2: curvature >= sigma_r(W)^2 + min(0, lambda_min(W W^T - M));  R3: |grad f| large",
  whenToUse: 'To see why descent works from a point: it falls off a saddle, runs down a slope, or is in the bowl already.',
  reference: 'Li, Lu, Arora, Haupt, Liu, Wang and Zhao 2019, arXiv:1612.09296',
  requires: ['value', 'factors'],
  options: options({}),
  create: () => regions(),
};
