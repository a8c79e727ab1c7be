import { type Definition, type Infer, integer, number, options } from '@lowland/core';

import { exitTimes } from './exit-times.ts';

const exitOptions = options({
  temperature: number({ min: 0, default: 0, summary: '1 / beta; 0: an eighth of the barrier.' }),
  strength: number({ default: 0, summary: 'a of the nonreversible drift J = a [[0, I], [-I, 0]].' }),
  friction: number({ min: 0, default: 0, summary: 'gamma of the dynamics with inertia; 0: none.' }),
  paths: integer({ min: 0, default: 200, summary: 'Simulated paths; 0: none.' }),
  step: number({ min: 0, default: 0, summary: 'Time step of the simulation; 0: by the largest curvature.' }),
  spacing: number({ min: 0, default: 0, summary: 'Fine grid of the backward equation in two variables; 0: 1/40 of the way.' }),
});

const given = (value: number): number | undefined => (value === 0 ? undefined : value);

export const exitTimesDefinition: Definition<Infer<typeof exitOptions>, ReturnType<typeof exitTimes>> = {
  apiVersion: 1,
  id: 'exit-times',
  summary: 'How long Langevin noise takes to leave a minimum: Eyring-Kramers, exact where that can be, and simulated.',
  formula: 'E tau ~ 2 pi / |mu*| sqrt(|det H_s| / det H_m) exp(beta (f_s - f_m))',
  whenToUse: 'To see how deep a well is for noise of a temperature, and what rotation or inertia gain.',
  reference: 'Gao, Gürbüzbalaban and Zhu 2018, arXiv:1812.07725; Bovier, Eckhoff, Gayrard and Klein 2004, doi:10.4171/JEMS/14',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: exitOptions,
  create: ({ temperature, step, spacing, ...rest }) => exitTimes({ ...rest, temperature: given(temperature), step: given(step), spacing: given(spacing) }),
};
