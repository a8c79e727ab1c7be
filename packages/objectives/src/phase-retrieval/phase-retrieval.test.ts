import { bind, createPoint, normals, streamKey, type Device, type Objective, type Problem, type Vec } from '@lowland/core';
import { cpu, matrix, symmetricEigen } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, largest, listDistance } from '../../test/support.ts';
import { rankOneGaussian } from '../matrix-sensing/gaussian.ts';
import { symmetricSensing } from '../matrix-sensing/sensing.ts';
import { generateIntensities, type GenerateIntensitiesOptions } from './generate.ts';
import { phaseRetrieval, type PhaseRetrievalOptions } from './phase-retrieval.ts';
import { populationPhaseRetrieval } from './population.ts';
import { complexGaussian } from './held-vectors.ts';

const device = cpu().open() as Device;

/** Oracles as functions of plain arrays. */
function oracles(objective: Objective<never>) {
  const memory = device.memory();
  const problem = bind(objective, device, Object.keys(objective.routes) as never[]).problem as unknown as Problem<'value' | 'gradient' | 'hessianVectorProduct' | 'truth'>;
  const size = createPoint(objective.layout).data.length;
  const [x, v, out, value] = [size, size, size, 1].map((length) => memory.vector(length)) as [Vec, Vec, Vec, Vec];
  const read = () => device.read(out) as Float64Array;
  const curve = (at: Float64Array, along: Float64Array) => {
    device.write(x, at);
    device.write(v, along);
    problem.hessianVectorProduct(x, v, out);
    return read();
  };
  return {
    truth: problem.truth,
    value: (at: Float64Array) => {
      device.write(x, at);
      problem.value(x, value);
      return device.scalar(value) as number;
    },
    gradient: (at: Float64Array) => {
      device.write(x, at);
      problem.gradient(x, out);
      return read();
    },
    spectrum: (at: Float64Array): number[] => {
      const h = matrix(size, size);
      for (let k = 0; k < size; k++) h.data.set(curve(at, Float64Array.from({ length: size }, (_, i) => Number(i === k))), k * size);
      return [...symmetricEigen(h).values];
    },
  };
}

const repeated = (count: number, value: number): number[] => new Array<number>(count).fill(value);

