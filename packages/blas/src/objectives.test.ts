/** The objectives of every family, unchanged on this backend: derivatives, adjoints, and the numbers of the cpu. */
import type { AnyObjective } from '@lowland/core';
import { objectiveChecks } from '@lowland/core/testing';
import { cpu } from '@lowland/linalg';
import { generateEntries, generateMatrix, generateMeasurements, matrixCompletion, matrixFactorization, matrixSensing, symmetricFactorization } from '@lowland/objectives';
import { describe, it } from 'vitest';

import { describeNative } from '../test/system.ts';
import { blas } from './blas.ts';

/** Large enough that the products are BLAS's. */
const [size, rank, lambda] = [{ rows: 40, cols: 32, rank: 3 }, 3, 0.3];
const instances: Readonly<Record<string, AnyObjective>> = {
  factorization: matrixFactorization({ target: generateMatrix(size, 1).data, rank }),
  'factorization, penalised': matrixFactorization({ target: generateMatrix(size, 2).data, rank, balance: 0, lambda }),
  'symmetric factorization': symmetricFactorization({ target: generateMatrix({ ...size, cols: 40, symmetric: true }, 3).data, rank }),
  completion: matrixCompletion({ entries: generateEntries({ ...size, density: 0.5 }, 4).data, rank, lambda }),
  sensing: matrixSensing({ measurements: generateMeasurements({ ...size, measurements: 150 }, 5).data, rank }),
};

describeNative('blas', () => {
  describe.each(Object.entries(instances))('%s', (_, objective) => {
    const checks = objectiveChecks({ objective, backend: blas(), others: [cpu(), blas({ dtype: 'f32' })], seed: 2 });
    it.each(checks.map((check) => [check.name, check] as const))('%s', async (_name, check) => {
      await check.run();
    });
  });
});
