import type { EnsembleFamily } from '../factored/ensemble.ts';

/** Runs on 1/2 |U V^T - M|^2 and 1/4 |X X^T - M|^2 with their balance and ridge. */
export const factorizationEnsemble: EnsembleFamily<'ensemble/factorization'> = {
  kernel: 'ensemble/factorization',
  alike: 'factorization',
  data: ({ data }) => data,
  call: (kernel, ensemble, targets) => {
    kernel(ensemble, targets);
  },
};
