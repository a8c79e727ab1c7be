/**
 * Small random objectives of every kind that the catalogue has, edge cases among them: what shared properties are tested on.
 */
import { type DataMap, type Measurements, normals, type Objective, streamKey } from '@lowland/core';
import {
  ackley,
  betaFamily,
  brockett,
  constrainedFactorization,
  convexForm,
  doubleWell,
  fixedRank,
  generalizedEigenvalue,
  generateConstraints,
  generateGraph,
  generateIntensities,
  generateOrthogonalCut,
  generateTeacher,
  linearNetwork,
  matrixCompletion,
  matrixFactorization,
  matrixSensing,
  maxCut,
  monkeySaddle,
  octopus,
  onSphere,
  onStiefel,
  orthogonalCut,
  phaseRetrieval,
  populationPhaseRetrieval,
  principalComponents,
  quadraticNetwork,
  ring,
  rosenbrock,
  schwefel,
  symmetricCompletion,
  symmetricFactorization,
  symmetricSensing,
  weightedTwoByTwo,
} from '@lowland/objectives';

import { values, withEigenvalues, withSingularValues } from './orthogonal.ts';

const draw = (length: number, seed: number, purpose: string): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, purpose, 0), out);
  return out;
};

/** Spectra with simple, repeated, nearly repeated and zero entries. */
const spectra: readonly (readonly number[])[] = [
  [4, 2.5, 1.5, 0.5],
  [3, 3, 1, 1],
  [2, 2 - 1e-9, 1, 1e-9],
  [5, 1, 0, 0],
  [1, 1, 1, 1],
  [1e3, 1, 1e-3, 0],
  [0, 0, 0, 0],
  [2, 2 - 1e-5, 2 - 2e-5, 1e-6],
];

export interface CatalogueEntry {
  readonly name: string;
  readonly objective: Objective<never>;
}

