/** Questions to a worker: what a composition would come to, and what stands around a point. */
import { type AnyAnalysis, type AnyInitializer, type AnyOptimizer, type AnyTracker, type Backend, createPoint, LowlandError, plan, type Plan, type Registry } from '@lowland/core';

import type { Composition } from '../model/composition.ts';
import { basinMap } from './analyses/basin-map.ts';
import { regionsOn } from './analyses/regions.ts';
import { sectionOf, sliceAt } from './analyses/slice.ts';
import { spectrumAt } from './analyses/spectrum.ts';
import { type Stand, stand } from './analyses/stand.ts';
import { stationaryAt } from './analyses/stationary.ts';
import { certificateAt } from './certificate.ts';
import { faultOf } from './fault.ts';
import { made, prepare, problemFor } from './prepare.ts';
import type { Fault, Form, Prospect, Question, Questions, SliceAnswer, SliceRequest, Stage, Standpoint } from './protocol.ts';
import { judge } from './verdict.ts';

export async function answer(registry: Registry, question: Question, at: Standpoint, ask: Questions[Question]['ask'], tell: (stage: Stage) => void = () => undefined): Promise<Questions[Question]['answer']> {
  if (question === 'basins') return basinMap(registry, at.composition, ask as Questions['basins']['ask'], (part) => { tell({ name: 'steps', done: part.taken, of: part.of, part }); });
  const place = await stand(registry, at);
  switch (question) {
    case 'slice':
      return sliceAnswer(place, at, ask as SliceRequest);
    case 'spectrum':
      return spectrumAt(place, at, (ask as Questions['spectrum']['ask']).seed);
    case 'stationary':
      return stationaryAt(registry, place, ask as Questions['stationary']['ask'], tell);
    case 'certificate':
      return certificateAt(registry, place, at, (ask as Questions['certificate']['ask']).tolerance);
    case 'verdict':
      return judge(place.objective, place.point, place.backend, { seed: place.seed, ...(ask as Questions['verdict']['ask']) });
    case 'analysis': {
      const found: unknown = await place.look(made(registry, 'analyses', ask as Questions['analysis']['ask']) as AnyAnalysis);
      return plainData(found);
    }
  }
}

async function sliceAnswer(place: Stand, at: Standpoint, request: SliceRequest): Promise<SliceAnswer> {
  const section = await sectionOf(place, at, request);
  const slice = await sliceAt(place, at, request, section);
  if (!request.regions) return { slice, regions: null };
  try {
    return { slice, regions: await regionsOn(place, section.directions.map(({ data }) => data), request.radius, request.grid) };
  } catch (error) {
    return { slice, regions: faultOf(error) };
  }
}

/** Plans of all methods, and what else would run on this problem. */
export async function prospect(registry: Registry, composition: Composition, without: readonly string[] = []): Promise<Prospect> {
  const hung = (id: string): Fault => ({ code: 'LOWLAND_E_PLUGIN', message: `${id} does not return when it is made, so it is left out until plugins are loaded anew.` });
  const left = [composition.objective.id, composition.backend.id, composition.init?.id ?? '', ...composition.track].find((id) => without.includes(id));
  if (left !== undefined) throw new LowlandError('LOWLAND_E_PLUGIN', `${hung(left).message} Choose another.`);
  const plans: (Plan | Fault)[] = [];
  const forms: Form[] = [];
  for (const [position, { id }] of composition.methods.entries()) {
    if (without.includes(id)) {
      plans.push(hung(id));
      forms.push('factored');
      continue;
    }
    const prepared = await prepare(registry, composition, position).catch(faultOf);
    plans.push('plan' in prepared ? prepared.plan : prepared);
    forms.push('plan' in prepared ? prepared.form : 'factored');
  }
  const backend = made(registry, 'backends', composition.backend) as Backend;
  const fits = async <T>(kind: 'optimizers' | 'trackers' | 'initializers', check: (id: string) => Promise<Plan | T>): Promise<Record<string, string | null>> =>
    Object.fromEntries(await Promise.all(registry.all(kind).map(async ({ id }): Promise<[string, string | null]> => [id, without.includes(id) ? hung(id).message : await check(id).then((found) => refusal(found as Plan), reasonOf)])));
  const usual = firstRunning(plans) ?? composition.methods.find(({ id }) => !without.includes(id))?.id ?? 'gradient-descent';
  const { given } = await problemFor(registry, composition, { id: usual, options: {} }, backend);
  const optimizer = (id: string): AnyOptimizer => made(registry, 'optimizers', { id, options: {} }) as AnyOptimizer;
  const anchor = optimizer(usual);
  return {
    plans,
    forms,
    optimizers: await fits('optimizers', async (id) => {
      const { objective, optimizer: method } = await problemFor(registry, composition, { id, options: {} }, backend);
      return plan(objective, method, backend);
    }),
    trackers: await fits('trackers', async (id) => plan(given, anchor, backend, { trackers: [made(registry, 'trackers', { id, options: {} }) as AnyTracker] })),
    initializers: await fits('initializers', async (id) => plan(given, anchor, backend, { init: made(registry, 'initializers', { id, options: {} }) as AnyInitializer })),
    layout: createPoint(given.layout).layout.blocks.map(({ name, shape }) => ({ name, shape })),
    scale: given.scale ?? null,
  };
}

const firstRunning = (plans: readonly (Plan | Fault)[]): string | undefined => plans.find((one): one is Plan => 'ok' in one && one.ok)?.optimizer;
const refusal = ({ refusals }: Plan): string | null => (refusals.length === 0 ? null : refusals.map(({ message }) => message).join(' '));
const reasonOf = (error: unknown): string => faultOf(error).message;

/** A result as plain data: typed arrays become lists. */
function plainData(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (Array.isArray(value)) return value.map(plainData);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, entry]) => (typeof entry === 'function' ? [] : [[key, plainData(entry)]])));
}
