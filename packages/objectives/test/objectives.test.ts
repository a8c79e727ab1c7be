import { createPoint, layoutLength } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, it } from 'vitest';

import { instances } from './instances.ts';
import { gaussian } from './support.ts';

/** A factor that is square has no room for a column more. */
const fullRank = (objective: (typeof instances)[string]): boolean => {
  const { blocks } = objective.layout;
  return Math.min(...blocks.map(({ shape }) => shape[0]!)) === blocks[0]!.shape[1];
};

/** The exponential of a mean has slopes of its own far out. */
const near = ({ layout }: (typeof instances)[string]) => [0, 1].map((k) => createPoint(layout, gaussian(layoutLength(layout), 'near', k).map((x) => 0.3 * x)));

describe.each(Object.entries(instances))('%s', (name, objective) => {
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  const checks = objectiveChecks({ objective, backend: cpu(), others, seed: 2, ...(name.includes('counts') && { points: near(objective) }) });
  const fitting = checks.filter(({ name }) => !(name.startsWith('grown by') && fullRank(objective)));
  it.each(fitting.map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});
