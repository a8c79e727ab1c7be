import { boolean, choice, integer, number, options, type DataGenerator, type DataMap, type Infer, type Measurements, type ObjectiveDefinition } from '@lowland/core';

import { zeroOrOne } from '../factored/definition.ts';
import { generateIntensities } from './generate.ts';
import { phaseLosses, phaseRetrieval, phaseStarts } from './phase-retrieval.ts';
import { populationPhaseRetrieval } from './population.ts';

const schema = options({
  loss: choice(phaseLosses, { default: 'intensity', summary: 'what is compared with the data: |z|^2, |z|, or sqrt(|z|^2 + smoothing^2)' }),
  smoothing: number({ min: 0, default: 0, summary: 'of smoothed amplitudes; 0: 0.5 sqrt(mean y)' }),
  real: boolean({ default: false, summary: 'the signal is real though the vectors are complex, as those of coded diffraction are' }),
  start: choice(phaseStarts, { default: 'gaussian', summary: 'Gaussian entries, or the leading eigenvector of sum y a a^*' }),
});

const generator = options({
  size: integer({ min: 1, default: 50, summary: 'entries of the signal' }),
  ensemble: choice(['gaussian', 'coded-diffraction'], { default: 'gaussian', summary: 'Gaussian vectors, or a Fourier transform behind random masks' }),
  measurements: integer({ min: 0, default: 0, summary: 'number of intensities along Gaussian vectors; 0: ten for each entry' }),
  masks: integer({ min: 1, default: 8, summary: 'masks of coded diffraction, each for as many intensities as there are entries' }),
  complex: zeroOrOne('1: complex signal and vectors'),
  noise: number({ min: 0, default: 0, summary: 'standard deviation of the noise, relative to the mean intensity' }),
});

export const phaseRetrievalDefinition = {
  apiVersion: 1,
  id: 'phase-retrieval',
  summary: 'A real or complex signal from intensities |<a_k, x>|^2, up to its phase.',
  whenToUse: 'For intensities without phases. Start from `spectral` and take `lbfgs` or `gauss-newton`; of the losses by amplitudes only the smoothed one has second derivatives.',
  formula: '1/(4m) sum (|a_k^T x|^2 - y_k)^2, complex 1/(2m); or 1/(2m) sum (q_k - sqrt(y_k + eps^2))^2, q_k = sqrt(|a_k^* x|^2 + eps^2)',
  reference: 'Sun, Qu, Wright 2016, arXiv:1602.06664; Zhang, Liang 2016, arXiv:1605.07719',
  data: 'measurements',
  provides: ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'scale', 'residual', 'nonNegative', 'symmetry', 'truth', 'stochasticGradient', 'estimate', 'planeValues', 'ensemble'],
  options: schema,
  create(given, measurements, truth?: DataMap['matrix']) {
    const signal = truth && signalOf(truth, measurements, given.real);
    return phaseRetrieval({ measurements, ...given, ...(signal && { signal }) });
  },
  generate: {
    options: generator,
    create: ({ complex, ...rest }, seed) => generateIntensities({ ...rest, complex: complex === 1 }, seed),
  } satisfies DataGenerator<Infer<typeof generator>, 'measurements'>,
} as const satisfies ObjectiveDefinition<Infer<typeof schema>, 'measurements'>;

const populationSchema = options({
  size: integer({ min: 1, default: 10, summary: 'entries of the signal, which is the first unit vector' }),
  complex: boolean({ default: false, summary: 'complex signal and vectors' }),
});

export const populationDefinition = {
  apiVersion: 1,
  id: 'population-phase-retrieval',
  summary: 'Phase retrieval from infinitely many Gaussian vectors, in closed form; the signal is the first unit vector.',
  whenToUse: 'To study the landscape without the scatter of a sample: all stationary points and their Hessians are known.',
  formula: 'alpha (|x|^2 - 1)^2 + |x|^2 - |x_1|^2, alpha = 3/4, complex 1',
  reference: 'Sun, Qu, Wright 2016, arXiv:1602.06664',
  data: 'none',
  provides: ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'scale', 'symmetry', 'truth'],
  options: populationSchema,
  create({ size, complex }) {
    const signal = new Float64Array(size * (complex ? 2 : 1));
    signal[0] = 1;
    return populationPhaseRetrieval({ signal, complex });
  },
} as const satisfies ObjectiveDefinition<Infer<typeof populationSchema>, 'none'>;

/** What was planted, a column or two, as the numbers of x; undefined where x cannot be that: a complex signal where a real one is sought. */
function signalOf({ rows, cols, values }: DataMap['matrix'], { ensemble }: Measurements, real: boolean): Float64Array | undefined {
  const complex = ensemble.kind === 'coded-diffraction' || (ensemble.kind === 'seeded' ? ensemble.name !== 'rank-one-symmetric' : ensemble.kind === 'rank-one' && ensemble.complex === true);
  const pairs = complex && !real;
  if (cols === 2) return pairs ? values : undefined;
  return pairs ? Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? values[i / 2]! : 0)) : values;
}
