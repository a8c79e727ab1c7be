import { createPoint, type Infer, type Initializer, number, options, parseOptions } from '@lowland/core';

import { unlessTwoFactors } from '../two-factors.ts';
import type { InitializerDefinition } from './initializer.ts';
import { createSketch } from './sketch.ts';

const schema = options({ scale: number({ above: 0, default: 50, summary: 'c' }) });

/**
 * A wide and large left factor that sketches the data, and a zero right one: U = c A Phi, V = 0, Phi iid N(0, 1 / columns) from the stream of
 * the start (Xu, Wang, Zhao, Ward and Tao 2024, arXiv:2410.09640). With it and `start: 'given'` the method `rectangular-nesterov` does what it
 * does by itself, from other streams.
 *
 * @throws LOWLAND_E_OPTIONS unless c is positive
 * @throws LOWLAND_E_FACTORS unless the variables are the two factors of one product U V^T
 */
export function sketched(given: Partial<Infer<typeof schema>> = {}): Initializer<'gradient' | 'factors'> {
  const { scale } = parseOptions(schema, given, 'initializer "sketched"');
  return {
    id: 'sketched',
    requires: ['gradient', 'factors'],
    refuses: unlessTwoFactors('sketched', 'initializer'),
    options: { scale },
    async point(context, key) {
      const { device, problem } = context;
      const point = context.scratch();
      const sketch = createSketch(context, (x, _block, out) => { problem.gradient(x, out); });
      sketch.range(key, point);
      device.kernels.scal(scale, sketch.left(point));
      return createPoint(problem.layout, await device.read(point));
    },
  };
}

export const sketchedDefinition = {
  apiVersion: 1,
  id: 'sketched',
  summary: 'A large left factor that sketches the data, and a zero right one.',
  whenToUse: 'For `nesterov` on whole matrices with columns to spare, as in the rectangular method.',
  formula: 'U = c A Phi, V = 0',
  reference: 'Xu, Wang, Zhao, Ward and Tao 2024, arXiv:2410.09640',
  requires: ['gradient', 'factors'],
  options: schema,
  create: sketched,
} as const satisfies InitializerDefinition<Infer<typeof schema>, 'gradient' | 'factors'>;
