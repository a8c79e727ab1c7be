import { bind, createPoint, streamKey, type Capability, type Device, type Measurements, type Objective, type Problem } from '@lowland/core';
import { cpu, matrix, symmetricEigen } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian } from '../../test/support.ts';
import { matrixSensing, symmetricSensing } from '../matrix-sensing/sensing.ts';
import { seededMasks } from './coded-diffraction.ts';
import { generateIntensities } from './generate.ts';
import { phaseLosses, phaseRetrieval, type PhaseRetrievalOptions } from './phase-retrieval.ts';
import { vectorsOf } from './vectors.ts';

const device = cpu().open() as Device;

/** Everything numeric that the objective gives at a point, one list after another. */
function numbers(objective: Objective<never>, x: Float64Array, v: Float64Array): Float64Array[] {
  const memory = device.memory();
  const names = Object.keys(objective.routes) as Capability[];
  const problem = bind(objective, device, names as never[]).problem as unknown as Partial<Problem<Capability>>;
  const vector = (data: Float64Array) => {
    const made = memory.vector(data.length);
    device.write(made, data);
    return made;
  };
  const call = (length: number, oracle: (out: ReturnType<typeof vector>) => void): Float64Array => {
    const out = vector(new Float64Array(length).fill(NaN));
    oracle(out);
    return device.read(out) as Float64Array;
  };
  const [at, along] = [vector(x), vector(v)];
  const { length, evaluate, jvp, vjp } = problem.residual!;
  const w = vector(gaussian(length, 'w'));
  const estimate = new Float64Array(x.length);
  problem.estimate!.apply(v, estimate, false);
  return [
    call(1, (out) => { problem.value!(at, out); }),
    call(x.length, (out) => { problem.gradient!(at, out); }),
    ...(problem.hessianVectorProduct ? [call(x.length, (out) => { problem.hessianVectorProduct!(at, along, out); })] : []),
    call(length, (out) => { evaluate(at, out); }),
    call(length, (out) => { jvp(at, along, out); }),
    call(x.length, (out) => { vjp(at, w, out); }),
    call(x.length, (out) => { problem.stochasticGradient!.gradient(at, Int32Array.of(length - 1, 0, length - 1), out); }),
    estimate,
    Float64Array.of(problem.estimate!.squaredNorm!, ...(problem.scale ? [problem.scale.zeroValue, problem.scale.gradient(createPoint(objective.layout, x)), problem.scale.hessianLipschitz(createPoint(objective.layout, x))] : [])),
  ];
}

/** The vectors themselves: a_(l n + k)(j) = d_l(j) exp(2 pi i j k / n). */
function explicit(masks: Float64Array, n: number): Float64Array {
  const patterns = masks.length / (2 * n);
  const out = new Float64Array(2 * patterns * n * n);
  for (let l = 0; l < patterns; l++) {
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < n; j++) {
        const [c, s] = [Math.cos((2 * Math.PI * j * k) / n), Math.sin((2 * Math.PI * j * k) / n)];
        const [re, im] = [masks[2 * (l * n + j)]!, masks[2 * (l * n + j) + 1]!];
        const at = 2 * ((l * n + k) * n + j);
        out[at] = re * c - im * s;
        out[at + 1] = re * s + im * c;
      }
    }
  }
  return out;
}

describe.each([[8, 3], [6, 2], [5, 4], [1, 3]])('%i entries behind %i masks', (n, patterns) => {
  const masks = gaussian(2 * n * patterns, 'masks');
  const values = gaussian(n * patterns, 'intensities').map(Math.abs);
  const given = (ensemble: Measurements['ensemble']): Measurements => ({ rows: n, cols: n, values, ensemble });

  it.each(phaseLosses.flatMap((loss) => [[loss, false], [loss, true]] as const))('are the problem of their vectors: %s, real signal: %s', (loss, real) => {
    const settings = { loss, real, ...(loss === 'smoothed-amplitude' && { smoothing: 0.3 }) } satisfies Omit<PhaseRetrievalOptions, 'measurements'>;
    const x = gaussian(real ? n : 2 * n, 'x');
    const v = gaussian(x.length, 'v');
    const coded = numbers(phaseRetrieval({ measurements: given({ kind: 'coded-diffraction', masks }), ...settings }), x, v);
    const held = numbers(phaseRetrieval({ measurements: given({ kind: 'rank-one', left: explicit(masks, n), complex: true }), ...settings }), x, v);
    expect(coded.length).toBe(held.length);
    coded.forEach((list, i) => {
      const size = Math.hypot(...held[i]!);
      expect(Math.hypot(...list.map((value, k) => value - held[i]![k]!))).toBeLessThan((i === coded.length - 1 ? 1e-6 : 1e-12) * size + 1e-300);
    });
  });

  it('have rows that are the vectors', () => {
    const vectors = vectorsOf(given({ kind: 'coded-diffraction', masks }));
    const rows = explicit(masks, n);
    const row = new Float64Array(2 * n);
    for (let k = 0; k < vectors.count; k++) {
      vectors.row(k, row);
      const expected = rows.subarray(2 * k * n, 2 * (k + 1) * n).map((value, i) => (i % 2 === 0 ? value : -value));
      expect(Math.hypot(...row.map((value, i) => value - expected[i]!))).toBeLessThan(1e-13 * n);
      expect(vectors.squaredNorm(k)).toBeCloseTo(expected.reduce((sum, value) => sum + value * value, 0), 12);
    }
  });
});

