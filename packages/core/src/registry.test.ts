import { describe, expect, it } from 'vitest';
import { createRegistry, options, type Plugin } from './index.ts';
import { descent } from '../test/problems.ts';

const optimizer = (id: string) => ({ apiVersion: 1 as const, id, summary: '', options: options({}), create: () => descent(0.1) });
const plugin = (name: string, ...ids: string[]): Plugin => ({ apiVersion: 1, name, version: '1.0.0', optimizers: ids.map(optimizer) });

describe('createRegistry', () => {
  it('flattens lists, keeps the order, finds by kind and id', () => {
    const registry = createRegistry([plugin('a', 'lbfgs'), [[plugin('b', 'gradient-descent', 'adam')], []]]);
    expect(registry.plugins.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(registry.all('optimizers').map(({ id }) => id)).toEqual(['lbfgs', 'gradient-descent', 'adam']);
    expect(registry.all('objectives')).toEqual([]);
    expect(registry.find('optimizers', 'adam').create({}).id).toBe('descent');
    expect(createRegistry(plugin('a')).all('optimizers')).toEqual([]);
  });

  it('lets one id stand in two kinds', () => {
    const both: Plugin = { ...plugin('a', 'x'), backends: [{ ...optimizer('x'), create: () => null as never }] };
    expect(createRegistry(both).find('backends', 'x').id).toBe('x');
  });

  it.each([
    ['lbgfs', 'Did you mean "lbfgs"?'],
    ['LBFGS', 'Did you mean "lbfgs"?'],
    ['gradient', 'Did you mean "gradient-descent"?'],
    ['zzzzz', 'There are lbfgs, gradient-descent, adam.'],
  ])('answers %s with a hint', (given, hint) => {
    const registry = createRegistry(plugin('a', 'lbfgs', 'gradient-descent', 'adam'));
    expect(() => registry.find('optimizers', given)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_UNKNOWN_ID', message: `There is no optimizer "${given}". ${hint}` }));
    expect(() => registry.find('analyses', given)).toThrow(`There is no analysis "${given}". There are none.`);
  });

  it('refuses duplicates, other versions and what is no plugin', () => {
    const refused = (given: unknown) => {
      try {
        createRegistry(given as Plugin);
        return 'accepted';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(refused([plugin('a', 'x'), plugin('b', 'x')])).toBe('LOWLAND_E_DUPLICATE_ID');
    expect(() => createRegistry([plugin('a', 'x'), plugin('b', 'x')])).toThrow('Two plugins define optimizer "x": "a" and "b".');
    expect(refused({ ...plugin('a'), apiVersion: 2 })).toBe('LOWLAND_E_API_VERSION');
    expect(refused({ ...plugin('a'), optimizers: [{ ...optimizer('x'), apiVersion: 2 }] })).toBe('LOWLAND_E_API_VERSION');
    for (const wrong of [null, 5, {}, { default: plugin('a') }, { ...plugin('a'), optimizers: {} }, { ...plugin('a'), optimizers: [{ id: 'x' }] }]) {
      expect(refused(wrong)).toBe('LOWLAND_E_PLUGIN');
    }
  });
});