describe('the population, |u| = 1', () => {
  const n = 7;
  const unit = (length: number): Float64Array => {
    const u = gaussian(length, 'direction');
    const size = Math.hypot(...u);
    return u.map((value) => value / size);
  };

  it('real: its stationary points have the spectra {-3, -1 …}, {-2, 0 …, 2}, {2 …, 6} (F11)', () => {
    const { truth, value, gradient, spectrum } = oracles(populationPhaseRetrieval({ signal: unit(n) }));
    const [origin, plus, minus, saddle] = [...truth.stationaryPoints!()].map(({ data }) => data);
    const expected: (readonly [Float64Array, number, number[]])[] = [
      [origin!, 3 / 4, [-3, ...repeated(n - 1, -1)]],
      [saddle!, 2 / 3, [-2, ...repeated(n - 2, 0), 2]],
      [plus!, 0, [...repeated(n - 1, 2), 6]],
      [minus!, 0, [...repeated(n - 1, 2), 6]],
    ];
    for (const [point, f, eigenvalues] of expected) {
      expect(value(point)).toBeCloseTo(f, 14);
      expect(largest(gradient(point))).toBeLessThan(1e-14);
      expect(listDistance(spectrum(point), eigenvalues)).toBeLessThan(1e-13);
    }
  });

  it('complex: {-4, -4, -2 …}, {-2, -2, 0 …, 4}, {0, 2 …, 8} (F12)', () => {
    const { truth, value, gradient, spectrum } = oracles(populationPhaseRetrieval({ signal: unit(2 * n), complex: true }));
    const [origin, plus, minus, saddle] = [...truth.stationaryPoints!()].map(({ data }) => data);
    const turned = Float64Array.from(plus!, (_, j) => (j % 2 === 0 ? -plus![j + 1]! : plus![j - 1]!));
    const least = [0, ...repeated(2 * n - 2, 2), 8];
    const expected: (readonly [Float64Array, number, number[]])[] = [
      [origin!, 1, [-4, -4, ...repeated(2 * n - 2, -2)]],
      [saddle!, 3 / 4, [-2, -2, ...repeated(2 * n - 3, 0), 4]],
      [plus!, 0, least],
      [minus!, 0, least],
      [turned, 0, least],
    ];
    for (const [point, f, eigenvalues] of expected) {
      expect(value(point)).toBeCloseTo(f, 14);
      expect(largest(gradient(point))).toBeLessThan(1e-14);
      expect(listDistance(spectrum(point), eigenvalues)).toBeLessThan(1e-13);
    }
  });

  it.each([false, true])('is the mean of the intensities of Gaussian vectors, complex: %s', (complex) => {
    // Means over 40000 vectors differ by 1% in the value and 3% in the gradient; the bands are more than five times as wide.
    const length = complex ? 6 : 3;
    const signal = unit(length);
    const x = gaussian(length, 'elsewhere', 2).map((value) => value / 2);
    const count = 40_000;
    const ensemble = complex
      ? { kind: 'rank-one' as const, left: complexGaussian(3, count, 3), complex: true as const }
      : rankOneGaussian(3, count, 3);
    const intensities = (a: Float64Array, at: Float64Array) => Float64Array.from({ length: count }, (_, k) => {
      let [re, im] = [0, 0];
      for (let j = 0; j < 3; j++) {
        if (!complex) re += a[3 * k + j]! * at[j]!;
        else {
          const [ar, ai, xr, xi] = [a[6 * k + 2 * j]!, -a[6 * k + 2 * j + 1]!, at[2 * j]!, at[2 * j + 1]!];
          re += ar * xr - ai * xi;
          im += ar * xi + ai * xr;
        }
      }
      return re * re + im * im;
    });
    const sampled = oracles(phaseRetrieval({ measurements: { rows: 3, cols: 3, values: intensities(ensemble.left, signal), ensemble } }));
    const mean = oracles(populationPhaseRetrieval({ signal, complex }));
    expect(sampled.value(x) / mean.value(x)).toBeGreaterThan(0.8);
    expect(sampled.value(x) / mean.value(x)).toBeLessThan(1.2);
    const [g, m] = [sampled.gradient(x), mean.gradient(x)];
    expect(Math.hypot(...g.map((value, i) => value - m[i]!))).toBeLessThan(0.2 * Math.hypot(...m));
  });
});

it('has half the value that sensing has with c = 1/m and one column, for real signals', () => {
  const { data } = generateIntensities({ size: 5, measurements: 31 }, 8);
  const [phase, sensing] = [oracles(phaseRetrieval({ measurements: data })), oracles(symmetricSensing({ measurements: data, rank: 1, normalisation: 'mean' }))];
  const x = gaussian(5, 'x');
  expect(2 * phase.value(x)).toBeCloseTo(sensing.value(x), 12);
  expect(largest(phase.gradient(x).map((value, i) => 2 * value - sensing.gradient(x)[i]!))).toBeLessThan(1e-12 * largest(sensing.gradient(x)));
});

/**
 * Descent with steps halved from `first` until f falls by `share` of step |gradient|^2, to distance `goal` of the signal. Iterations, or Infinity.
 */
function descend(objective: ReturnType<typeof oracles>, start: Float64Array, first: number, share: number, goal: number, most: number): number {
  const { value, gradient, truth } = objective;
  let x = start;
  for (let k = 0; k < most; k++) {
    if (truth.distance!({ layout: { blocks: [] }, data: x }) < goal) return k;
    const g = gradient(x);
    const squared = g.reduce((sum, entry) => sum + entry * entry, 0);
    const f = value(x);
    let step = first;
    const moved = () => x.map((entry, i) => entry - step * g[i]!);
    while (step > 1e-8 && value(moved()) > f - share * step * squared) step /= 2;
    if (step <= 1e-8) return Infinity;
    x = moved();
  }
  return Infinity;
}

