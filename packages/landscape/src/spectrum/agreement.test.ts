/**
 * Spectra agree with dense eigenvalues to 1e-10 |H|, for every objective of the catalogue, up to 300 variables.
 */
import { analyse, blockLength, createPoint, layoutLength, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, type Matrix, matrix, multiply, orthonormalize, subtract, symmetricEigenvalues } from '@lowland/linalg';
import { plugin } from '@lowland/objectives';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { catalogue } from '../../test/catalogue.ts';
import { dense, eigenvaluesOff, spansOf } from '../../test/dense.ts';
import { largeCatalogue } from '../../test/large-catalogue.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { spectrum, type Spectrum, type SpectrumOptions } from './spectrum.ts';

const backend = cpu();
const at = (objective: Objective<never>, x: Float64Array, options: SpectrumOptions): Promise<Spectrum> =>
  analyse(objective as unknown as Objective<SecondOrder>, spectrum({ probes: 0, traceProducts: 0, ...options }), createPoint(objective.layout, x), backend);

/** A random point, of a length at which functions are finite; on a manifold a random one there. */
function randomPoint(objective: Objective<never>, seed: number, scale: number): Float64Array {
  if (objective.manifold !== undefined) return objective.initial(streamKey(seed, 'init', 0)).data;
  const x = new Float64Array(layoutLength(objective.layout));
  normals(streamKey(seed, 'agreement', 0), x);
  return x.map((entry) => scale * entry);
}

/** What is off, in parts of the norm. */
async function departures(objective: Objective<never>, x: Float64Array, eigenvalues: readonly number[], steps: number): Promise<{ spectrum: number; ends: number; bounds: boolean; copies: boolean; residuals: boolean }> {
  const n = eigenvalues.length;
  const size = Math.max(Math.abs(eigenvalues[0]!), Math.abs(eigenvalues[n - 1]!));
  const whole = await at(objective, x, { count: 1, failureProbability: 0, steps: 2, denseVariables: 400 });
  const found = await at(objective, x, { count: 2, copies: 4, steps, denseVariables: 0 });
  const distance = (value: number): number => Math.min(...eigenvalues.map((other) => Math.abs(other - value)));
  const pairs = [...found.smallest, ...found.largest];
  const wanted = [...eigenvalues.slice(0, found.smallest.length), ...[...eigenvalues].reverse().slice(0, found.largest.length)];
  return {
    spectrum: whole.eigenvalues?.length === n ? Math.max(...whole.eigenvalues.map((value, k) => Math.abs(value - eigenvalues[k]!))) / size : Infinity,
    ends: found.converged && found.eigenvalues === null ? Math.max(...pairs.map(({ value }, k) => Math.abs(value - wanted[k]!))) / size : Infinity,
    bounds: found.lowerBound !== null && found.upperBound !== null && found.lowerBound.value <= eigenvalues[0]! + 1e-12 * size && found.upperBound.value >= eigenvalues[n - 1]! - 1e-12 * size,
    copies: found.smallest.length === Math.min(2, n),
    residuals: pairs.every(({ value, residual }) => distance(value) <= residual),
  };
}

