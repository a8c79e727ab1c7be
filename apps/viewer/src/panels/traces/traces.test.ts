import { describe, expect, it } from 'vitest';

import type { RunView, SnapshotView } from '../../model/types.ts';
import { light } from '../draw/theme.ts';
import { svgDocument } from '../export/picture.ts';
import { atCursor, drawTraces, traceLines } from './draw-traces.ts';
import { available, fittingAxis, leastSeen, quantities, type QuantityId } from './quantities.ts';

const run = (label: string, value: readonly number[], snapshots: readonly Partial<SnapshotView>[] = []): RunView => ({
  id: label, label, optimizer: label, status: 'ended', message: null, stop: null, verdict: null, plan: null, work: null,
  trace: { iteration: Float64Array.from(value, (_, k) => 10 * k), seconds: Float64Array.from(value, (_, k) => k / 4), value: Float64Array.from(value), gradientNorm: Float64Array.from(value, () => NaN) },
  snapshots: snapshots.map((row, k) => ({ iteration: 10 * k, seconds: k / 4, value: 1, gradientNorm: 1, tracked: {}, ...row })),
});
const named = (id: QuantityId) => quantities.find((quantity) => quantity.id === id)!;

describe('what can be drawn over runs', () => {
  const a = run('a', [4, 1e-3, 1e-9, 0, NaN], [{ tracked: { sharpness: 3, region: 'R1' } }, { tracked: { sharpness: 2 } }]);
  const b = run('b', [2, -1]);

  it('is what some run has a number of', () => {
    expect(available([a]).map(({ id }) => id)).toEqual(['value', 'above', 'sharpness']);
    expect(leastSeen([a, b])).toBe(-1);
    expect(leastSeen([run('none', [NaN])])).toBeUndefined();
  });

  it('takes a linear axis where numbers are below 0', () => {
    expect([fittingAxis(named('value'), [a]), fittingAxis(named('value'), [a, b]), fittingAxis(named('sharpness'), [a])]).toEqual(['log', 'linear', 'linear']);
    expect(traceLines([b], named('gradient'), 'log', 'iterations')).toBeUndefined();
  });

  it('marks each run at the cursor, and none where the axis has no place', () => {
    const chart = traceLines([a, b], named('value'), 'log', 'seconds')!;
    expect(atCursor(chart, 10).marks).toEqual([[0.25, 1e-3], null]);
    expect(atCursor(chart, 0).marks).toEqual([[0, 4], [0, 2]]);
    expect(atCursor(chart, null).marks).toEqual([null, null]);
  });

  it('has the range of the runs that did not diverge, and says which leave it', () => {
    const off = { ...run('off', [4, 1e3, 1e100, 1e184]), stop: { reason: 'diverged', rule: 'not-finite' } };
    const chart = traceLines([run('on', [4, 1e-3, 1e-9]), off], named('value'), 'log', 'iterations')!;
    expect([chart.y.to < 1e4, chart.y.from <= 1e-9, chart.leaving]).toEqual([true, true, [1]]);
    expect(atCursor(chart, 0).marks).toEqual([[0, 4], [0, 4]]);
    expect(atCursor(chart, null).marks[1]).toBeNull();
    const linear = traceLines([run('on', [4, 0]), off], named('value'), 'linear', 'iterations')!;
    expect([linear.y.to < 10, linear.leaving]).toEqual([true, [1]]);
    expect(svgDocument(drawTraces([atCursor(linear, null)], [off, off]), light, { width: 600, height: 236 }, 'Traces')).not.toMatch(/e\+|Infinity|NaN/);
    const alone = traceLines([off], named('value'), 'log', 'iterations')!;
    expect([alone.y.to >= 1e184, alone.leaving]).toEqual([true, []]);
  });

  it('is drawn into files with a key, lines told apart by colour and dash', () => {
    const charts = [named('value'), named('sharpness')].map((quantity) => atCursor(traceLines([a, b], quantity, 'linear', 'iterations')!, null));
    const text = svgDocument(drawTraces(charts, [a, b]), light, { width: 600, height: 436 }, 'Traces');
    expect(text).not.toMatch(/NaN|undefined/);
    for (const words of ['>a<', '>b<', '>value<', '>sharpness<', '>iterations<']) expect(text).toContain(words);
    expect(text).toContain(`stroke="${light.runs[1]!}" stroke-width="1.8" stroke-linejoin="round" stroke-dasharray="8 4"`);
  });
});