const planted = (settings: GenerateIntensitiesOptions, seed: number, options: Omit<PhaseRetrievalOptions, 'measurements' | 'signal'> = {}) => {
  const { data, truth } = generateIntensities(settings, seed);
  return phaseRetrieval({ measurements: data, signal: truth.values, ...options });
};

describe('recovers the signal', () => {
  it('complex, from random starts and 5 n log n intensities: at least 37 of 40 (F13; Sun, Qu, Wright 2016)', () => {
    const [n, m] = [32, 555];
    let found = 0;
    for (let seed = 0; seed < 40; seed++) {
      const start = new Float64Array(2 * n);
      normals(streamKey(seed, 'start'), start);
      // Their step 1 along the derivative by the conjugate is 1/2 along this gradient, their decrease 0.8 |g|^2 a share of 0.4.
      if (descend(oracles(planted({ size: n, measurements: m, complex: true }, seed)), start, 0.5, 0.4, 1e-5, 2000) < Infinity) found++;
    }
    expect(found).toBeGreaterThanOrEqual(37);
  });

  it('real, from spectral starts and 10 n intensities, searching along the gradient: at least 37 of 40', () => {
    const [n, trials] = [60, 40];
    let found = 0;
    for (let seed = 0; seed < trials; seed++) {
      const objective = planted({ size: n, measurements: 10 * n }, seed, { start: 'spectral' });
      if (descend(oracles(objective), objective.initial(streamKey(seed, 'init')).data, 1, 0.1, 1e-5, 2000) < Infinity) found++;
    }
    expect(found).toBeGreaterThanOrEqual(37);
  });
});

describe('spectral starts', () => {
  it.each([false, true])('lie nearer the signal than Gaussian ones of the same length, complex: %s', (complex) => {
    const n = 40;
    const distances = (['spectral', 'gaussian'] as const).map((start) => {
      const objective = planted({ size: n, measurements: 10 * n, complex }, 1, { start });
      const { truth } = oracles(objective);
      const point = objective.initial(streamKey(1, 'init'));
      // |x|^2 is the mean of 400 intensities of mean 1, over the mean of |a|^2 / n.
      if (start === 'spectral') expect(Math.hypot(...point.data)).toBeGreaterThan(0.8);
      expect(Math.hypot(...point.data)).toBeLessThan(1.5);
      return truth.distance!(point);
    });
    expect(distances[0]).toBeLessThan(0.8);
    expect(distances[1]).toBeGreaterThan(0.8);
  });

  it('maximise the weighted intensities: x^* (sum y a a^*) x over all of that length', () => {
    const { data } = generateIntensities({ size: 6, measurements: 40 }, 4);
    const a = rankOneGaussian(4, 40, 6).left;
    const quotient = (x: Float64Array) => {
      let [sum, length] = [0, 0];
      for (let k = 0; k < 40; k++) sum += data.values[k]! * a.subarray(6 * k, 6 * k + 6).reduce((inner, value, j) => inner + value * x[j]!, 0) ** 2;
      for (const value of x) length += value * value;
      return sum / length;
    };
    const top = matrix(6, 6);
    for (let k = 0; k < 40; k++) for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) top.data[6 * i + j]! += data.values[k]! * a[6 * k + i]! * a[6 * k + j]!;
    const start = phaseRetrieval({ measurements: data, start: 'spectral' }).initial(streamKey(0, 'init'));
    expect(quotient(start.data) / symmetricEigen(top).values[0]!).toBeCloseTo(1, 12);
  });
});

