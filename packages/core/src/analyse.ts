/**
 * Reading the landscape at a point: the objective is bound anew, whatever run gave the point.
 */
import type { Analysis } from './analysis.ts';
import type { AnyAnalysis, AnyObjective } from './any.ts';
import { bindChoices, type Binding } from './bind.ts';
import type { Capability, Closed } from './capability.ts';
import type { Backend } from './device.ts';
import { LowlandError } from './errors.ts';
import { createPoint, layoutLength, sameLayout, type Point } from './layout.ts';
import { requireMembers } from './members.ts';
import type { Objective } from './objective.ts';
import type { Context } from './optimizer.ts';
import { streamKey } from './philox.ts';
import { choose } from './routes.ts';

/**
 * Runs an analysis at a host point on a fresh device of the backend.
 *
 * @param options seed of the analysis's random streams, default 0
 * @throws LOWLAND_E_DTYPE when the analysis asks for another number type than the backend's
 * @throws LOWLAND_E_CAPABILITY, LOWLAND_E_KERNEL when a required capability cannot be supplied, or an f64 analysis not be shown live arrays
 * @throws LOWLAND_E_CONTRACT when one of them lacks a member of its kind, as values of plugins may
 * @throws LOWLAND_E_SHAPE when the point does not have the objective's layout
 */
export async function analyse<P extends Capability, R extends Closed<P>, T, U extends Capability = never>(
  objective: Objective<P>,
  analysis: Analysis<R, T, U>,
  point: Point,
  backend: Backend,
  { seed = 0 }: { readonly seed?: number } = {},
): Promise<T> {
  requireMembers('analysis', analysis as AnyAnalysis);
  requireMembers('objective', objective as AnyObjective);
  requireMembers('backend', backend);
  if (analysis.dtype !== 'any' && analysis.dtype !== backend.dtype) {
    throw new LowlandError('LOWLAND_E_DTYPE', `Analysis "${analysis.id}" computes in ${analysis.dtype}; backend "${backend.id}" has ${backend.dtype}. Give a backend of that type.`);
  }
  if (analysis.dtype === 'f64' && !backend.kernels.has('host')) {
    throw new LowlandError('LOWLAND_E_KERNEL', `Analysis "${analysis.id}" looks at live arrays, which devices of backend "${backend.id}" do not show (kernel host). Give a synchronous f64 backend.`);
  }
  if (!sameLayout(objective.layout, point.layout)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `The point does not have the layout of objective "${objective.id}".`);
  }
  createPoint(point.layout, point.data);
  const any = objective as AnyObjective;
  const required = analysis.requires.map((name) => choose(any, backend.kernels, name));
  const missing = required.find(({ lacks }) => lacks === 'capability');
  if (missing !== undefined) {
    throw new LowlandError('LOWLAND_E_CAPABILITY', `Analysis "${analysis.id}" needs ${missing.name}: ${missing.why ?? 'it is missing'}. Choose another analysis, or an objective that provides it.`, { details: { capability: missing.name } });
  }
  const used = (analysis.uses ?? []).map((name) => choose(any, backend.kernels, name)).filter(({ label }) => label !== 'missing');
  const device = await backend.open();
  const memory = device.memory();
  let binding: Binding<R | U> | undefined;
  try {
    binding = bindChoices<R | U>(any, device, [...required, ...used]);
    const length = layoutLength(objective.layout);
    const context: Context<R, U> = {
      problem: binding.problem,
      device,
      ...(objective.lacks && { lacks: objective.lacks }),
      ...(objective.manifold && { manifold: objective.manifold }),
      state: (n = length) => memory.vector(n),
      scratch: (n = length) => memory.vector(n),
      random: (purpose, index) => streamKey(seed, purpose, index),
    };
    const x = memory.vector(length);
    device.write(x, point.data);
    return await analysis.run(context, x, point);
  } finally {
    memory[Symbol.dispose]();
    binding?.[Symbol.dispose]();
    device[Symbol.dispose]();
  }
}
