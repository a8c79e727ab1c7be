import type { Scene } from '../model/scene.ts';
import { base, fixedSteps, stepOf, wholePlane } from './base.ts';
import { drag } from './drag.ts';

export const edge: Scene = {
  id: 'edge-of-stability',
  title: 'Balance and the edge of stability',
  paragraphs: [
    'The smallest factorisation, ½(uv − 1)²: its minima are the hyperbola uv = 1, and the sharpness there, the largest eigenvalue of the Hessian, is u² + v². It is least, 2, where the factors are balanced, |u| = |v|. The gradient flow conserves u² − v², so it ends where the start decides, here at a sharpness near 6.',
    'Gradient descent with step η can settle only at minima of sharpness at most 2/η. Drag the step: below 1/3 the run stays near the flow. Beyond, the minimum of the flow is too sharp: the value rises, the run jumps to and fro across the valley, and each jump takes from the imbalance, exactly by η² times the gradients (the drift law), until it finds a part of the hyperbola that is flat enough. Larger steps end at better balanced factors: 1/2 nearly at the flattest of all minima. Beyond 1 none is flat enough.',
  ],
  composition: {
    ...base,
    objective: { id: 'matrix-factorization', options: { rank: 1, balance: 0 } },
    generate: { rows: 1, cols: 1, rank: 1 },
    init: { id: 'small-gaussian', options: { scale: 2 } },
    methods: [fixedSteps(0.38)],
    seed: 11,
    limits: { ...base.limits, iterations: 300 },
    track: ['sharpness', 'balancedness'],
  },
  view: { ...wholePlane(1.75), centre: 'point', share: 0.55 },
  traces: ['value', 'sharpness'],
  drags: [drag('Step η', [stepOf(0)], { min: 0.05, max: 0.5, step: 0.01 })],
  panels: ['slice', 'traces', 'spectrum', 'verdict', 'work', 'plan'],
};
