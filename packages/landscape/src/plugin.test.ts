import { createRegistry, errorCode, parseOptions } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import plugin from './index.ts';

const registry = createRegistry(plugin);

describe('plugin', () => {
  it('holds the analyses', () => {
    expect(registry.all('analyses').map(({ id }) => id)).toEqual(expect.arrayContaining(['certify', 'classify']));
  });

  it.each(registry.all('analyses').map((definition) => [definition.id, definition] as const))('%s is made from its default options', (id, definition) => {
    const made = definition.create(parseOptions(definition.options, {}, id));
    expect(made.id).toBe(id);
    expect(made.requires).toEqual(definition.requires);
    expect(made.dtype).toBe('f64');
  });

  it.each([
    ['certify', { tolerance: 0 }],
    ['classify', { lanczosSteps: 0 }],
  ])('%s refuses %o', (id, given) => {
    let code: string | undefined;
    try {
      parseOptions(registry.find('analyses', id).options, given, id);
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe('LOWLAND_E_OPTIONS');
  });
});