describe('seeded masks', () => {
  it('are octanary: four directions, sqrt 3 one time in five, else 1 / sqrt 2', () => {
    const masks = seededMasks(3, 40, 100);
    expect(seededMasks(3, 41, 100).subarray(0, masks.length)).toEqual(masks);
    const counts = new Map<string, number>();
    for (let k = 0; k < masks.length; k += 2) {
      const name = `${masks[k]!.toFixed(4)} ${masks[k + 1]!.toFixed(4)}`.replaceAll('-0.0000', '0.0000');
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const [name, count] of counts) {
      const expected = name.includes('1.7321') ? 200 : 800;
      // five standard errors
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it('give the signal as the leading eigenvector of the estimate, |x|^2 its eigenvalue, as Gaussian vectors do', () => {
    const n = 8;
    for (const [ensemble, complex] of [['coded-diffraction', true], ['coded-diffraction', false], ['gaussian', true], ['gaussian', false]] as const) {
      const { data, truth } = generateIntensities({ size: n, ensemble, complex, ...(ensemble === 'gaussian' ? { measurements: 20_000 } : { masks: 2500 }) }, 5);
      const objective = phaseRetrieval({ measurements: data, real: !complex });
      const side = complex ? 2 * n : n;
      const { estimate } = bind(objective, device, ['estimate']).problem;
      const dense = matrix(side, side);
      for (let k = 0; k < side; k++) estimate.apply(Float64Array.from({ length: side }, (_, i) => Number(i === k)), dense.data.subarray(k * side, (k + 1) * side), false);
      const { values, vectors } = symmetricEigen(dense);
      // standard errors of at most 4%
      expect(Math.abs(values[0]! - 1)).toBeLessThan(0.2);
      expect(values[complex ? 2 : 1]).toBeLessThan(0.7);
      expect(Math.abs(estimate.squaredNorm! - 1)).toBeLessThan(0.1);
      let along = 0;
      for (let j = 0; j < side; j++) along += truth.values[j]! * vectors.data[j * side]!;
      if (!complex) expect(Math.abs(along)).toBeGreaterThan(0.99);
    }
  });
});

describe('recovers the signal from eight masks by spectral starts and a search along the gradient', () => {
  it.each([[32, true], [32, false], [30, true]])('of %i entries, complex: %s', (size, complex) => {
    let found = 0;
    for (let seed = 0; seed < 10; seed++) {
      const { data, truth } = generateIntensities({ size, ensemble: 'coded-diffraction', complex }, seed);
      const objective = phaseRetrieval({ measurements: data, real: !complex, start: 'spectral', signal: truth.values });
      const problem = bind(objective, device, ['valueAndGradient', 'truth']).problem;
      const memory = device.memory();
      const point = objective.initial(streamKey(seed, 'init'));
      const [x, trial, value, gradient, there] = [memory.vector(point.data.length), memory.vector(point.data.length), memory.vector(1), memory.vector(point.data.length), memory.vector(point.data.length)];
      device.write(x, point.data);
      const { axpy, copy } = device.kernels;
      for (let k = 0; k < 500; k++) {
        problem.valueAndGradient(x, value, gradient);
        const [f, square] = [device.scalar(value) as number, (device.read(gradient) as Float64Array).reduce((sum, g) => sum + g * g, 0)];
        for (let step = 0.5; step > 1e-6; step /= 2) {
          copy(x, trial);
          axpy(-step, gradient, trial);
          problem.valueAndGradient(trial, value, there);
          if ((device.scalar(value) as number) <= f - 0.1 * step * square) break;
        }
        copy(trial, x);
        if (square < 1e-24) break;
      }
      if (problem.truth.distance!(createPoint(objective.layout, device.read(x) as Float64Array)) < 1e-5) found++;
    }
    expect(found).toBeGreaterThanOrEqual(9);
  });
});

describe('refuses', () => {
  const { data } = generateIntensities({ size: 4, ensemble: 'coded-diffraction', masks: 2 }, 1);
  const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
  const ensemble = (masks: Float64Array) => ({ ...data, ensemble: { kind: 'coded-diffraction' as const, masks } });
  const cases: readonly (readonly [string, string, () => unknown])[] = [
    ['intensities that are no multiple of the entries', 'LOWLAND_E_SHAPE', () => phaseRetrieval({ measurements: { ...data, values: data.values.subarray(0, 7) } })],
    ['masks of another length', 'LOWLAND_E_SHAPE', () => phaseRetrieval({ measurements: ensemble(new Float64Array(8)) })],
    ['a mask with NaN', 'LOWLAND_E_NOT_FINITE', () => phaseRetrieval({ measurements: ensemble(new Float64Array(16).fill(NaN)) })],
    ['a number of measurements beside masks', 'LOWLAND_E_OPTIONS', () => generateIntensities({ size: 4, ensemble: 'coded-diffraction', measurements: 9 }, 1)],
    ['no masks', 'LOWLAND_E_OPTIONS', () => generateIntensities({ size: 4, ensemble: 'coded-diffraction', masks: 0 }, 1)],
    ['seeded masks for sensing', 'LOWLAND_E_ENSEMBLE', () => matrixSensing({ measurements: data, rank: 1 })],
    ['given masks for sensing', 'LOWLAND_E_ENSEMBLE', () => symmetricSensing({ measurements: ensemble(new Float64Array(16).fill(1)), rank: 1 })],
  ];
  it.each(cases)('%s: %s', (_what, expected, make) => {
    expect(make).toThrow(code(expected));
  });
});
