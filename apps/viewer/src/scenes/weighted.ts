import type { Scene } from '../model/scene.ts';
import { base, fixedSteps, wholePlane } from './base.ts';
import { drag } from './drag.ts';

export const weighted: Scene = {
  id: 'weight-one-third',
  title: 'A weight passes one third',
  paragraphs: [
    'Fit the 2 × 2 matrix of ones by xxᵀ, but give the two entries off the diagonal the weight a: ½ Σ Wᵢⱼ(xᵢxⱼ − 1)². There are two variables, so the plane is the whole landscape. The solutions are (1, 1) and (−1, −1). The points ±(p, −p) with p² = (1 − a)/(1 + a) are stationary as well, with value 4a/(1 + a).',
    'They are minima, and spurious ones, exactly if a < 1/3: there the lower eigenvalue of their Hessian is positive, at 1/3 it passes 0 and they become saddles. The restricted condition number of this loss is 1/a, so the threshold 3 is the sharp one, a restricted isometry constant of 1/2. Drag a across 1/3 and watch two basins open and close; the list of stationary points is complete, by a homotopy that follows every complex solution.',
  ],
  composition: {
    ...base,
    objective: { id: 'weighted-two-by-two', options: { a: 0.1, rank: 1 } },
    methods: [fixedSteps(0.1), { id: 'lbfgs', options: {} }],
    seed: 1,
    limits: { ...base.limits, iterations: 300 },
    track: ['sharpness'],
  },
  view: { ...wholePlane(1.5), share: 0.75 },
  drags: [drag('Weight a', [['objective', 'options', 'a']], { min: 0.02, max: 0.6, step: 0.01 })],
  panels: ['slice', 'stationary', 'traces', 'spectrum', 'verdict', 'work', 'plan'],
  stationary: { by: 'all-stationary-points', options: {} },
};