describe('agrees with dense eigenvalues to 1e-10 of the norm', () => {
  it('small ones of every kind', async () => {
    const wrong: string[] = [];
    for (let seed = 0; seed < (full ? 24 : 3); seed++) {
      for (const { name, objective } of catalogue(seed)) {
        using d = dense(objective);
        const x = randomPoint(objective, seed, 0.8);
        const h = d.hessian(x);
        if (!h.data.every(Number.isFinite)) continue;
        const [{ basis, least }] = spansOf(d.directions(x), [1e-8]) as [ReturnType<typeof spansOf>[number]];
        const eigenvalues = eigenvaluesOff(basis, h);
        if (eigenvalues.length === 0 || eigenvalues.every((value) => value === 0)) continue;
        const limit = Math.max(1e-10, 4e-15 / least);
        const off = await departures(objective, x, eigenvalues, 1000);
        const blocks = objective.manifold === undefined && objective.layout.blocks.length > 1 ? await blocksOff(objective, x, h) : 0;
        if (!(blocks <= 1e-10)) wrong.push(`${name}, seed ${seed}: a block is off by ${blocks}`);
        if (!(off.spectrum <= limit && off.ends <= limit && off.bounds && off.copies && off.residuals)) wrong.push(`${name}, seed ${seed}: ${JSON.stringify(off)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  const variables = full ? 300 : 60;
  it(`every objective of the plugin at ${variables} variables`, async () => {
    const wrong: string[] = [];
    const seen = new Set<string>();
    for (const { name, objective } of largeCatalogue(variables, 1)) {
      using d = dense(objective);
      if (d.problem.hessianVectorProduct === undefined) continue;
      seen.add(objective.id);
      const x = randomPoint(objective, 1, name === 'linear-network' ? 0.5 : 0.3);
      const h = d.hessian(x);
      // Rotations of all variables but one: their tangents are the complement of where these point.
      const q = orthonormalize((d.problem.symmetry?.dimension ?? 0) > 10 * d.size ? rotationsBut(x) : d.directions(x));
      const off = await departures(objective, x, complementOf(h, q), 4000);
      if (!(off.spectrum <= 1e-10 && off.ends <= 1e-10 && off.bounds && off.residuals)) wrong.push(`${name}: ${JSON.stringify(off)}`);
    }
    expect(wrong).toEqual([]);
    expect(plugin.objectives!.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
  });
});

/** Spectra of the blocks on the diagonal, in parts of their norms. */
async function blocksOff(objective: Objective<never>, x: Float64Array, h: Matrix): Promise<number> {
  let [first, most] = [0, 0];
  for (const block of objective.layout.blocks) {
    const size = blockLength(block);
    const part = matrix(size, size);
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) part.data[i * size + j] = h.data[(first + i) * h.cols + first + j]!;
    first += size;
    const exact = eigenvaluesOff([], part);
    const found = await at(objective, x, { block: block.name, count: 1, failureProbability: 0, method: 'lanczos' });
    const norm = Math.max(...exact.map(Math.abs));
    most = Math.max(most, ...found.eigenvalues!.map((value, k) => Math.abs(value - exact[k]!) / (norm || 1)), Math.abs(found.smallest[0]!.value - exact[0]!) / (norm || 1));
  }
  return most;
}

/** Tangents of the sphere of the variables from the second on: the complement of the point among them. */
function rotationsBut(x: Float64Array): Matrix {
  const n = x.length;
  const length = Math.hypot(...x.subarray(1));
  const out = matrix(n, n - 1);
  for (let i = 1; i < n; i++) for (let k = 0; k < n - 1; k++) out.data[i * (n - 1) + k] = Number(i === k + 1) - (x[i]! * x[k + 1]!) / length ** 2;
  return out;
}

/** Eigenvalues of P H P on the complement of Q, ascending: those of H - Q Q^T H - H Q Q^T + Q (Q^T H Q + shift) Q^T below the shift. */
function complementOf(h: Matrix, q: Matrix): number[] {
  if (q.cols === 0) return [...symmetricEigenvalues(h)].reverse();
  const shift = 4 * Math.sqrt(h.data.reduce((sum, entry) => sum + entry * entry, 0));
  const hq = multiply(h, q);
  const inner = multiply(q, hq, { transposeA: true });
  for (let k = 0; k < q.cols; k++) inner.data[k * q.cols + k]! += shift;
  const side = multiply(hq, q, { transposeB: true });
  const cross = matrix(h.rows, h.cols, side.data.map((entry, k) => entry + side.data[(k % h.rows) * h.rows + Math.floor(k / h.rows)]!));
  const moved = multiply(multiply(q, inner), q, { transposeB: true });
  const a = subtract(h, cross);
  for (let k = 0; k < a.data.length; k++) a.data[k]! += moved.data[k]!;
  return [...symmetricEigenvalues(a)].reverse().slice(0, h.rows - q.cols);
}
