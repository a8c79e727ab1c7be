/** What families of problems are as ensembles. */
import type { FactoredProblem } from '../factored/problem.ts';
import type { PhaseProblem } from '../phase-retrieval/problem.ts';
import { signalWidth } from '../phase-retrieval/vectors.ts';
import type { EnsembleProblem } from './ensemble.ts';

const factored = ({ symmetric, rank, map: { rows, cols }, weight, ridge, balance }: FactoredProblem) => ({
  shape: { symmetric, rows, cols, rank },
  coefficients: [weight, ridge, balance] as const,
  size: `${rows} x ${cols}, rank ${rank}`,
});

/** Of matrices known in full. */
export function factorizationEnsemble(problem: FactoredProblem): EnsembleProblem {
  const { size, ...rest } = factored(problem);
  return {
    ...rest,
    kernel: 'ensemble/factorization',
    work: 3 * problem.map.rows * problem.map.cols * problem.rank,
    held: 0,
    kind: `${problem.symmetric ? 'symmetric ' : ''}factorization of ${size}`,
    data: () => [problem.data],
    call(kernels, ensemble, [targets]) {
      kernels['ensemble/factorization'](ensemble, targets!);
    },
  };
}

/** Ensembles hold all matrices of measurements: up to so many numbers of one problem, 8 MiB. */
const heldNumbers = 2 ** 20;

/** Of least squares without a linear term whose measurement matrices are known as such; undefined of others. */
export function sensingEnsemble(problem: FactoredProblem): EnsembleProblem | undefined {
  const { map, loss, linear, data } = problem;
  const { matrices, rows, cols, length } = map;
  if (matrices === undefined || loss !== undefined || linear !== undefined || length * rows * cols > heldNumbers) return undefined;
  const { size, ...rest } = factored(problem);
  return {
    ...rest,
    kernel: 'ensemble/sensing',
    work: rows * cols * (2 * length + 3 * problem.rank),
    held: length * rows * cols,
    kind: `${length} ${problem.symmetric ? 'symmetric ' : ''}measurements of ${size}`,
    data: () => [matrices(), data],
    call(kernels, ensemble, [all, measured]) {
      kernels['ensemble/sensing'](ensemble, length, all!, measured!);
    },
  };
}

/** Of phase retrieval with vectors that are held; undefined of others. */
export function phaseEnsemble({ vectors, weight, smoothing, data }: PhaseProblem): EnsembleProblem | undefined {
  const { matrix, count, size, complex } = vectors;
  if (matrix === undefined || matrix.length > heldNumbers) return undefined;
  const rows = size * signalWidth(vectors);
  return {
    kernel: 'ensemble/phase-retrieval',
    work: 2 * count * rows * signalWidth(vectors),
    held: matrix.length,
    kind: `${count} ${complex ? 'complex' : 'real'} ${smoothing === undefined ? 'intensities' : `magnitudes with smoothing ${smoothing}`} of ${size} entries`,
    shape: { symmetric: true, rows, cols: rows, rank: 1 },
    // (w/2) |rho|^2 with the gradient 2 w (…) is weight |rho|^2 with 4 weight (…)
    coefficients: [2 * weight, 0, 0],
    data: () => [matrix, data],
    call(kernels, ensemble, [all, measured]) {
      kernels['ensemble/phase-retrieval'](ensemble, count, complex, smoothing ?? -1, all!, measured!);
    },
  };
}
