import { createPoint, errorCode, streamKey, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels, matrix, multiply, symmetricEigen, thinSvd } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, probe, symmetricGaussian } from '../../test/support.ts';
import { defineObjective } from '../define/define-objective.ts';
import { brockett } from '../eigenvalue/brockett.ts';
import { matrixFactorization } from '../matrix-factorization/asymmetric.ts';
import { symmetricFactorization } from '../matrix-factorization/symmetric.ts';
import { generateIntensities } from '../phase-retrieval/generate.ts';
import { phaseRetrieval } from '../phase-retrieval/phase-retrieval.ts';
import { onSphere, onStiefel } from './on-stiefel.ts';

const symmetric = { rows: 6, cols: 6, values: symmetricGaussian(6, 'a') };
const target = { rows: 5, cols: 5, values: symmetricGaussian(5, 'target') };
/** A person's own function of two blocks, whose value and gradient come together. */
const own = defineObjective({
  id: 'own',
  blocks: { a: [3], b: [2, 2] },
  value: ({ a, b }) => inner(a, a) * inner(b, b) + a[0]! * b[1]!,
  gradient: ({ a, b }, out) => {
    a.forEach((entry, i) => (out.a[i] = 2 * entry * inner(b, b) + (i === 0 ? b[1]! : 0)));
    b.forEach((entry, i) => (out.b[i] = 2 * entry * inner(a, a) + (i === 1 ? a[0]! : 0)));
  },
});
const instances: Record<string, [objective: Objective<never>, onHost?: boolean]> = {
  'brockett, one eigenvector': [brockett({ data: symmetric })],
  'brockett, three of six': [brockett({ data: symmetric, rank: 3 })],
  'brockett, all of them': [brockett({ data: symmetric, rank: 6 })],
  'X X^T with orthonormal columns': [onStiefel(symmetricFactorization({ target, rank: 2 }))],
  'U V^T of unit length': [onSphere(matrixFactorization({ target, rank: 2 }))],
  'complex phase retrieval of unit length': [onSphere(phaseRetrieval({ measurements: generateIntensities({ size: 3, measurements: 14, complex: true }, 3).data }))],
  'a function on the host': [onSphere(own), true],
};

describe.each(Object.entries(instances))('%s', (_name, [objective, onHost]) => {
  const others = onHost === true ? [] : [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  it.each(objectiveChecks({ objective, backend: cpu(), others, seed: 2 }).map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});

describe('eigenvectors on the sphere and the Stiefel manifold', () => {
  it('eigenvector k of a symmetric matrix has Morse index k - 1 on the sphere (O18)', () => {
    const { values } = symmetricEigen(matrix(6, 6, symmetric.values));
    const f = probe(brockett({ data: symmetric }));
    [...f.problem.truth!.stationaryPoints!()].forEach(({ data }, k) => {
      expect(largest(f.gradient(data))).toBeLessThan(1e-12);
      const spectrum = f.spectrum(data);
      expect(spectrum.filter((value) => value < -1e-9)).toHaveLength(k);
      // tangent directions have the curvatures lambda_k - lambda_j, the normal one none
      const expected = [...values].map((value) => values[k]! - value).sort((a, b) => a - b);
      expect(spectrum).toEqual(expected.map((value) => expect.closeTo(value, 10) as number));
    });
  });

  it('two eigenvectors in order are the only minima, all 30 pairs stationary', () => {
    const f = probe(brockett({ data: symmetric, rank: 2 }));
    const points = [...f.problem.truth!.stationaryPoints!()].map(({ data }) => data);
    expect(points).toHaveLength(30);
    expect(f.value(points[0]!)).toBeCloseTo(f.problem.truth!.optimum!, 12);
    points.forEach((x, at) => {
      expect(largest(f.gradient(x))).toBeLessThan(1e-12);
      expect(f.spectrum(x).some((value) => value < -1e-9)).toBe(at > 0);
    });
  });

  it('steps end at the polar factor', () => {
    const objective = brockett({ data: symmetric, rank: 3 });
    const f = probe(objective);
    const x = objective.initial(streamKey(1, 'init')).data;
    const v = gaussian(18, 'v');
    const out = f.zeros(18);
    f.problem.geometry!.retract(f.vector(x), 0.7, f.vector(v), out);
    const { u, v: right } = thinSvd(matrix(6, 3, x.map((entry, i) => entry + 0.7 * v[i]!)));
    expect(largest(f.read(out).map((entry, i) => entry - multiply(u, right, { transposeB: true }).data[i]!))).toBeLessThan(1e-13);
  });
});

it('the gradient is G - X sym(X^T G), and the value that of the objective', () => {
  const inside = symmetricFactorization({ target, rank: 2 });
  const objective = onStiefel(inside);
  const [f, g] = [probe(objective), probe(inside)];
  const x = objective.initial(streamKey(1, 'init')).data;
  expect(f.value(x)).toBe(g.value(x));
  const slope = matrix(5, 2, g.gradient(x));
  const small = multiply(matrix(5, 2, x), slope, { transposeA: true }).data;
  const symmetricPart = matrix(2, 2, small.map((entry, k) => (entry + small[(k % 2) * 2 + (k >> 1)]!) / 2));
  const normal = multiply(matrix(5, 2, x), symmetricPart).data;
  expect(largest(f.gradient(x).map((entry, i) => entry - slope.data[i]! + normal[i]!))).toBeLessThan(1e-13);
});

it.each<[string, () => unknown, string]>([
  ['two blocks with orthonormal columns', () => onStiefel(own), 'LOWLAND_E_LAYOUT'],
  ['a complex block with orthonormal columns', () => onStiefel(phaseRetrieval({ measurements: generateIntensities({ size: 3, measurements: 14, complex: true }, 3).data })), 'LOWLAND_E_LAYOUT'],
  ['a manifold on a manifold', () => onSphere(brockett({ data: symmetric })), 'LOWLAND_E_MANIFOLD'],
  ['no gradient', () => onSphere({ ...own, routes: { value: own.routes.value } } as Objective<'value'>), 'LOWLAND_E_CAPABILITY'],
  ['a start that is not normalised', () => onSphere(own).manifold!.admit(createPoint(own.layout, new Float64Array(7).fill(1))), 'LOWLAND_E_POINT'],
  ['NaN', () => onSphere(own).manifold!.admit(createPoint(own.layout, new Float64Array(7).fill(NaN))), 'LOWLAND_E_POINT'],
  ['more eigenvectors than there are', () => brockett({ data: symmetric, rank: 7 }), 'LOWLAND_E_RANK'],
])('refuses %s', (_name, make, code) => {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});