/** One instance of each kind; data, spectra and options change with the seed. */
export function catalogue(seed: number): readonly CatalogueEntry[] {
  const spectrum = spectra[seed % spectra.length]!;
  const rank = 1 + (seed % 3);
  const signs = [1, 1, -1, 1, -1];
  const symmetric = values(withEigenvalues([...spectrum, 0].map((value, k) => (seed % 2 === 0 ? value : value * signs[k]!)), seed).m);
  const rectangular = values(withSingularValues(5, 4, spectrum, seed).m);
  const noisy = { ...rectangular, values: rectangular.values.map((value, k) => value + 0.3 * draw(20, seed, 'noise')[k]!) };
  const noisySymmetric = symmetrised(5, symmetric.values.map((value, k) => value + 0.2 * draw(25, seed, 'noise')[k]!));
  const positive = (length: number): Float64Array => draw(length, seed, 'weights').map((w) => 0.2 + Math.abs(w));
  const entries = cells(5, 4, noisy.values, seed);
  const upper = cells(5, 5, noisySymmetric.values, seed, true);
  const sensed = (rows: number, cols: number, count: number): Measurements => ({ rows, cols, values: draw(count, seed, 'measured'), ensemble: { kind: 'dense', matrices: draw(count * rows * cols, seed, 'ensemble') } });
  const graph = generateGraph({ kind: (['cycle', 'complete', 'bipartite', 'random'] as const)[seed % 4]!, size: 6, density: 0.6 }, seed).data;
  const cut = generateOrthogonalCut({ blocks: 3, size: 2, noise: seed % 2 }, seed).data;
  const constraints = generateConstraints({ rows: 4, rank: 1, constraints: 3 }, seed).data;
  const real = generateIntensities({ size: 4, measurements: 14, noise: (seed % 2) * 0.1 }, seed);
  const complex = generateIntensities({ size: 3, measurements: 20, complex: true, noise: (seed % 2) * 0.1 }, seed);
  const teacher = generateTeacher({ inputs: 4, rank: 2, samples: 20, noise: 0.1 }, seed).data;
  const signal = draw(4, seed, 'signal');
  const list: Record<string, Objective<never>> = {
    'symmetric factorization': symmetricFactorization({ target: symmetric, rank }),
    'symmetric factorization, penalised': symmetricFactorization({ target: symmetric, rank, lambda: 0.6 }),
    'symmetric factorization, weighted': symmetricFactorization({ target: noisySymmetric, rank, weights: symmetrised(5, positive(25)).values }),
    'factorization, c = 0': matrixFactorization({ target: rectangular, rank, balance: 0 }),
    'factorization, c = 1/8': matrixFactorization({ target: rectangular, rank }),
    'factorization, c = 1/2': matrixFactorization({ target: rectangular, rank, balance: 0.5 }),
    'factorization, penalised': matrixFactorization({ target: rectangular, rank, balance: 0, lambda: 0.8 }),
    'factorization, weighted': matrixFactorization({ target: noisy, rank, weights: positive(20), balance: 0 }),
    'factorization, masked, balanced': matrixFactorization({ target: noisy, rank, weights: Float64Array.from({ length: 20 }, (_, k) => Number((k + seed) % 3 > 0)) }),
    'factorization, Huber': matrixFactorization({ target: noisy, rank, loss: { id: 'huber', options: { delta: 0.3 } }, lambda: 0.2 }),
    'factorization, one-bit': matrixFactorization({ target: { ...noisy, values: noisy.values.map((value) => Number(value > 0)) }, rank, loss: 'logistic', lambda: 0.2 }),
    'completion': matrixCompletion({ entries, rank, center: 'none' }),
    'completion, penalised': matrixCompletion({ entries, rank, lambda: 0.3, center: 'bias' }),
    'completion, rows penalised': matrixCompletion({ entries, rank, lambda: 0.1, incoherence: 0.7, alpha: 0.5 }),
    'completion, counts': matrixCompletion({ entries: { ...entries, values: entries.values.map((value) => Math.floor(2 * Math.abs(value))) }, rank, loss: 'poisson', lambda: 0.5 }),
    'psd completion': symmetricCompletion({ entries: upper, rank, lambda: 0.1, center: 'none' }),
    'sensing': matrixSensing({ measurements: sensed(4, 3, 16), rank, normalisation: 'mean' }),
    'sensing, penalised': matrixSensing({ measurements: sensed(4, 3, 9), rank, lambda: 0.5 }),
    'sensing, linear term': matrixSensing({ measurements: { ...sensed(4, 3, 12), linear: draw(12, seed, 'linear') }, rank, lambda: 0.5 }),
    'psd sensing': symmetricSensing({ measurements: sensed(4, 4, 12), rank, normalisation: 'mean' }),
    'beta family': betaFamily(1 + (seed % 4) / 10, 1 + (seed % 2)),
    'ring': ring(5 + (seed % 4), 4, 2 + (seed % 2)),
    'weighted 2 x 2': weightedTwoByTwo(0.05 + 0.1 * (seed % 4), 1 + (seed % 2)),
    'phase retrieval': phaseRetrieval({ measurements: real.data }),
    'phase retrieval, complex': phaseRetrieval({ measurements: complex.data }),
    'phase retrieval, smoothed amplitudes': phaseRetrieval({ measurements: { ...real.data, values: real.data.values.map((value) => Math.max(0, value)) }, loss: 'smoothed-amplitude' }),
    'population phase retrieval': populationPhaseRetrieval({ signal }),
    'population phase retrieval, complex': populationPhaseRetrieval({ signal, complex: true }),
    'linear network': linearNetwork({ data: values(withSingularValues(3, 3, spectrum.slice(0, 3), seed).m), depth: 2 + (seed % 2), width: 2 }),
    'linear network, balanced': linearNetwork({ data: values(withSingularValues(3, 2, spectrum.slice(0, 2), seed).m), depth: 3, width: [2, 3], balance: 0.3 }),
    'linear network, penalised': linearNetwork({ data: values(withSingularValues(3, 3, [2, 1.5, 0.2], seed).m), depth: 3, width: 2, lambda: 0.05 }),
    'quadratic network': quadraticNetwork({ data: teacher, rank, lambda: (seed % 2) * 0.05 }),
    'constrained factorization': constrainedFactorization({ constraints, rank, merit: merits[seed % 3]! }),
    'max-cut': maxCut({ graph, rank: 1 + rank, merit: merits[(seed + 1) % 3]! }),
    'orthogonal cut': orthogonalCut({ cost: cut, rank: 2 + (seed % 2), merit: merits[(seed + 2) % 3]! }),
    'generalized eigenvalue': generalizedEigenvalue({ data: symmetric, rank: 1 + (seed % 2) }),
    'principal components': principalComponents({ data: noisy, rank: 1 + (seed % 2) }),
    'brockett': brockett({ data: symmetric, rank }),
    'on the sphere': onSphere(symmetricSensing({ measurements: sensed(4, 4, 12), rank, normalisation: 'mean' })) as Objective<never>,
    'on Stiefel': onStiefel(symmetricFactorization({ target: noisySymmetric, rank, weights: symmetrised(5, positive(25)).values })) as Objective<never>,
    'fixed rank': fixedRank(matrixCompletion({ entries, rank, center: 'none' })) as Objective<never>,
    'fixed rank, psd': fixedRank(symmetricSensing({ measurements: sensed(4, 4, 16), rank, normalisation: 'mean' })) as Objective<never>,
    'in X': convexForm(matrixSensing({ measurements: sensed(4, 3, 14), rank: 3 })) as Objective<never>,
    octopus: octopus({ dimension: 2 + (seed % 4), gamma: 0.5 + (seed % 3) }),
    'double well': doubleWell({ dimension: 1 + (seed % 3), stiffness: 1 + (seed % 5) }),
    rosenbrock: rosenbrock({ dimension: 2 + (seed % 4), steepness: seed % 2 === 0 ? 100 : 1 }),
    'monkey saddle': monkeySaddle(),
    ackley: ackley({ dimension: 1 + (seed % 3) }),
    schwefel: schwefel({ dimension: 1 + (seed % 2) }),
  };
  return Object.entries(list).map(([name, objective]) => ({ name, objective }));
}

const merits = ['penalty', 'augmented', 'fletcher'] as const;

function symmetrised(n: number, data: Float64Array): DataMap['matrix'] {
  return { rows: n, cols: n, values: data.map((value, k) => (value + data[(k % n) * n + Math.floor(k / n)]!) / 2) };
}

/** About two thirds of the cells, weighted; of a symmetric matrix those on and above the diagonal. */
function cells(rows: number, cols: number, data: Float64Array, seed: number, upper = false): DataMap['entries'] {
  const kept = Array.from({ length: rows * cols }, (_, k) => k).filter((k) => (!upper || Math.floor(k / cols) <= k % cols) && (3 * k + seed) % 7 > 1);
  return {
    rows,
    cols,
    row: Int32Array.from(kept, (k) => Math.floor(k / cols)),
    col: Int32Array.from(kept, (k) => k % cols),
    values: Float64Array.from(kept, (k) => data[k]!),
    weights: draw(kept.length, seed, 'cells').map((w) => 0.2 + Math.abs(w)),
  };
}
