import type { CertifiedProblem, CertificateEvidence } from './document.ts';

/** What a certificate is about, in one sentence. Without a penalty the rank is part of the problem, else every rank is covered. */
export function inWords(problem: CertifiedProblem, rule: CertificateEvidence['rule'], columns: number): string {
  const { objective, symmetric, rows, cols, lambda } = problem;
  if (rule === 'known-target') {
    return symmetric
      ? `minimise 1/4 |X X^T - M|^2 over all real ${rows} x ${columns} matrices X, M as given`
      : `minimise 1/2 |U V^T - M|^2 over all real U (${rows} x ${columns}) and V (${cols} x ${columns}), M as given`;
  }
  const whole = objective === 'matrix-factorization';
  const fit = whole ? `${symmetric ? '1/4' : '1/2'} |X - M|^2` : '1/2 sum over the observed cells of w_ij (X_ij - b_ij)^2';
  const data = whole ? 'M as given' : `weights and observed values as given, ${taken[problem.center]}`;
  const strength = whole && symmetric ? lambda / 2 : lambda;
  const penalty = lambda === 0 ? '' : ` + ${strength} ${symmetric ? 'tr X' : '|X|_*'}`;
  const over = symmetric ? `positive semidefinite ${rows} x ${cols} matrices X` : `real ${rows} x ${cols} matrices X`;
  return `minimise ${fit}${penalty} over all ${over}, ${data}`;
}

const taken: Readonly<Record<CertifiedProblem['center'], string>> = {
  none: 'b the values',
  global: 'b the values less their mean, which is not optimised',
  bias: 'b the values less global, row and column means, which are not optimised',
};
