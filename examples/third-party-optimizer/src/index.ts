import { number, options, type Plugin } from '@lowland/core';

import { polyak, type PolyakOptions } from './polyak.ts';

export { polyak, type PolyakOptions };

const plugin: Plugin = {
  apiVersion: 1,
  name: 'lowland-polyak',
  version: '1.0.0',
  optimizers: [
    {
      apiVersion: 1,
      id: 'polyak',
      summary: "gradient descent with Polyak's step; needs the least value",
      formula: 'x+ = x - (f(x) - f*) / |grad f(x)|^2 grad f(x)',
      reference: 'B. T. Polyak, Introduction to Optimization, 1987, section 5.3',
      requires: ['valueAndGradient'],
      options: options({ optimum: number({ summary: 'f*, the least value; default: what the objective knows' }) }),
      create: polyak,
    },
  ],
};

export default plugin;
