import { createPoint, type Infer, type Initializer, normals, number, options, parseOptions } from '@lowland/core';

import type { InitializerDefinition } from './initializer.ts';

const schema = options({ scale: number({ min: 0, default: 1e-3, summary: 'Standard deviation of every entry.' }) });

/**
 * Independent N(0, scale^2) entries (real and imaginary parts), from the stream of the start: a point near the saddle at zero, from which
 * gradient descent finds the large singular values first and has few of the others when it is stopped early (Li, Ma and Zhang 2018,
 * arXiv:1712.09203; Stöger and Soltanolkotabi 2021, arXiv:2106.15013). The smaller, the closer to the leading part, and the longer it takes:
 * log(1 / scale) iterations more.
 *
 * @throws LOWLAND_E_OPTIONS when the scale is negative
 */
export function smallGaussian(given: Partial<Infer<typeof schema>> = {}): Initializer {
  const { scale } = parseOptions(schema, given, 'initializer "small-gaussian"');
  return {
    id: 'small-gaussian',
    requires: [],
    options: { scale },
    point({ problem }, key) {
      const point = createPoint(problem.layout);
      normals(key, point.data);
      point.data.forEach((x, i) => (point.data[i] = scale * x));
      return point;
    },
  };
}

export const smallGaussianDefinition = {
  apiVersion: 1,
  id: 'small-gaussian',
  summary: 'Small independent normal entries: near the saddle at zero.',
  whenToUse: 'To see small starts at work: rank grows step by step, and gradient descent prefers low rank. Slow at first.',
  formula: 'x_i ~ N(0, scale^2)',
  reference: 'Li, Ma and Zhang 2018, arXiv:1712.09203; Stöger and Soltanolkotabi 2021, arXiv:2106.15013',
  requires: [],
  options: schema,
  create: smallGaussian,
} as const satisfies InitializerDefinition<Infer<typeof schema>>;
