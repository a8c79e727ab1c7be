/** Contenders in Python: one module in `python/` each, in the strongest form that their users know and in the natural one. */
import type { PythonContender } from './contender.ts';

const f64Only = ['f64'] as const;
const both = ['f64', 'f32'] as const;

export const python: readonly PythonContender[] = [
  { name: 'numpy', module: 'numpy_best', language: 'python', kinds: ['gemm', 'factorisation-gradient', 'factorisation-descent', 'sensing-descent', 'rank-one-descent', 'eigen', 'qr', 'svd', 'randomised-svd'], dtypes: both, threaded: true },
  { name: 'numpy out=', module: 'numpy_out', language: 'python', kinds: ['factorisation-gradient', 'factorisation-descent'], dtypes: both, threaded: true },
  { name: 'numpy natural', module: 'numpy_natural', language: 'python', kinds: ['factorisation-gradient', 'factorisation-descent', 'sensing-descent', 'rank-one-descent'], dtypes: both, threaded: true },
  { name: 'scipy', module: 'scipy_best', language: 'python', kinds: ['completion-descent', 'eigen', 'svd', 'randomised-svd'], dtypes: f64Only, threaded: true },
  { name: 'scipy natural', module: 'scipy_natural', language: 'python', kinds: ['completion-descent'], dtypes: f64Only, threaded: true },
  { name: 'scipy l-bfgs-b', module: 'scipy_lbfgs', language: 'python', kinds: ['completion-recovery'], dtypes: f64Only, threaded: false },
  { name: 'nlopt l-bfgs', module: 'nlopt_lbfgs', needs: ['nlopt'], language: 'python', kinds: ['completion-recovery'], dtypes: f64Only, threaded: false },
  { name: 'scikit-learn', module: 'sklearn_best', language: 'python', kinds: ['randomised-svd'], dtypes: f64Only, threaded: true },
  { name: 'torch', module: 'torch_best', language: 'python', kinds: ['gemm', 'factorisation-gradient', 'factorisation-descent', 'eigen', 'qr', 'svd'], dtypes: both, threaded: true },
];
