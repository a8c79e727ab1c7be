import type { Scene } from '../model/scene.ts';
import { base, fixedSteps, stepOf } from './base.ts';
import { drag } from './drag.ts';

export const ring: Scene = {
  id: 'ring-of-minima',
  title: 'A ring of minima',
  paragraphs: [
    'The function is ¼|XXᵀ − M|², with M of rank 2 and X of two columns. Turning the columns, X to XΨ with Ψ orthogonal, changes nothing: minima are not points but whole orbits, here circles. The plane shown passes through zero, through the point where gradient descent ended, and along the tangent of its orbit, so the circle lies in it. Its minima are all the same matrix XXᵀ.',
    'At such a minimum the Hessian has r(r − 1)/2 = 1 eigenvalue 0, along the orbit, and no other: off the orbit all are at least the least positive eigenvalue of M (the spectrum sets the tangent apart). Every stationary point is a global minimum or a strict saddle (Li and others 2019). Drag the step: gradient descent is stable at the minimum if the step is below 1/λ₁, where λ₁ is the largest singular value of XXᵀ; above that it leaves. Other steps, and L-BFGS from the same start, end elsewhere on the orbit.',
  ],
  composition: {
    ...base,
    objective: { id: 'matrix-factorization', options: { rank: 2, symmetric: true } },
    generate: { rows: 5, rank: 2, symmetric: 1 },
    methods: [fixedSteps(0.1), { id: 'lbfgs', options: {} }],
    seed: 3,
    limits: { ...base.limits, iterations: 300 },
    track: ['singular-values', 'sharpness'],
  },
  view: { first: 'zero', second: 'symmetry', radius: 2.3, grid: 129, share: 0.6 },
  drags: [drag('Step of gradient descent', [stepOf(0)], { min: 0.01, max: 0.3, step: 0.01 })],
  panels: ['slice', 'traces', 'spectrum', 'singular-values', 'stationary', 'verdict', 'regions', 'work', 'plan'],
  stationary: { by: 'connect', options: { starts: 100, fixedStarts: 20 } },
};
