import { createRegistry, errorCode, parseOptions } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import plugin from './index.ts';

const registry = createRegistry(plugin);

describe('plugin', () => {
  it.each(registry.all('optimizers').map((definition) => [definition.id, definition] as const))('%s is made from its default options', (id, definition) => {
    const defaults: unknown = parseOptions(definition.options, {}, id);
    const made = definition.create(defaults);
    expect(made.id).toBe(id);
    expect(made.requires).toEqual(definition.requires);
    expect(made.options).toEqual(defaults);
    // what a checkpoint stores makes the same optimizer again
    const again = definition.create(parseOptions(definition.options, JSON.parse(JSON.stringify(made.options)), id));
    expect(again.options).toEqual(made.options);
  });

  it.each(registry.all('parts').map((definition) => [definition.id, definition] as const))('part %s is made from its default options', (id, definition) => {
    const made = definition.create(parseOptions(definition.options, {}, id));
    expect(made.id).toBe(id);
    expect(made.requires).toEqual(definition.requires);
  });

  it.each(registry.all('initializers').map((definition) => [definition.id, definition] as const))('initializer %s is made from its default options', (id, definition) => {
    const made = definition.create(parseOptions(definition.options, {}, id));
    expect(made.id).toBe(id);
    expect(made.requires).toEqual(definition.requires);
    const again = definition.create(parseOptions(definition.options, JSON.parse(JSON.stringify(made.options)), id));
    expect(again.options).toEqual(made.options);
  });

  it('requires what the chosen geometry requires', () => {
    const definition = registry.find('optimizers', 'gradient-descent');
    const made = definition.create(parseOptions(definition.options, { geometry: 'scaled', step: { id: 'fixed', options: { step: 0.5 } } }, 'test'));
    expect(made.requires).toEqual(['valueAndGradient', 'factors']);
    expect(made.kernels).toEqual(['posvRight']);
    expect(made.readsPerStep).toBe(0);
    expect(made.options).toEqual({ step: { id: 'fixed', options: { step: 0.5 } }, geometry: { id: 'scaled', options: { damping: 0, adaptive: 0, optimum: 0 } } });
  });

  it.each([
    ['lbfgs', { memory: 0 }],
    ['gradient-descent', { step: { id: 'fixed', options: { step: -1 } } }],
    ['trust-region', { radius: Infinity }],
    ['perturbed-gradient-descent', { mode: 'wishful' }],
    ['scaled-gradient-descent', { damping: -1e-3 }],
    ['alternating-least-squares', { step: 1 }],
  ])('%s refuses %o', (id, given) => {
    const definition = registry.find('optimizers', id);
    let code: string | undefined;
    try {
      parseOptions(definition.options, given, id);
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe('LOWLAND_E_OPTIONS');
  });
});
