import { describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';
import { circle, logUnit, normals } from './normals.ts';
import { streamKey, uniforms } from './philox.ts';

const sampleOf = (count: number, seed = 1) => {
  const sample = new Float64Array(count);
  normals(streamKey(seed, 'normals'), sample);
  return sample;
};

/** Units in the last place between two doubles near each other. */
function ulps(x: number, y: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(y) || 2 ** -1022)) - 52);
  return Math.abs(x - y) / unit;
}

describe('the own log, cos and sin', () => {
  const integers = () => {
    const u = new Float64Array(20_000);
    uniforms(streamKey(3, 'arguments'), u);
    const edges = [1, 2, 3, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, 2 ** 53 - 1, 2 ** 53, Math.floor(Math.SQRT1_2 * 2 ** 53)];
    // spread over all exponents, not only the uppermost
    return [...edges, ...Array.from(u, (x, i) => Math.max(1, Math.floor(x * 2 ** (1 + (i % 53)))))];
  };

  it('logUnit is within 4 units in the last place of Math.log', () => {
    expect(logUnit(2 ** 53)).toBe(0);
    for (const k of integers()) {
      if (k < 2 ** 53) expect(ulps(logUnit(k), Math.log(k / 2 ** 53))).toBeLessThanOrEqual(4);
    }
  });

  it('circle is within 4 units in the last place of cos and sin, away from their zeros', () => {
    const out = new Float64Array(2);
    for (const k of integers()) {
      if (k >= 2 ** 53) continue;
      circle(k, out);
      const angle = 2 * Math.PI * (k / 2 ** 53);
      // Math's own argument carries the rounding of 2 pi: an absolute error of one unit of the angle
      expect(Math.abs(out[0]! - Math.cos(angle))).toBeLessThan(1.5e-15);
      expect(Math.abs(out[1]! - Math.sin(angle))).toBeLessThan(1.5e-15);
    }
  });

  it('circle is exact at the eighths', () => {
    const out = new Float64Array(2);
    const eighth = (j: number) => {
      circle(j * 2 ** 50, out);
      return Array.from(out, (x) => x + 0);
    };
    const h = Math.SQRT1_2;
    expect(eighth(0)).toEqual([1, 0]);
    expect(eighth(2)).toEqual([0, 1]);
    expect(eighth(4)).toEqual([-1, 0]);
    expect(eighth(6)).toEqual([0, -1]);
    for (const j of [1, 3, 5, 7]) for (const x of eighth(j)) expect(Math.abs(Math.abs(x) - h)).toBeLessThan(2e-16);
  });
});

describe('normals', () => {
  it('are the same bits on every engine', () => {
    expect(fingerprint(sampleOf(100_000))).toBe('cf6467d52b5c36df202d2767ec7bd18b09ab0b7478ad9629829acc0025635aff');
  });

  it('depend on key and element alone', () => {
    const key = streamKey(9, 'parts', 4);
    const whole = new Float64Array(21);
    normals(key, whole);
    for (const [offset, length] of [[0, 5], [1, 6], [2, 1], [7, 14], [20, 1]] as const) {
      const part = new Float64Array(length);
      normals(key, part, offset);
      expect(part).toEqual(whole.subarray(offset, offset + length));
    }
  });

  it('have the moments of N(0, 1)', () => {
    const count = 400_000;
    const sample = sampleOf(count, 2);
    const moment = (p: number) => sample.reduce((sum, x) => sum + x ** p, 0) / count;
    // variances of x, x^2, x^3, x^4: 1, 2, 15, 96; bands of 5 standard errors
    for (const [p, expected, variance] of [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]] as const) {
      expect(Math.abs(moment(p) - expected)).toBeLessThan(5 * Math.sqrt(variance / count));
    }
    let neighbours = 0;
    for (let i = 0; i + 1 < count; i += 2) neighbours += sample[i]! * sample[i + 1]!;
    expect(Math.abs(neighbours / (count / 2))).toBeLessThan(5 * Math.sqrt(2 / count));
  });

  it('have the distribution of N(0, 1) (Kolmogorov-Smirnov)', () => {
    const count = 100_000;
    const sorted = sampleOf(count, 3).sort();
    let distance = 0;
    sorted.forEach((x, i) => {
      const p = standardNormalDistribution(x);
      distance = Math.max(distance, Math.abs(p - i / count), Math.abs(p - (i + 1) / count));
    });
    // P[sqrt(N) D > 2.8] = 2 exp(-2 2.8^2) = 3e-7, beyond 5 standard errors
    expect(Math.sqrt(count) * distance).toBeLessThan(2.8);
  });
});

/** Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 + …), to 1e-12 for |x| < 6. */
function standardNormalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
