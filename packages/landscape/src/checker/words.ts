import type { CertificateDocument } from './document.ts';
import type { CertifiedLoss, CertifiedProblem, CompletionProblem } from './problem.ts';

/** What a certificate is about, in one sentence. Without a penalty on X the rank is part of a factorisation's problem, else every rank is covered. */
export function inWords({ problem, evidence }: Pick<CertificateDocument, 'problem' | 'evidence'>): string {
  if (evidence.rule === 'known-target' && problem.objective === 'matrix-factorization') {
    const { rows, cols } = problem;
    const columns = evidence.factors[0]?.cols ?? 0;
    return problem.symmetric
      ? `minimise 1/4 |X X^T - M|^2 over all real ${rows} x ${columns} matrices X, M as given`
      : `minimise 1/2 |U V^T - M|^2 over all real U (${rows} x ${columns}) and V (${cols} x ${columns}), M as given`;
  }
  return sentence(problem);
}

function sentence(problem: CertifiedProblem): string {
  switch (problem.objective) {
    case 'matrix-factorization': {
      const { symmetric, lambda } = problem;
      const fit = problem.loss === 'least-squares' ? `${symmetric ? '1/4' : '1/2'} |X - M|^2` : `${symmetric ? '1/2 ' : ''}sum over all cells of ${psi(problem, 'X_ij', 'M_ij')}`;
      return `minimise ${fit}${penalty(symmetric ? lambda / 2 : lambda, symmetric)} over all ${over(problem)}, M as given`;
    }
    case 'matrix-completion': {
      const { symmetric, lambda, incoherence, alpha } = problem;
      const fit = problem.loss === 'least-squares' ? '1/2 sum over the observed cells of w_ij (X_ij - b_ij)^2' : `sum over the observed cells of w_ij times ${psi(problem, 'X_ij', 'b_ij')}`;
      const rows = incoherence === 0 ? '' : ` + ${incoherence} sum of (sqrt(X_ii) - ${alpha})_+^4`;
      return `minimise ${fit}${penalty(lambda, symmetric)}${rows} over all ${over(problem)}, weights and observed values as given, ${taken[problem.center]}`;
    }
    case 'matrix-sensing': {
      const { symmetric, lambda, normalisation } = problem;
      const fit = problem.loss === 'least-squares' ? '1/2 sum of w_k (<A_k, X> - b_k)^2' : `sum of w_k times ${psi(problem, '<A_k, X>', 'b_k')}`;
      const mean = normalisation === 'mean' ? ', the sum divided by the number of measurements,' : '';
      return `minimise ${fit}${mean}${penalty(lambda, symmetric)} over all ${over(problem)}, measurements, weights and, if there is one, linear term <C, X> as given`;
    }
    case 'quadratic-network':
      return `minimise 1/(4n) sum over n samples of (x_i^T X x_i - y_i)^2${penalty(problem.lambda / 2, true)} over all ${psd(problem.rows)}, samples as given`;
    case 'constrained-factorization':
    case 'max-cut':
    case 'orthogonal-cut': {
      const { objective, merit, rows, weight, size } = problem;
      const constraints = { 'constrained-factorization': 'c_k = <A_k, X> - b_k', 'max-cut': 'c_i = X_ii - 1', 'orthogonal-cut': `c the diagonal ${size} x ${size} blocks of X less identities` }[objective];
      const cost = objective === 'constrained-factorization' ? '<C, X> (C = 0 where there is none)' : '<C, X>';
      const middle = merit === 'penalty' ? '' : ' + <l, c>';
      const bounded = `the least value of ${cost} subject to c = 0 is not below it`;
      return `minimise ${cost}${middle} + ${weight}/2 |c|^2, ${constraints}, over all ${psd(rows)}, data${merit === 'penalty' ? '' : ' and multipliers l'} as given; ${bounded}`;
    }
    case 'phase-retrieval': {
      const { rows, loss, smoothing, real } = problem;
      const compared = { intensity: '|a_k^* x|^2 and y_k', amplitude: '|a_k^* x| and sqrt(y_k)', 'smoothed-amplitude': `sqrt(|a_k^* x|^2 + s^2) and sqrt(y_k + s^2), s = ${smoothing},` }[loss];
      return `minimise the sum of squared differences of ${compared} over all ${real ? 'real ' : ''}signals x of ${rows} numbers, vectors and intensities as given`;
    }
    case 'beta-family':
      return `minimise E11^2 + E11 E22 + E22^2 + 3 (${problem.parameter})^2 E12^2, E = X - e1 e1^T, over all ${psd(2)}`;
    case 'ring':
      return `minimise <C, X> + ${problem.parameter}/2 sum of (X_ii - 1)^2, C minus the adjacency matrix of the cycle, over all ${psd(problem.rows)}`;
    case 'weighted-two-by-two':
      return `minimise 1/2 sum of W_ij (X_ij - 1)^2, W = [[1, ${problem.parameter}], [${problem.parameter}, 1]], over all ${psd(2)}`;
  }
}

const psd = (rows: number): string => `positive semidefinite ${rows} x ${rows} matrices X`;
const over = ({ symmetric, rows, cols }: { readonly symmetric: boolean; readonly rows: number; readonly cols: number }): string => (symmetric ? psd(rows) : `real ${rows} x ${cols} matrices X`);
const penalty = (strength: number, symmetric: boolean): string => (strength === 0 ? '' : ` + ${strength} ${symmetric ? 'tr X' : '|X|_*'}`);

function psi({ loss, parameter }: CertifiedLoss, z: string, b: string): string {
  return {
    'least-squares': `1/2 (${z} - ${b})^2`,
    huber: `Huber's loss with delta ${parameter} of ${z} - ${b}`,
    logistic: `(log(1 + e^z) - b z), z = ${z}, b = ${b}`,
    poisson: `(e^z - b z), z = ${z}, b = ${b}`,
    'poisson-identity': `(z - b log(z + ${parameter})), z = ${z}, b = ${b}`,
  }[loss];
}

const taken: Readonly<Record<CompletionProblem['center'], string>> = {
  none: 'b the values',
  global: 'b the values less their mean, which is not optimised',
  bias: 'b the values less global, row and column means, which are not optimised',
};
