import type { Scene } from '../model/scene.ts';
import { base, wholePlane } from './base.ts';
import { drag } from './drag.ts';

export const langevin: Scene = {
  id: 'two-wells',
  title: 'Noise between two wells',
  paragraphs: [
    'The double well ¼(x² − 1)² + ½y² with noise: Langevin dynamics takes gradient steps and adds Gaussian noise, and so samples the law exp(−f/T). Most of the time it rattles in one well; now and then noise carries it over the saddle, after a time that grows like e^(Δf/T), Δf = 1/4.',
    'The second run adds a rotation: its drift is −(I + J)∇f with J = a (0 1; −1 0). The law that it samples is the same, as J∇f runs along the levels, but it is no longer reversible, and it crosses sooner: at low temperature the mean time falls by the factor √(1 + a²), as the saddle’s unstable rate grows by it (Gao, Gürbüzbalaban and Zhu 2018). Both runs get the same noise. Drag a, and the temperature.',
  ],
  composition: {
    ...base,
    objective: { id: 'double-well', options: {} },
    methods: [
      { id: 'langevin', options: { temperature: 0.1 } },
      { id: 'langevin', options: { temperature: 0.1, drift: { id: 'rotation', options: { strength: 2 } } } },
    ],
    limits: { ...base.limits, iterations: 20_000 },
    track: [],
  },
  view: { ...wholePlane(1.9), share: 0.8 },
  drags: [
    drag('Rotation a', [['methods', 1, 'options', 'drift', 'options', 'strength']], { min: 0, max: 5, step: 0.25 }),
    drag('Temperature T', [['methods', 0, 'options', 'temperature'], ['methods', 1, 'options', 'temperature']], { min: 0.02, max: 0.5, step: 0.02, logarithmic: true }),
  ],
  traces: ['value'],
  panels: ['slice', 'crossings', 'traces', 'stationary', 'work', 'verdict', 'plan'],
  crossings: { from: [-1, 0] },
  stationary: { by: 'connect', options: { starts: 100 } },
};
