/** The cpu backend with the kernels in plain TypeScript: what runs where WebAssembly may not. */
import { cpu } from '@lowland/linalg';

import type { NodeContender } from './contender.ts';
import { throughKernels, throughObjectives } from './device.ts';

export const lowlandPlain: NodeContender = {
  name: 'lowland plain',
  language: 'node',
  kinds: ['gemm', 'factorisation-gradient', 'factorisation-descent', 'completion-descent', 'sensing-descent'],
  dtypes: ['f64', 'f32'],
  threaded: false,
  async open({ dtype }) {
    const backend = cpu({ dtype, kernels: 'plain' });
    return { version: '@lowland/linalg, kernels plain', preparers: { ...throughObjectives(backend), ...throughKernels(await backend.open()) } };
  },
};
