/** The objectives of every family, unchanged on this backend: derivatives, adjoints, and the numbers of the cpu. */
import { type AnyObjective, parseOptions } from '@lowland/core';
import { objectiveChecks } from '@lowland/core/testing';
import { cpu } from '@lowland/linalg';
import { plugin } from '@lowland/objectives';
import { it } from 'vitest';

import { describeNative } from '../test/system.ts';
import { blas } from './blas.ts';

const rank = 3;
/** Large enough that the products are BLAS's. */
const instances = plugin.objectives!.filter(({ generate }) => generate !== undefined).map((definition) => {
  const settings = { rows: 24, cols: 24, rank };
  const { data } = definition.generate!.create(settings, 5);
  return [definition.id, definition.create(parseOptions(definition.options, { rank }, definition.id), data) as AnyObjective] as const;
});

describeNative.each(instances)('%s', (_, objective) => {
  const checks = objectiveChecks({ objective, backend: blas(), others: [cpu(), blas({ dtype: 'f32' })], seed: 2 });
  it.each(checks.map((check) => [check.name, check] as const))('%s', async (_name, check) => {
    await check.run();
  });
});
