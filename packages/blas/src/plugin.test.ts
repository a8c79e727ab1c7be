import { parseOptions } from '@lowland/core';
import { expect, it } from 'vitest';

import { describeNative } from '../test/system.ts';
import plugin from './index.ts';

describeNative('the definition', () => {
  const definition = plugin.backends![0]!;
  it('makes the backend of its options', () => {
    const make = (given: Record<string, unknown>) => definition.create(parseOptions(definition.options, given, definition.id));
    expect(make({})).toMatchObject({ id: definition.id, dtype: 'f64', determinism: 'tolerance' });
    expect(make({ dtype: 'f32', threads: 1 })).toMatchObject({ dtype: 'f32' });
    expect(() => make({ threads: 0 })).toThrow(expect.objectContaining({ code: expect.stringMatching(/^LOWLAND_E_/) as string }));
  });
});
