import { streamKey } from '@lowland/core';
import { normUpperBound, type LinearOperator } from '@lowland/linalg';

import { once } from '../factored/once.ts';

/**
 * An upper bound of the squared spectral norm of a measurement matrix, computed when first asked: by randomly started Lanczos to 5% with
 * what its steps prove (failure probability 1e-10, over the stream (0, `measurement-norm`, 0)), and never more than |A|_F^2.
 * About 40 products with A and its transpose.
 */
export function normSquaredBound(operator: LinearOperator, frobeniusSquared: number): () => number {
  return once(() => {
    const rounded = frobeniusSquared * (1 + (operator.rows + operator.cols) * 2 ** -50);
    const proved = normUpperBound({ operator }, { key: streamKey(0, 'measurement-norm'), tolerance: 0.05 });
    return proved === undefined ? rounded : Math.min(rounded, proved.bound ** 2);
  });
}
