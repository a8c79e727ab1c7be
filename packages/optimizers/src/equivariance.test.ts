import { createPoint, type Optimizer, type Point } from '@lowland/core';
import { asyncBackend } from '@lowland/core/testing';
import { hostKernels, thinSvd } from '@lowland/linalg';
import { symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { general, inverseTransposed, rotation, violation } from '../test/equivariance.ts';
import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../test/fixtures.ts';
import {
  adam,
  alternatingGradientDescent,
  barzilaiBorwein,
  fixed,
  gradientDescent,
  heavyBall,
  lbfgs,
  nesterov,
  nonlinearConjugateGradient,
  perturbedGradientDescent,
  polyak,
  scaled,
  scaledGradientDescent,
  trustRegion,
} from './index.ts';

type Method = Optimizer<'valueAndGradient' | 'gradient' | 'hessianVectorProduct' | 'factors', 'blockGradient'>;

const deterministic: [name: string, method: Method, iterations: number][] = [
  ['gradient descent, fixed', gradientDescent({ step: fixed({ step: 0.02 }) }), 500],
  ['gradient descent, armijo', gradientDescent(), 200],
  ['gradient descent, barzilai-borwein', gradientDescent({ step: barzilaiBorwein() }), 100],
  ['gradient descent, armijo, scaled', gradientDescent({ geometry: scaled({ damping: 0.1 }) }), 100],
  ['gradient descent, polyak', gradientDescent({ step: polyak({ optimum: 0 }) }), 20],
  ['heavy ball', heavyBall({ step: 0.01 }), 300],
  ['alternating gradient descent', alternatingGradientDescent({ step: 0.02 }), 300],
  ['adam', adam({ step: 0.01 }), 300],
  ['nesterov', nesterov({ step: 0.02 }), 300],
  ['nesterov, scaled', nesterov({ step: 0.3, geometry: scaled({ damping: 0.1 }) }), 100],
  ['conjugate gradients, hager-zhang', nonlinearConjugateGradient(), 60],
  ['conjugate gradients, polak-ribiere', nonlinearConjugateGradient({ conjugation: 'polak-ribiere' }), 60],
  ['scaled gradient descent', scaledGradientDescent({ damping: 0.01, adaptive: 0 }), 40],
  ['scaled gradient descent, adaptive', scaledGradientDescent({ adaptive: 1 }), 40],
  ['lbfgs', lbfgs({ memory: 5 }), 60],
  ['trust region', trustRegion(), 20],
];

// rigour.md E3: sign flips of columns commute with every floating-point operation of these methods
describe('column sign flips', () => {
  const problem = symmetricFactorization({ target: withSpectrum([3, 2, 1, -1], 7, 7, 1, true), rank: 3 });
  const flip = (point: Point) => createPoint(problem.layout, point.data.map((x, k) => (k % 3 === 1 ? x : -x)));

  it.each(deterministic)('%s goes the same way, bit for bit', async (_, method, iterations) => {
    const point = randomPoint(problem.layout, 0.7, 1);
    const plain = await run(problem, method, { point, iterations });
    const flipped = await run(problem, method, { point: flip(point), iterations });
    expect(flip(flipped.point).data).toEqual(plain.point.data);
    expect(flipped.iterations).toBe(plain.iterations);
    expect(flipped.counts.method).toEqual(plain.counts.method);
  });
});

// rigour.md E3: tolerance 1e-12 cond(Q)^2; violations above 1e-3
describe('rotations of the columns', () => {
  it.each(deterministic.filter(([name]) => name !== 'adam' && name !== 'gradient descent, polyak'))('%s commutes with them', async (_, method) => {
    expect(await violation(method, rotation, rotation)).toBeLessThan(1e-12);
  });

  it('Adam does not', async () => {
    expect(await violation(adam({ step: 0.01 }), rotation, rotation)).toBeGreaterThan(1e-3);
  });
});

describe('GL(r)', () => {
  const { s } = thinSvd(general);
  const tolerance = 1e-12 * (s[0]! / s[2]!) ** 2;
  const undamped: [string, Method][] = [
    ['fixed steps', gradientDescent({ step: fixed({ step: 0.3 }), geometry: scaled() })],
    ['armijo', gradientDescent({ geometry: scaled() })],
    ['barzilai-borwein', gradientDescent({ step: barzilaiBorwein(), geometry: scaled() })],
    ['polyak', gradientDescent({ step: polyak({ optimum: 0.125 }), geometry: scaled() })],
    ['heavy ball', heavyBall({ step: 0.2, momentum: 0.3, geometry: scaled() })],
    ['nesterov', nesterov({ step: 0.2, geometry: scaled() })],
    ['conjugate gradients', nonlinearConjugateGradient({ geometry: scaled() })],
  ];
  it.each(undamped)('commutes with %s in the scaled geometry without damping', async (_, method) => {
    expect(await violation(method, general, inverseTransposed)).toBeLessThan(tolerance);
  });

  it('does not with gradient descent and Adam', async () => {
    expect(await violation(gradientDescent({ step: fixed({ step: 0.02 }) }), general, inverseTransposed)).toBeGreaterThan(1e-3);
    expect(await violation(adam({ step: 0.01 }), general, inverseTransposed)).toBeGreaterThan(1e-3);
  });
});

// rigour.md E4: M = diag(4, 1), X with entries 2, 1, 0: zero gradient exactly
describe('exactly stationary points', () => {
  const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });

  it.each(deterministic)('%s rests at the minimum', async (_, method) => {
    const point = pointOf(problem.layout, [2, 0, 0, 1, 0, 0]);
    const { point: end } = await run(problem, method, { point, iterations: 20 });
    expect(end.data).toEqual(point.data);
  });

  it.each(deterministic.filter(([name]) => !name.includes('adaptive')))('%s rests at a saddle', async (_, method) => {
    const point = pointOf(problem.layout, [2, 0, 0, 0, 0, 0]);
    const { point: end } = await run(problem, method.id === 'scaled-gradient-descent' ? scaledGradientDescent({ damping: 0.5, adaptive: 0 }) : method, { point, iterations: 20 });
    expect(end.data).toEqual(point.data);
  });
});

describe('an asynchronous f32 device', () => {
  const problem = symmetricFactorization({ target: withSpectrum([3, 2, 1], 7, 7, 1, true), rank: 3 });
  it.each([...deterministic, ['perturbed', perturbedGradientDescent({ smoothness: 100 }), 0] as (typeof deterministic)[number]])(
    '%s reaches the minimum to f32 and frees its memory',
    async (_, method) => {
      const backend = asyncBackend({ reads: 'microtask', extra: hostKernels });
      const { value } = await run(problem, method, { point: randomPoint(problem.layout, 0.7, 1), iterations: 1500, backend });
      expect(value).toBeLessThan(1e-9);
      expect(backend.usage.live).toBe(0);
    },
  );
});
