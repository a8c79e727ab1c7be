/** The cpu backend as it is: WebAssembly kernels, with a pool of threads where more than one is asked for. */
import { streamKey } from '@lowland/core';
import { cpu, randomizedSvd, symmetricEigen, thinQr, thinSvd } from '@lowland/linalg';
import { openThreads } from '@lowland/linalg/threads';
import { lbfgs } from '@lowland/optimizers';

import { svdValues } from '../tasks/values.ts';
import type { NodeContender } from './contender.ts';
import { decompositions, last, of } from './decompositions.ts';
import { recovery, throughKernels, throughObjectives } from './device.ts';

export const lowland: NodeContender = {
  name: 'lowland',
  language: 'node',
  kinds: ['gemm', 'factorisation-gradient', 'factorisation-descent', 'completion-descent', 'completion-recovery', 'sensing-descent', 'rank-one-descent', 'eigen', 'qr', 'svd', 'randomised-svd'],
  dtypes: ['f64', 'f32'],
  threaded: true,
  async open({ threads, dtype }) {
    const backend = threads === 1 ? cpu({ dtype }) : cpu({ dtype, threads: await openThreads({ count: threads }) });
    const { variant } = backend;
    return {
      version: `@lowland/linalg, kernels ${variant}, ${threads} thread${threads === 1 ? '' : 's'}`,
      preparers: {
        ...throughObjectives(backend),
        ...recovery(backend, lbfgs()),
        ...throughKernels(await backend.open()),
        ...decompositions({ symmetricEigen, thinQr, thinSvd }),
        'randomised-svd': ({ rows, cols, rank }, instance) => {
          const [a, key] = [of(instance, rows, cols), streamKey(1, 'bench')];
          return last(() => randomizedSvd(a, rank, { key }), ({ u, s, v }) => svdValues(u.data, s, v.data, instance['left']!, instance['right']!));
        },
      },
    };
  },
};
