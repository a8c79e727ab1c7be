import type { Scene } from '../model/scene.ts';
import { base, fixedSteps, stepOf, wholePlane } from './base.ts';
import { drag } from './drag.ts';

export const basins: Scene = {
  id: 'basins-of-a-step',
  title: 'Basins, and what a step makes of them',
  paragraphs: [
    'A 2 × 2 matrix M with eigenvalues λ₁ > λ₂ > 0 is fitted by xxᵀ: f = ¼|xxᵀ − M|². The best are √λ₁u₁ and its opposite, ±√λ₂u₂ are saddles, 0 is a maximum. Each pixel is a start of gradient descent, all of them run at once; its colour says where the run ends, the stronger the more steps it took. A step multiplies the coordinate along uᵢ by 1 − η(|x|² − λᵢ). While that is positive no coordinate changes sign, and the border is a straight line: the starts from which only saddles can be reached.',
    'Drag the step η. Outside the circle |x|² = λ₁ + 1/η the first step carries over to the other side and the colours swap; further out lie images of that ring, thinner and thinner, and beyond |x|² = λ₁ + 2/η every step leads further away. Drag the ratio λ₁/λ₂: near 1 the saddles hardly push, and starts at the border take long. Under Backend the GPU can be chosen where there is one: all starts then run on it in f32, each in a workgroup of its own.',
  ],
  composition: {
    ...base,
    objective: { id: 'matrix-factorization', options: { rank: 1, symmetric: true } },
    generate: { rows: 2, rank: 2, symmetric: 1, condition: 2 },
    methods: [fixedSteps(0.3), { id: 'lbfgs', options: {} }],
    limits: { ...base.limits, iterations: 600 },
    track: ['distance'],
  },
  view: { ...wholePlane(2.6), share: 0.5 },
  drags: [drag('Step η', [stepOf(0)], { min: 0.05, max: 0.6, step: 0.01 }), drag('Ratio λ₁/λ₂', [['generate', 'condition']], { min: 1.1, max: 8, step: 0.1 })],
  panels: ['basins', 'slice', 'traces', 'stationary', 'spectrum', 'verdict', 'work', 'plan'],
  stationary: { by: 'connect', options: { starts: 60, fixedStarts: 12 } },
};
