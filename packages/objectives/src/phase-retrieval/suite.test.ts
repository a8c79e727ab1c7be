import { parseOptions, type Measurements, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian } from '../../test/support.ts';
import { phaseRetrievalDefinition, populationDefinition } from './definition.ts';
import { generateIntensities } from './generate.ts';
import { phaseRetrieval } from './phase-retrieval.ts';
import { populationPhaseRetrieval } from './population.ts';

const planted = (complex: boolean, noise = 0) => {
  const { data, truth } = generateIntensities({ size: 4, measurements: 23, complex, noise }, 5);
  return { measurements: data, signal: truth.values };
};
const given = (complex: boolean): Measurements => ({
  rows: 3,
  cols: 3,
  values: gaussian(11, 'intensities').map(Math.abs),
  ensemble: { kind: 'rank-one', left: gaussian(complex ? 66 : 33, 'left'), ...(complex && { complex: true }) },
});

const coded = (size: number, complex: boolean) => {
  const { data, truth } = generateIntensities({ size, ensemble: 'coded-diffraction', masks: 5, complex }, 5);
  return { measurements: data, signal: truth.values, real: !complex };
};

const instances: Readonly<Record<string, Objective<never>>> = {
  'coded diffraction, complex': phaseRetrieval(coded(4, true)),
  'coded diffraction, real, three entries': phaseRetrieval(coded(3, false)),
  'coded diffraction, complex, amplitudes': phaseRetrieval({ ...coded(3, true), loss: 'amplitude', start: 'spectral' }),
  'coded diffraction, real, smoothed amplitudes': phaseRetrieval({ ...coded(4, false), loss: 'smoothed-amplitude', smoothing: 0.2 }),
  'complex vectors, a real signal': phaseRetrieval({ measurements: given(true), real: true }),
  'complex vectors, a real signal, smoothed amplitudes': phaseRetrieval({ measurements: given(true), real: true, loss: 'smoothed-amplitude' }),
  'real intensities': phaseRetrieval(planted(false)),
  'complex intensities': phaseRetrieval(planted(true)),
  'real intensities, noise, spectral start': phaseRetrieval({ ...planted(false, 0.1), start: 'spectral' }),
  'complex intensities, noise, spectral start': phaseRetrieval({ ...planted(true, 0.1), start: 'spectral' }),
  'real intensities, given vectors': phaseRetrieval({ measurements: given(false) }),
  'complex intensities, given vectors': phaseRetrieval({ measurements: given(true) }),
  'real intensities, one number': phaseRetrieval({ measurements: generateIntensities({ size: 1, measurements: 1 }, 2).data }),
  'real amplitudes': phaseRetrieval({ ...planted(false), loss: 'amplitude' }),
  'complex amplitudes': phaseRetrieval({ ...planted(true), loss: 'amplitude' }),
  'real smoothed amplitudes': phaseRetrieval({ ...planted(false), loss: 'smoothed-amplitude' }),
  'complex smoothed amplitudes, a smoothing': phaseRetrieval({ ...planted(true), loss: 'smoothed-amplitude', smoothing: 0.2 }),
  'population, real': populationPhaseRetrieval({ signal: gaussian(5, 'signal') }),
  'population, complex': populationPhaseRetrieval({ signal: gaussian(6, 'signal'), complex: true }),
  'population, one number': populationPhaseRetrieval({ signal: Float64Array.of(-2) }),
};

describe.each(Object.entries(instances))('%s', (_name, objective) => {
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' }), cpu({ kernels: 'plain' })];
  it.each(objectiveChecks({ objective, backend: cpu(), others, seed: 2 }).map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});

describe('the definitions', () => {
  const { generate } = phaseRetrievalDefinition;
  const data = (settings: Record<string, unknown> = {}, seed = 3) => generate.create(parseOptions(generate.options, { size: 5, ...settings }, 'test'), seed).data;
  const create = (options: Record<string, unknown>, from = data()) => phaseRetrievalDefinition.create(parseOptions(phaseRetrievalDefinition.options, options, 'test'), from) as Objective<never>;

  it('provide at default options what they say', () => {
    expect(Object.keys(create({}).routes).sort()).toEqual([...phaseRetrievalDefinition.provides].sort());
    const population = populationDefinition.create(parseOptions(populationDefinition.options, {}, 'test'));
    expect(Object.keys(population.routes).sort()).toEqual([...populationDefinition.provides].sort());
  });

  it('make again what the options of an objective say', () => {
    for (const options of [{}, { real: true }, { loss: 'amplitude' }, { loss: 'smoothed-amplitude', start: 'spectral' }, { loss: 'smoothed-amplitude', smoothing: 0.3 }]) {
      const objective = create(options);
      const again = create(objective.options);
      expect([again.options, again.data, again.layout, again.scale]).toEqual([objective.options, objective.data, objective.layout, objective.scale]);
    }
    for (const complex of [false, true]) {
      const population = populationDefinition.create({ size: 3, complex });
      expect(populationDefinition.create(parseOptions(populationDefinition.options, population.options, 'test')).data).toBe(population.data);
    }
  });

  it('tell data apart, and draw them again from their seed', () => {
    const coded = { ensemble: 'coded-diffraction' };
    expect(new Set([data(), data({}, 4), data({ complex: 1 }), data({ noise: 0.1 }), data(coded), data({ ...coded, masks: 3 }), data(coded, 4)].map((from) => create({}, from).data)).size).toBe(7);
    expect(create({}, data(coded)).layout.blocks).toEqual([{ name: 'x', shape: [5], complex: true }]);
    expect(create({ real: true }, data(coded)).layout.blocks).toEqual([{ name: 'x', shape: [5] }]);
    expect(data({ complex: 1, noise: 0.1 })).toEqual(data({ complex: 1, noise: 0.1 }));
    expect(data().values).toHaveLength(50);
    expect(create({}, data({ complex: 1 })).layout.blocks).toEqual([{ name: 'x', shape: [5], complex: true }]);
  });
});
