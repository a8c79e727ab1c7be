import { createPoint, maxIterations, normals, solve, streamKey, words } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { defineObjective, onSphere } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { armijo, gradientDescent, ownGeometry } from '../index.ts';

const [n, nonzeros, mu] = [20, 4, 1e-2];
const samples = Math.ceil(5 * n * n * Math.log(n));

/** Columns with `nonzeros` normal entries at places drawn without replacement, one a row here: the dictionary is the identity. */
function sparseColumns(seed: number): Float64Array {
  const entries = new Float64Array(samples * nonzeros);
  normals(streamKey(seed, 'entries', 0), entries);
  const draws = new Uint32Array(samples * nonzeros);
  words(streamKey(seed, 'places', 0), draws);
  const out = new Float64Array(samples * n);
  const places = Array.from({ length: n }, (_, i) => i);
  for (let row = 0; row < samples; row++) {
    for (let k = 0; k < nonzeros; k++) {
      const at = row * nonzeros + k;
      const other = k + (draws[at]! % (n - k));
      [places[k], places[other]] = [places[other]!, places[k]!];
      out[row * n + places[k]!] = entries[at]!;
    }
  }
  return out;
}

/** mean of mu log cosh(q^T y / mu), on the host. */
function dictionary(y: Float64Array) {
  const along = (q: Float64Array, row: number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += q[i]! * y[row * n + i]!;
    return sum / mu;
  };
  return onSphere(
    defineObjective({
      id: 'dictionary',
      blocks: { q: [n] },
      value({ q }) {
        let sum = 0;
        // log cosh z = |z| + log((1 + e^(-2 |z|)) / 2)
        for (let row = 0; row < samples; row++) {
          const z = Math.abs(along(q, row));
          sum += z + Math.log1p(Math.exp(-2 * z)) - Math.LN2;
        }
        return (mu * sum) / samples;
      },
      gradient({ q }, out) {
        out.q.fill(0);
        for (let row = 0; row < samples; row++) {
          const weight = Math.tanh(along(q, row)) / samples;
          for (let i = 0; i < n; i++) out.q[i]! += weight * y[row * n + i]!;
        }
      },
    }),
  );
}

// O20, F44: complete dictionaries have no spurious minima on the sphere (Sun, Qu and Wright 2015, arXiv:1504.06785)
describe('complete dictionary learning', () => {
  const objective = dictionary(sparseColumns(1));
  it.each([1, 2, 3, 4, 5])('gradient descent on the sphere comes to a column of the dictionary (F44), start %i', async (seed) => {
    const start = createPoint(objective.layout);
    normals(streamKey(seed, 'start', 0), start.data);
    const length = Math.hypot(...start.data);
    start.data.forEach((entry, i) => (start.data[i] = entry / length));
    const { point } = await solve(objective, gradientDescent({ step: armijo(), geometry: ownGeometry() }), { backend: cpu(), point: start, stop: maxIterations(200) });
    const largest = point.data.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
    // |q -+ e_i|^2 = 2 - 2 |q_i| on the sphere
    expect(2 - 2 * largest).toBeLessThan(1e-5);
  });
});
