import type { Scene } from '../model/scene.ts';
import { base } from './base.ts';
import { drag } from './drag.ts';

export const condition: Scene = {
  id: 'condition-number',
  title: 'Scaled descent and the condition number',
  paragraphs: [
    'A 60 × 50 matrix of rank 3 is to be found from 60 % of its entries; κ is the ratio of its largest to its least singular value. From the same spectral start run gradient descent with line searches and scaled gradient descent, which divides the gradient of each factor by the Gram matrix of the other: U takes the step ∇f(U)(VᵀV)⁻¹ (Tong, Ma and Chi 2021).',
    'Scaled descent does not see which of the many pairs (UG, VG⁻ᵀ) with the same product it is at, and near the solution its rate does not depend on κ; that of gradient descent falls like 1/κ. Drag κ: at 1 both take about as long, at 5 gradient descent takes three times as long, at 20 it is far from done when scaled descent has ended. Beyond that the spectral start is no longer near the solution, and both wait.',
  ],
  composition: {
    ...base,
    objective: { id: 'matrix-completion', options: { rank: 3, center: 'none' } },
    generate: { rows: 60, cols: 50, rank: 3, condition: 10, density: 0.6 },
    init: { id: 'spectral', options: {} },
    methods: [
      { id: 'gradient-descent', options: {} },
      { id: 'scaled-gradient-descent', options: { adaptive: 0, step: { id: 'fixed', options: { step: 1 } } } },
    ],
    track: ['distance', 'singular-values'],
  },
  view: { first: 'trajectory', second: 'trajectory', radius: 0.3, grid: 65, share: 0.7 },
  drags: [drag('Condition number κ', [['generate', 'condition']], { min: 1, max: 30, step: 0.05, logarithmic: true })],
  traces: ['value', 'distance'],
  panels: ['traces', 'singular-values', 'slice', 'verdict', 'work', 'spectrum', 'plan'],
};
