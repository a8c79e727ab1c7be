import type { Scene } from '../model/scene.ts';
import { base, fixedSteps } from './base.ts';
import { drag } from './drag.ts';

export const rankDeficientSaddle: Scene = {
  id: 'rank-deficient-saddle',
  title: 'A saddle of lower rank, and the way out',
  paragraphs: [
    'M has rank 2, X has two columns, but the start X = wqᵀ has rank 1. Gradient descent multiplies X from the left alone, so it keeps the row space of the start: it does exactly what descent with one column would do, and ends at the best matrix of rank 1. In two columns that point is a strict saddle. Its least Hessian eigenvalue is −λ, λ the largest eigenvalue of M that is missing; the way down fills the empty column.',
    'Perturbed gradient descent takes the same steps, and adds a little noise where the gradient is small (Jin and others 2017). The noise has a part along the way down, which then grows by a constant factor each step, so the time to leave grows with the logarithm of 1/radius only. Drag the radius over eight decades and watch the second singular value: it waits, then rises along a line on the logarithmic axis.',
  ],
  composition: {
    ...base,
    objective: { id: 'matrix-factorization', options: { rank: 2, symmetric: true } },
    generate: { rows: 6, rank: 2, symmetric: 1 },
    init: { id: 'rank-deficient', options: { rank: 1, scale: 0.3 } },
    methods: [{ id: 'perturbed-gradient-descent', options: { smoothness: 60, c: 3, radius: 1e-4, stopWhenCertified: false } }, fixedSteps(0.05)],
    limits: { ...base.limits, iterations: 600 },
    track: ['singular-values', 'effective-rank', 'sharpness'],
  },
  view: { first: 'trajectory', second: 'trajectory', radius: 0.9, grid: 129, share: 0.4 },
  drags: [drag('Radius of the noise', [['methods', 0, 'options', 'radius']], { min: 1e-10, max: 0.1, step: 0.1, logarithmic: true })],
  panels: ['slice', 'singular-values', 'traces', 'stationary', 'verdict', 'spectrum', 'regions', 'work', 'plan'],
  stationary: { by: 'connect', options: { starts: 100, fixedStarts: 20 } },
};
