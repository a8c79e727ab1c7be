import { type Device, type Objective, type Problem } from '@lowland/core';
import { cpu, withKernels } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { generateIntensities } from './generate.ts';
import { phaseRetrieval } from './phase-retrieval.ts';

/** How often the vectors are read by each oracle: products with A on a device with or without `phaseProducts`. */
function reads(objective: Objective<never>, fused: boolean): { value: number; gradient: number; hessianVectorProduct: number } {
  const device = cpu().open() as Device;
  const vectors = 40 * 8;
  let count = 0;
  const { phaseProducts, gemv } = device.kernels;
  const counted = withKernels(device, (own) => ({
    ...own,
    gemv: (t, alpha, a, ...rest) => {
      count += Number(a.rows * a.cols === vectors);
      gemv(t, alpha, a, ...rest);
    },
    phaseProducts: (...given) => {
      count++;
      phaseProducts!(...given);
    },
  }));
  const memory = counted.memory();
  const { routes } = objective as Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
  const label = fused ? 'fused' : 'composed';
  const uploaded: unknown = objective.upload(counted, memory);
  const [x, v, out] = [memory.vector(16), memory.vector(16), memory.vector(16)];
  const of = (run: () => void): number => {
    count = 0;
    run();
    return count;
  };
  const chosen = <K extends 'value' | 'gradient' | 'hessianVectorProduct'>(name: K): Problem<K>[K] => routes[name].find((route) => route.label === label)!.bind(uploaded, counted, memory) as Problem<K>[K];
  const result = {
    value: of(() => { chosen('value')(x, memory.vector(1)); }),
    gradient: of(() => { chosen('gradient')(x, out); }),
    hessianVectorProduct: of(() => { chosen('hessianVectorProduct')(x, v, out); }),
  };
  counted[Symbol.dispose]();
  return result;
}

describe.each([['intensity'], ['smoothed-amplitude']] as const)('%s', (loss) => {
  const { data } = generateIntensities({ size: 8, measurements: 40, complex: true }, 1);
  const objective = phaseRetrieval({ measurements: data, loss });

  it('reads the vectors once where the device has the kernel, which comes first', () => {
    expect(objective.routes.gradient.map(({ label }) => label)).toEqual(['fused', 'composed']);
    expect(reads(objective, true)).toEqual({ value: 1, gradient: 1, hessianVectorProduct: 1 });
  });

  it('reads them at most three times elsewhere: a Hessian-vector product costs one and a half gradients', () => {
    expect(reads(objective, false)).toEqual({ value: 1, gradient: 2, hessianVectorProduct: 3 });
  });
});
