import type { Definition, Infer } from '@lowland/core';

import { rip, ripOptions } from './rip.ts';

export const ripDefinition: Definition<Infer<typeof ripOptions>, ReturnType<typeof rip>> = {
  apiVersion: 1,
  id: 'rip',
  summary: 'How near measurements come to an isometry on matrices of low rank: exactly where computable, else lower bounds that say so.',
  formula: '(1 - delta_k) |X|^2 <= c |a(X)|^2 <= (1 + delta_k) |X|^2, rank X <= k',
  whenToUse: 'To judge whether what is proved under restricted isometry can say anything of the measurements at hand; at any point, which plays no part.',
  reference: 'Recht, Fazel, Parrilo 2010, arXiv:0706.4138; Tillmann, Pfetsch 2014, arXiv:1205.2081; Journée, Nesterov, Richtárik, Sepulchre 2010, arXiv:0811.4724',
  requires: ['lift', 'factors'],
  options: ripOptions,
  create: rip,
};
