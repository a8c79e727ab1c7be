import type { Scene } from '../model/scene.ts';
import { base, fixedSteps, wholePlane } from './base.ts';
import { drag } from './drag.ts';

export const octopus: Scene = {
  id: 'octopus',
  title: 'The octopus: exponential against constant',
  paragraphs: [
    'Along the octopus of Du and others (2017) strict saddles stand one behind another, one for each variable: the next variable is drawn to 0 while it waits, and is pushed away only when its turn comes. Gradient descent lets it shrink by a factor at each step of the wait, and then needs as many steps, and more, to grow it again. With steps 1/(4L) each wait is longer than the one before by the factor 1 + ln 2 / ln(1 + γ/(2L)), 2.7 for L = γ = 1: time exponential in the dimension.',
    'Perturbed gradient descent takes the same steps, but keeps the waiting variable at the size of its noise, so all saddles cost about the same. Watch the stairs of the value: even ones against ever longer ones. Drag the number of saddles: with six the iterations run out while gradient descent waits at the last one, its gradient 0 to all digits, its verdict a strict saddle.',
  ],
  composition: {
    ...base,
    objective: { id: 'octopus', options: { dimension: 5 } },
    methods: [fixedSteps(0.25), { id: 'perturbed-gradient-descent', options: { smoothness: 12, c: 3, radius: 0.027, stopWhenCertified: false } }],
    limits: { ...base.limits, iterations: 600, gradientTolerance: 1e-15 },
    track: [],
  },
  view: { ...wholePlane(14), share: 0.97, spacing: 'even' },
  traces: ['value', 'gradient'],
  drags: [drag('Saddles on the way', [['objective', 'options', 'dimension']], { min: 2, max: 7, step: 1 })],
  panels: ['traces', 'slice', 'spectrum', 'verdict', 'work', 'plan'],
};
