import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, it } from 'vitest';

import { instances } from './instances.ts';

/** A factor that is square has no room for a column more. */
const fullRank = (objective: (typeof instances)[string]): boolean => {
  const { blocks } = objective.layout;
  return Math.min(...blocks.map(({ shape }) => shape[0]!)) === blocks[0]!.shape[1];
};

describe.each(Object.entries(instances))('%s', (_name, objective) => {
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  const checks = objectiveChecks({ objective, backend: cpu(), others, seed: 2 });
  const fitting = checks.filter(({ name }) => !(name.startsWith('grown by') && fullRank(objective)));
  it.each(fitting.map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});