describe('what is known of the truth', () => {
  it('the distance does not see the phase', () => {
    const { data, truth } = generateIntensities({ size: 3, complex: true }, 2);
    const { distance, optimum } = oracles(phaseRetrieval({ measurements: data, signal: truth.values })).truth;
    const turned = (c: number, s: number) => truth.values.map((value, j, all) => (j % 2 === 0 ? c * value - s * all[j + 1]! : c * value + s * all[j - 1]!));
    const layout = { blocks: [{ name: 'x', shape: [3], complex: true as const }] };
    expect(distance!({ layout, data: turned(0.6, 0.8) })).toBeLessThan(1e-15);
    expect(distance!({ layout, data: turned(1.2, 1.6) })).toBeCloseTo(1, 14);
    expect(distance!({ layout, data: new Float64Array(6) })).toBeCloseTo(1, 14);
    expect(optimum).toBe(0);
  });

  it('with noise there is no least value that is known, without a signal no distance', () => {
    const noisy = generateIntensities({ size: 3, noise: 0.1 }, 2);
    expect(oracles(phaseRetrieval({ measurements: noisy.data, signal: noisy.truth.values })).truth.optimum).toBeUndefined();
    expect(oracles(phaseRetrieval({ measurements: noisy.data })).truth.distance).toBeUndefined();
  });
});

it('takes half the root of the mean intensity as smoothing', () => {
  const { data } = generateIntensities({ size: 3 }, 2);
  const mean = data.values.reduce((sum, y) => sum + y, 0) / data.values.length;
  expect(phaseRetrieval({ measurements: data, loss: 'smoothed-amplitude' }).options['smoothing']).toBeCloseTo(0.5 * Math.sqrt(mean), 15);
});

it('smoothing lets random starts recover: more than twice as many as amplitudes alone, and at least 10 of 20', () => {
  // n = 60, m = 6n, 1500 steps of 0.8: 1 and 18 of 20.
  const found = (['amplitude', 'smoothed-amplitude'] as const).map((loss) => {
    let count = 0;
    for (let seed = 0; seed < 20; seed++) {
      const objective = planted({ size: 60, measurements: 360 }, seed, { loss, ...(loss === 'smoothed-amplitude' && { smoothing: 0.5 }) });
      const { gradient, truth } = oracles(objective);
      let x = objective.initial(streamKey(seed, 'init')).data;
      for (let k = 0; k < 1500; k++) {
        const g = gradient(x);
        x = x.map((value, i) => value - 0.8 * g[i]!);
      }
      if (truth.distance!(createPoint(objective.layout, x)) < 1e-5) count++;
    }
    return count;
  });
  expect(found[1]).toBeGreaterThanOrEqual(10);
  expect(found[1]).toBeGreaterThan(2 * found[0]!);
});

