import { describe, expect, it } from 'vitest';
import { blockLength, blockOf, createPoint, errorCode, layoutLength, LowlandError, sameLayout } from './index.ts';

const layout = { blocks: [{ name: 'U', shape: [2, 3] }, { name: 'core', shape: [2, 2, 2] }, { name: 'z', shape: [2], complex: true as const }] };

describe('layouts', () => {
  it('count numbers, two for each complex entry', () => {
    expect(layout.blocks.map(blockLength)).toEqual([6, 8, 4]);
    expect(layoutLength(layout)).toBe(18);
    expect(layoutLength({ blocks: [] })).toBe(0);
  });

  it('cut points into live blocks', () => {
    const point = createPoint(layout);
    blockOf(point, 'core')[0] = 5;
    expect(point.data[6]).toBe(5);
    expect(blockOf(point, 'z')).toHaveLength(4);
    expect(() => blockOf(point, 'V')).toThrow(expect.objectContaining({ code: 'LOWLAND_E_BLOCK', message: 'No block "V" in this point; it has U, core, z.' }));
    expect(() => createPoint(layout, new Float64Array(3))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
  });

  it('are the same where names, shapes, order and complexity are', () => {
    const [U, core, z] = layout.blocks as [(typeof layout.blocks)[0], (typeof layout.blocks)[1], (typeof layout.blocks)[2]];
    expect(sameLayout(layout, structuredClone(layout))).toBe(true);
    for (const blocks of [[U, core], [core, U, z], [U, core, { name: 'z', shape: [2] }], [{ ...U, shape: [3, 2] }, core, z], [{ ...U, name: 'V' }, core, z], [U, { ...core, shape: [2, 4] }, z]]) {
      expect(sameLayout(layout, { blocks })).toBe(false);
    }
  });
});

describe('errors', () => {
  it('are known by their code, whatever class they have', () => {
    const error = new LowlandError('LOWLAND_E_TEST', 'text', { cause: 1, details: { given: 2 } });
    expect([error.code, error.message, error.cause, error.details]).toEqual(['LOWLAND_E_TEST', 'text', 1, { given: 2 }]);
    expect(errorCode(error)).toBe('LOWLAND_E_TEST');
    expect(errorCode({ code: 'LOWLAND_E_OTHER' })).toBe('LOWLAND_E_OTHER');
    for (const other of [new Error('x'), { code: 'ENOENT' }, { code: 5 }, null, 'LOWLAND_E_TEST']) expect(errorCode(other)).toBeUndefined();
  });
});
