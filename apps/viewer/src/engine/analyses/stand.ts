import { type AnyAnalysis, analyse, type Capability, createPoint, type Objective, type Point, type Registry } from '@lowland/core';
import type { Backend } from '@lowland/core';

import type { Composition } from '../../model/composition.ts';
import { prepare } from '../prepare.ts';
import type { Standpoint } from '../protocol.ts';

/** An objective with a point of its variables, and what computes there. */
export interface Stand {
  readonly objective: Objective<Capability>;
  readonly point: Point;
  /** In f64: what verdicts and analyses are computed on. */
  readonly backend: Backend;
  /** What runs are computed on. */
  readonly runsOn: Backend;
  readonly seed: number;
  look<T>(analysis: AnyAnalysis, seed?: number): Promise<T>;
}

/** Objectives that were asked for before are not made again: making large data takes longer than looking. */
let last: { readonly key: string; readonly made: Promise<Pick<Stand, 'objective' | 'backend' | 'runsOn'>> } | undefined;

export async function stand(registry: Registry, { composition, method, point: data }: Standpoint): Promise<Stand> {
  const key = JSON.stringify([composition.objective, composition.data ?? composition.generate, composition.seed, composition.methods[method]]);
  if (last?.key !== key) last = { key, made: objectiveOf(registry, composition, method) };
  const { objective, backend, runsOn } = await last.made;
  const point = createPoint(objective.layout, data);
  const { seed } = composition;
  return {
    objective,
    point,
    backend,
    runsOn,
    seed,
    look: async <T>(analysis: AnyAnalysis, own = seed) => (await analyse(objective, analysis, point, backend, { seed: own })) as T,
  };
}

async function objectiveOf(registry: Registry, composition: Composition, method: number): Promise<Pick<Stand, 'objective' | 'backend' | 'runsOn'>> {
  // trackers are no matter here, and some objectives refuse them
  const { objective, backend, judge } = await prepare(registry, { ...composition, track: [] }, method);
  return { objective, backend: judge, runsOn: backend };
}
