import { type Definition, type Infer, integer, number, options } from '@lowland/core';

import { escapeTimes } from './escape.ts';
import { exitTimes } from './exit-times.ts';
import { recurrence } from './recurrence.ts';

const exitOptions = options({
  temperature: number({ min: 0, default: 0, summary: '1 / beta; 0: a quarter of the barrier.' }),
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

const escapeOptions = options({
  step: number({ min: 0, default: 0, summary: 'eta; 0: a tenth over the largest curvature.' }),
  radius: number({ above: 0, default: 0.5, summary: 'The distance that counts as away.' }),
  limit: integer({ min: 1, default: 100_000, summary: 'Iterations at most.' }),
});

export const escapeTimesDefinition: Definition<Infer<typeof escapeOptions>, ReturnType<typeof escapeTimes>> = {
  apiVersion: 1,
  id: 'escape-times',
  summary: 'How many steps gradient descent takes to leave a saddle, from ever nearer, against linear theory.',
  formula: 'log(r / eps) / log(1 + eta |lambda|)',
  whenToUse: 'At a saddle, to see what a run near it costs and whether it is strict.',
  reference: 'Lee, Simchowitz, Jordan and Recht 2016, arXiv:1602.04915',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: escapeOptions,
  create: ({ step, ...rest }) => escapeTimes({ ...rest, step: given(step) }),
};

const recurrenceOptions = options({
  temperature: number({ min: 0, default: 0, summary: '1 / beta; 0: the softest direction spreads over a third of the neighbourhood.' }),
  distance: number({ above: 0, default: 1, summary: 'Distance of the starts.' }),
  radius: number({ min: 0, default: 0, summary: 'The neighbourhood; 0: a tenth of that.' }),
  leave: number({ above: 1, default: 3, summary: 'So many radii away a path has left.' }),
  strength: number({ default: 1, summary: 'a of the nonreversible drift.' }),
  friction: number({ min: 0, default: 0, summary: 'gamma of the dynamics with inertia; 0: 2 sqrt(m), the best.' }),
  paths: integer({ min: 0, default: 200, summary: 'Simulated paths of each dynamics; 0: none.' }),
});

export const recurrenceDefinition: Definition<Infer<typeof recurrenceOptions>, ReturnType<typeof recurrence>> = {
  apiVersion: 1,
  id: 'recurrence',
  summary: 'How fast three Langevin dynamics come back to a minimum, and what share of their paths leaves again.',
  formula: '1/m, 1 / min Re eig((I + J) H), 1 / sqrt(m)',
  whenToUse: 'At a minimum, to choose between plain, rotating and inertial noise.',
  reference: 'Gao, Gürbüzbalaban and Zhu 2018, arXiv:1812.07725',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: recurrenceOptions,
  create: ({ temperature, distance, radius, friction, ...rest }) => recurrence({ ...rest, from: distance, temperature: given(temperature), radius: given(radius), friction: given(friction) }),
};
