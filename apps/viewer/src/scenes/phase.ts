import type { Scene } from '../model/scene.ts';
import { base, wholePlane } from './base.ts';
import { drag } from './drag.ts';

export const phase: Scene = {
  id: 'phase-retrieval',
  title: 'Phase retrieval in the plane',
  paragraphs: [
    'Find a signal from the squares of its products with known Gaussian vectors: 1/(4m) Σ((aₖᵀz)² − yₖ)². Signs are lost, so z and −z are both right. With two unknowns the plane is the whole landscape. With infinitely many measurements all is known (Sun, Qu and Wright 2016): for a signal x of length 1 zero is a maximum, ±x are the minima, and where z is perpendicular to x with |z|² = 1/3 stand strict saddles of value 2/3.',
    'Drag the number of measurements. With many the landscape is nearly that of the limit; with few it is the sample that shapes it, and valleys may hold spurious minima: this draw has some with 8 measurements and none with 20. The two methods start from the same random point, without a spectral start.',
  ],
  composition: {
    ...base,
    objective: { id: 'phase-retrieval', options: {} },
    generate: { size: 2, measurements: 8 },
    methods: [{ id: 'gradient-descent', options: {} }, { id: 'trust-region', options: {} }],
    limits: { ...base.limits, iterations: 300 },
    track: ['sharpness'],
  },
  view: { ...wholePlane(1.8), share: 0.75 },
  drags: [drag('Measurements', [['generate', 'measurements']], { min: 3, max: 200, step: 0.05, logarithmic: true })],
  panels: ['slice', 'stationary', 'traces', 'spectrum', 'verdict', 'work', 'plan'],
  stationary: { by: 'connect', options: { starts: 100 } },
};
