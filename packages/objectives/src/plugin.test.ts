import { errorCode, parseOptions, type DataForm, type DataMap, type Schema } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { probe } from '../test/support.ts';
import plugin, { betaFamily } from './index.ts';

// Signals have neither rows nor a rank: phase retrieval has these tests in its folder.
const withData = plugin.objectives!.filter(({ data, id }) => data !== 'none' && id !== 'phase-retrieval');

describe.each(plugin.objectives!.filter(({ data }) => data === 'none').map((definition) => [definition.id, definition] as const))('%s', (_id, definition) => {
  const create = (given: object) => definition.create(parseOptions(definition.options, given, definition.id), undefined);

  it('provides at default options what it says', () => {
    expect(Object.keys(create({}).routes).sort()).toEqual([...definition.provides!].sort());
  });

  it('is rebuilt by its id and options', () => {
    const objective = create({});
    expect(objective.id).toBe(definition.id);
    expect(create(objective.options)).toMatchObject({ options: objective.options, layout: objective.layout });
  });
});

/** Settings of small data, where they are not those of a planted matrix. */
const small: Readonly<Record<string, object>> = {
  'quadratic-network': { inputs: 7, rank: 2 },
  'generalized-eigenvalue': { size: 7 },
  'principal-components': { size: 7, samples: 9 },
  brockett: { size: 7 },
  'constrained-factorization': { rows: 7, rank: 2 },
  'max-cut': { size: 9 },
  'orthogonal-cut': { blocks: 4 },
};
const accepted = (schema: Schema<unknown>): object => schema['~standard'].jsonSchema!.input({ target: 'draft-2020-12' })['properties'] as object;

describe.each(withData.map((definition) => [definition.id, definition] as const))('%s', (id, definition) => {
  const { generate } = definition;
  // what grows has a rank
  const ranked = definition.provides!.includes('grow');
  const least = ranked ? { rank: 2 } : {};
  const data = (settings: Record<string, unknown> = {}, seed = 3): DataMap[DataForm] =>
    generate!.create(parseOptions(generate!.options, { ...(small[id] ?? { rows: 7, cols: 7, rank: 2 }), ...settings }, 'test'), seed).data;
  const create = (given: Record<string, unknown>, from = data()) => definition.create(parseOptions(definition.options, given, definition.id), from);

  it('provides at default options what it says', () => {
    expect(Object.keys(create(least).routes).sort()).toEqual([...definition.provides!].sort());
  });

  it('is rebuilt by its id and options', () => {
    const known = accepted(definition.options);
    for (const given of [least, { ...('rank' in known && { rank: 3 }), ...('lambda' in known && { lambda: 0.5 }) }]) {
      const objective = create(given);
      const again = create(objective.options);
      expect(objective.id).toBe(definition.id);
      expect(again.options).toEqual(objective.options);
      expect(again.data).toBe(objective.data);
      expect(again.layout).toEqual(objective.layout);
    }
  });

  it('names its data: other data, another fingerprint', () => {
    expect(create(least, data({}, 4)).data).not.toBe(create(least).data);
  });

  if (ranked) {
    it('needs a rank', () => {
      let caught: unknown;
      try {
        create({});
      } catch (error) {
        caught = error;
      }
      expect(errorCode(caught)).toBe('LOWLAND_E_RANK');
    });
  }

  it('generates the same data for the same seed', () => {
    const settings = 'noise' in accepted(generate!.options) ? { noise: 0.3 } : {};
    expect(data(settings)).toEqual(data(settings));
  });
});

it('makes the symmetric problems by option', () => {
  const [factorization, , sensing] = plugin.objectives!;
  for (const definition of [factorization!, sensing!]) {
    const { generate } = definition;
    const { data } = generate!.create(parseOptions(generate!.options, { rows: 6, rank: 2, symmetric: 1 }, 'test'), 1);
    const objective = definition.create(parseOptions(definition.options, { rank: 2, symmetric: true }, definition.id), data);
    expect(objective.layout.blocks).toEqual([{ name: 'X', shape: [6, 2] }]);
  }
});

it('counts bytes: at least data and variables, half as many in f32', () => {
  const objective = betaFamily(1.2);
  expect(objective.bytes('f64')).toBeGreaterThanOrEqual(8 * (12 + 3 + 2));
  expect(objective.bytes('f32')).toBe(objective.bytes('f64') / 2);
  expect(probe(objective).size).toBe(2);
});
