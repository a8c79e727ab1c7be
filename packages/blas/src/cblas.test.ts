import { expect, it } from 'vitest';

import { describeNative } from '../test/system.ts';
import { bindCblas } from './cblas.ts';
import { ready } from './options.ts';

describeNative('CBLAS', () => {
  const length = 2 ** 23;
  it.each([
    ['of the heap', () => new ArrayBuffer(8 * length)],
    ['of shared memory', () => new SharedArrayBuffer(8 * length)],
    ['of a WebAssembly memory', () => new WebAssembly.Memory({ initial: length / 2 ** 13 }).buffer],
  ])('gets arrays %s as they lie there, without a copy', (_, buffer) => {
    const { scal } = bindCblas(ready({ threads: 1 }).library, 'f64');
    const x = new Float64Array(buffer()).fill(1);
    let least = Infinity;
    for (let round = 0; round < 20; round++) {
      const start = performance.now();
      scal(1, 2, x, 1);
      least = Math.min(least, performance.now() - start);
    }
    expect([x[0], x[1]]).toEqual([2 ** 20, 1]);
    // 64 MB cannot be copied in this many milliseconds; the call takes 0.0002.
    expect(least).toBeLessThan(0.5);
  });
});