describe('refuses', () => {
  const { data, truth } = generateIntensities({ size: 3, measurements: 8 }, 1);
  const left = gaussian(24, 'left');
  const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
  const cases: readonly (readonly [string, string, () => unknown])[] = [
    ['no measurements', 'LOWLAND_E_EMPTY', () => phaseRetrieval({ measurements: { ...data, values: new Float64Array() } })],
    ['NaN', 'LOWLAND_E_NOT_FINITE', () => phaseRetrieval({ measurements: { ...data, values: data.values.map((y, k) => (k === 3 ? NaN : y)) } })],
    ['NaN in a vector', 'LOWLAND_E_NOT_FINITE', () => phaseRetrieval({ measurements: { ...data, ensemble: { kind: 'rank-one', left: left.map((y, k) => (k === 3 ? NaN : y)) } } })],
    ['a matrix that is not square', 'LOWLAND_E_SHAPE', () => phaseRetrieval({ measurements: { ...data, cols: 4 } })],
    ['vectors of another length', 'LOWLAND_E_SHAPE', () => phaseRetrieval({ measurements: { ...data, ensemble: { kind: 'rank-one', left, complex: true } } })],
    ['a signal of another length', 'LOWLAND_E_SHAPE', () => phaseRetrieval({ measurements: data, signal: new Float64Array(4) })],
    ['two-sided measurements', 'LOWLAND_E_ENSEMBLE', () => phaseRetrieval({ measurements: { ...data, ensemble: { kind: 'rank-one', left, right: left } } })],
    ['Gaussian matrices', 'LOWLAND_E_ENSEMBLE', () => phaseRetrieval({ measurements: { ...data, ensemble: { kind: 'seeded', name: 'gaussian', seed: 1, version: 1 } } })],
    ['a linear term', 'LOWLAND_E_OPTIONS', () => phaseRetrieval({ measurements: { ...data, linear: new Float64Array(9) } })],
    ['a loss of another name', 'LOWLAND_E_OPTIONS', () => phaseRetrieval({ measurements: data, loss: 'phase' as never })],
    ['a start of another name', 'LOWLAND_E_OPTIONS', () => phaseRetrieval({ measurements: data, start: 'zero' as never })],
    ['a negative smoothing', 'LOWLAND_E_OPTIONS', () => phaseRetrieval({ measurements: data, loss: 'smoothed-amplitude', smoothing: -1 })],
    ['a smoothing of intensities', 'LOWLAND_E_OPTIONS', () => phaseRetrieval({ measurements: data, smoothing: 1 })],
    ['roots of negative intensities', 'LOWLAND_E_OPTIONS', () => phaseRetrieval({ measurements: { ...data, values: data.values.map((y) => -y) }, loss: 'amplitude' })],
    ['to guess a smoothing from zeros', 'LOWLAND_E_OPTIONS', () => phaseRetrieval({ measurements: { ...data, values: new Float64Array(8) }, loss: 'smoothed-amplitude' })],
    ['a point of another length', 'LOWLAND_E_SHAPE', () => oracles(phaseRetrieval({ measurements: data, signal: truth.values })).truth.distance!({ layout: { blocks: [] }, data: new Float64Array(2) })],
    ['complex vectors for sensing', 'LOWLAND_E_SHAPE', () => symmetricSensing({ measurements: { ...data, values: data.values.subarray(0, 4), ensemble: { kind: 'rank-one', left, complex: true } }, rank: 1 })],
    ['complex seeded vectors for sensing', 'LOWLAND_E_ENSEMBLE', () => symmetricSensing({ measurements: generateIntensities({ size: 3, complex: true }, 1).data, rank: 1 })],
    ['a signal without entries', 'LOWLAND_E_SHAPE', () => populationPhaseRetrieval({ signal: new Float64Array() })],
    ['half an entry', 'LOWLAND_E_SHAPE', () => populationPhaseRetrieval({ signal: new Float64Array(3).fill(1), complex: true })],
    ['a zero signal', 'LOWLAND_E_OPTIONS', () => populationPhaseRetrieval({ signal: new Float64Array(3) })],
    ['a NaN signal', 'LOWLAND_E_NOT_FINITE', () => populationPhaseRetrieval({ signal: Float64Array.of(NaN) })],
    ['no entries', 'LOWLAND_E_OPTIONS', () => generateIntensities({ size: 0 }, 1)],
    ['half a measurement', 'LOWLAND_E_OPTIONS', () => generateIntensities({ size: 2, measurements: 1.5 }, 1)],
    ['negative noise', 'LOWLAND_E_OPTIONS', () => generateIntensities({ size: 2, noise: -1 }, 1)],
  ];
  it.each(cases)('%s: %s', (_what, expected, make) => {
    expect(make).toThrow(code(expected));
  });
});

it('a NaN at the point comes out as NaN', () => {
  for (const loss of ['intensity', 'amplitude', 'smoothed-amplitude'] as const) {
    const { value, gradient } = oracles(planted({ size: 3 }, 1, { loss }));
    expect(value(Float64Array.of(1, NaN, 0))).toBeNaN();
    expect([...gradient(Float64Array.of(1, NaN, 0))].every(Number.isNaN)).toBe(true);
  }
});
