import type { Scene } from '../model/scene.ts';
import { base } from './base.ts';
import { drag } from './drag.ts';

export const column: Scene = {
  id: 'one-more-column',
  title: 'One more column',
  paragraphs: [
    'Four measurements of e₁e₁ᵀ, of which β scales two: the loss of xxᵀ is f = (x₁² − 1)² + (x₁² − 1)x₂² + x₂⁴ + 3β²x₁²x₂². At β = 1 its restricted isometry constant is 1/2, the sharp bound (Zhang and others 2018); for β > 1 the points (0, ±1/√2) are spurious minima of value 3/4, with Hessian diag(3β² − 3, 4). From this start both methods end at one.',
    'Now drag the columns of X to 2. The plane now shows the first row of X and holds a ring of minima. The old point, with a column of zeros added, has become a saddle: the least eigenvalue of its Hessian is −3, whatever β is. In two columns a second-order point that is rank-deficient is a global minimum, and L-BFGS ends at one that is certified. The price: where columns are to spare the minimum is flat, and gradient descent slows down to a crawl, the value falling like 1/k².',
  ],
  composition: {
    ...base,
    objective: { id: 'beta-family', options: { beta: 1.2, rank: 1 } },
    methods: [{ id: 'lbfgs', options: {} }, { id: 'gradient-descent', options: {} }],
    seed: 3,
    limits: { ...base.limits, iterations: 500 },
    track: ['singular-values', 'sharpness'],
  },
  view: { first: 'coordinate', second: 'coordinate', centre: 'zero', radius: 1.4, grid: 129, share: 0.75 },
  drags: [drag('Columns of X', [['objective', 'options', 'rank']], { min: 1, max: 2, step: 1 }), drag('β', [['objective', 'options', 'beta']], { min: 1, max: 2, step: 0.05 })],
  panels: ['slice', 'verdict', 'stationary', 'traces', 'singular-values', 'spectrum', 'work', 'plan'],
  stationary: { by: 'connect', options: { starts: 100, fixedStarts: 20 } },
};
