import { afterEach, expect, it, vi } from 'vitest';

import { nasty, symmetric } from '../test/symmetric-matrices.ts';
import { symmetricEigen, symmetricEigenvalues } from './eigen.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it('gives the same bits without WebAssembly', async () => {
  const cases = [...Object.values(nasty).map((make) => make(61)), symmetric(130, 8)];
  const expected = cases.map(symmetricEigen);
  const values = cases.map(symmetricEigenvalues);
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  const fresh = await import('./eigen.ts');
  cases.forEach((a, k) => {
    expect(fresh.symmetricEigen(a)).toEqual(expected[k]);
    expect(fresh.symmetricEigenvalues(a)).toEqual(values[k]);
  });
});
