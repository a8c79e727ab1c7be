import { cpu } from '@lowland/linalg';
import { plugin as objectives } from '@lowland/objectives';
import { fixed, gradientDescent, langevin, scaledGradientDescent, spectral } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { phaseMap, type PhaseMapOptions } from './phase-map.ts';
import { wilson } from './wilson.ts';

const backend = cpu();
const objective = (id: string) => objectives.objectives!.find((definition) => definition.id === id)!;

describe('phaseMap', () => {
  // catalogue O6 [D]: n = 20, r = 2, oversampling 1.2 of r (2 n - r) = 76: 0 of 12; 3: 12 of 12. Bounds 5 standard errors from shares of 0.1 and 0.97.
  it('finds the transition of sensing by scaled gradient descent from spectral starts', async () => {
    const map = await phaseMap({
      objective: objective('matrix-sensing'),
      axes: [{ name: 'measurements', values: [91, 228] }],
      data: { rows: 20, cols: 20, rank: 2 },
      options: { normalisation: 'mean' },
      optimizer: scaledGradientDescent({ step: fixed({ step: 0.3 }), adaptive: 0 }),
      init: spectral(),
      backend,
      trials: 12,
      steps: 600,
    });
    expect([map.routes.fused, map.routes.loop]).toEqual([0, 2]);
    const [few, many] = map.cells;
    expect([few!.freedom, many!.freedom]).toEqual([76, 76]);
    expect(few!.successes).toBeLessThanOrEqual(6);
    expect(many!.successes).toBeGreaterThanOrEqual(9);
    expect(many!.medianSteps).toBeLessThan(600);
  });

  // catalogue O3 [D]: n = 60, eta = 0.1, success to 1e-5 in 2000 steps from random starts: 0.15 at m / n = 3, 1.0 at 8, of 20. Bounds 5 standard errors from 0.15 and 0.95.
  it('finds the transition of phase retrieval by gradient descent from random starts', async () => {
    const { cells, routes } = await phaseMap({
      objective: objective('phase-retrieval'),
      axes: [{ name: 'measurements', values: [180, 480] }],
      data: { size: 60 },
      optimizer: gradientDescent({ step: fixed({ step: 0.1 }) }),
      backend,
      steps: 2000,
      tolerance: 1e-5,
    });
    expect([routes.fused, routes.loop]).toEqual([0, 2]);
    expect(cells[0]!.successes).toBeLessThanOrEqual(11);
    expect(cells[1]!.successes).toBeGreaterThanOrEqual(14);
  });

  it('is the same by ensembles and run by run, over two axes', async () => {
    const method = gradientDescent({ step: fixed({ step: 0.1 }) });
    const { ensemble: _, ...alone } = method;
    const seen: string[] = [];
    const common = {
      objective: objective('matrix-sensing'),
      axes: [{ name: 'measurements', values: [8, 40] }, { name: 'rank', values: [1, 2] }] as const,
      data: { rows: 4, cols: 4 },
      options: { normalisation: 'mean' },
      backend,
      trials: 4,
      steps: 300,
      seed: 7,
    };
    const fused = await phaseMap({ ...common, optimizer: method, progress: (done, of) => void seen.push(`${done}/${of}`) });
    const loop = await phaseMap({ ...common, optimizer: alone });
    expect(fused.cells.map(({ at }) => at)).toEqual([[8, 1], [40, 1], [8, 2], [40, 2]]);
    expect(fused.cells.map(({ freedom }) => freedom)).toEqual([7, 7, 12, 12]);
    expect(seen).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(loop.cells).toEqual(fused.cells);
    expect([fused.routes.fused, loop.routes.loop]).toEqual([4, 4]);
    expect(loop.routes.notes).toEqual([expect.stringContaining('one after another')]);
    expect(fused.cells[1]!.successes).toBe(4);
  });

  it('keeps what it has when it is interrupted', async () => {
    const control = new AbortController();
    const { cells } = await phaseMap({
      objective: objective('matrix-factorization'), axes: [{ name: 'rows', values: [3, 4, 5] }], data: { cols: 3, rank: 1 }, options: { rank: 1 },
      optimizer: gradientDescent({ step: fixed({ step: 0.1 }) }), backend, trials: 2, steps: 10, signal: control.signal, progress: () => { control.abort(); },
    });
    expect(cells).toHaveLength(1);
  });

  it('has no cell of runs that were cut short', async () => {
    const control = new AbortController();
    setTimeout(() => { control.abort(); }, 100);
    const { cells } = await phaseMap({
      objective: objective('matrix-factorization'), axes: [{ name: 'rows', values: [3] }], data: { cols: 3, rank: 1 }, options: { rank: 1 },
      optimizer: langevin({ step: 1e-9 }), backend, trials: 2, steps: 1e9, signal: control.signal,
    });
    expect(cells).toEqual([]);
  });

  const refused: [string, string, Partial<PhaseMapOptions>, string][] = [
    ['an unknown setting', 'matrix-sensing', { axes: [{ name: 'nothing', values: [1] }] }, 'LOWLAND_E_UNKNOWN_ID'],
    ['an empty axis', 'matrix-sensing', { axes: [{ name: 'rank', values: [] }] }, 'LOWLAND_E_OPTIONS'],
    ['one axis twice', 'matrix-sensing', { axes: [{ name: 'rank', values: [1] }, { name: 'rank', values: [1] }] }, 'LOWLAND_E_OPTIONS'],
    ['no measurements', 'matrix-sensing', { axes: [{ name: 'measurements', values: [0, 5] }] }, 'LOWLAND_E_OPTIONS'],
    ['no trials', 'matrix-sensing', { trials: 0 }, 'LOWLAND_E_OPTIONS'],
    ['no tolerance', 'matrix-sensing', { tolerance: 0 }, 'LOWLAND_E_OPTIONS'],
    ['no generator', 'double-well', {}, 'LOWLAND_E_CAPABILITY'],
  ];
  it.each(refused)('refuses %s', async (_, id, given, code) => {
    const map = phaseMap({ objective: objective(id), axes: [{ name: 'rank', values: [1] }], optimizer: langevin(), backend, ...given });
    await expect(map).rejects.toMatchObject({ code });
  });
});

// Table I of Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E): method 3, to four digits
it.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('Wilson intervals of %i in %i', (successes, trials, low, high) => {
  const [from, to] = wilson(successes, trials, 1.959964);
  expect(from).toBeCloseTo(low, 4);
  expect(to).toBeCloseTo(high, 4);
});
