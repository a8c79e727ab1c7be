import { type Backend, createPoint, errorCode, type Ints, type Layout, normals, streamKey } from '@lowland/core';
import { backendChecks } from '@lowland/core/testing';
import { describe, expect, it, test } from 'vitest';

import { cpu } from './backend.ts';
import { hostMatrix, hostVector, plainDevice } from './device.ts';
import { withKernels } from './replaced.ts';

describe('plain device in single precision, a kernel replaced', () => {
  let calls = 0;
  const backend: Backend = {
    ...cpu({ kernels: 'plain', dtype: 'f32' }),
    open: () =>
      withKernels(plainDevice('f32'), (plain) => ({
        fill: (out, value) => {
          calls++;
          plain.fill(out, value);
        },
      })),
  };
  for (const check of backendChecks(backend)) {
    test(check.name, () => check.run());
  }
  it('gives live numbers, and calls what replaces', () => {
    const device = withKernels(plainDevice('f32'), () => ({ fill: () => { calls++; } }));
    const x = device.memory().vector(6);
    calls = 0;
    device.kernels.fill(x, 1);
    hostVector(x)[4] = 0.1;
    expect([calls, device.read(x)]).toEqual([1, Float64Array.of(0, 0, 0, 0, Math.fround(0.1), 0)]);
    expect(hostMatrix(device.matrix(x, 2, 1, 2, true))).toMatchObject({ rows: 1, cols: 2, complex: true, data: Float32Array.of(0, 0, 0.1, 0) });
  });
});

function gaussian(length: number, index: number): Float64Array {
  const out = new Float64Array(length);
  normals(streamKey(3, 'test', index), out);
  return out;
}

async function opened() {
  const device = await cpu().open();
  const memory = device.memory();
  const filled = (data: Float64Array) => {
    const vector = memory.vector(data.length);
    device.write(vector, data);
    return vector;
  };
  return { device, memory, filled };
}

describe('normalEquations', () => {
  const rows = 5;
  const cols = 7;
  const r = 3;
  // Row 3 has no observation, row 4 has one: fewer than columns.
  const counts = [7, 5, 4, 0, 1];
  const pointers = Int32Array.from([0, 7, 12, 16, 16, 17]);
  const index = Int32Array.from(counts.flatMap((count, i) => Array.from({ length: count }, (_, k) => (i + 2 * k) % cols)));
  const values = gaussian(17, 0);
  const weights = gaussian(17, 1).map((x) => x * x + 0.1);
  const v = gaussian(cols * r, 2);

  async function solved(shift: number, weighted: boolean): Promise<Float64Array> {
    const { device, memory, filled } = await opened();
    const out = memory.vector(rows * r);
    const ints = (data: Int32Array): Ints => memory.integers(data);
    device.kernels.normalEquations!(ints(pointers), ints(index), filled(values), weighted ? filled(weights) : undefined, device.matrix(filled(v), 0, cols, r), shift, device.matrix(out, 0, rows, r));
    return await device.read(out);
  }

  /** (sum_k w v v^T + shift I) x - sum_k w y v for one row. */
  function residual(x: Float64Array, i: number, shift: number, weighted: boolean): number {
    const out = Float64Array.from({ length: r }, (_, c) => shift * x[i * r + c]!);
    for (let k = pointers[i]!; k < pointers[i + 1]!; k++) {
      const w = weighted ? weights[k]! : 1;
      let error = -values[k]!;
      for (let c = 0; c < r; c++) error += v[index[k]! * r + c]! * x[i * r + c]!;
      for (let c = 0; c < r; c++) out[c]! += w * error * v[index[k]! * r + c]!;
    }
    return Math.hypot(...out);
  }

  it('solves every row, with and without weights and shift', async () => {
    for (const weighted of [false, true]) {
      for (const shift of [0, 0.3]) {
        const x = await solved(shift, weighted);
        for (let i = 0; i < rows; i++) expect(residual(x, i, shift, weighted)).toBeLessThan(1e-10);
        expect([...x.subarray(9, 12)]).toEqual([0, 0, 0]);
      }
    }
  });

  it('gives the least-norm solution of a row with too few observations', async () => {
    const x = (await solved(0, false)).subarray(12, 15);
    const at = index[16]! * r;
    const row = v.subarray(at, at + r);
    const factor = values[16]! / row.reduce((sum, value) => sum + value * value, 0);
    for (let c = 0; c < r; c++) expect(x[c]).toBeCloseTo(factor * row[c]!, 12);
  });

  it('passes on what is not finite', async () => {
    v[0] = NaN;
    const x = await solved(0, false);
    v[0] = 1;
    expect(x.some(Number.isNaN)).toBe(true);
  });
});

describe('views and errors', () => {
  it('remembers block views and cuts them without padding', async () => {
    const { device, filled } = await opened();
    const layout: Layout = { blocks: [{ name: 'U', shape: [2, 2] }, { name: 'core', shape: [2, 3, 2] }] };
    const x = filled(createPoint(layout, Float64Array.from({ length: 16 }, (_, k) => k)).data);
    const views = device.blocks(x, layout);
    expect(device.blocks(x, layout)).toBe(views);
    expect([views['core']!.rows, views['core']!.cols]).toEqual([2, 6]);
    expect((await device.read(views['core']!))[0]).toBe(4);
  });

  it('names a view that does not fit, a wrong length, and memory that is not there', async () => {
    const { device, memory, filled } = await opened();
    const code = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return errorCode(error);
      }
      return undefined;
    };
    const x = filled(new Float64Array(4));
    expect(code(() => device.view(x, 2, 3))).toBe('LOWLAND_E_SHAPE');
    expect(code(() => device.matrix(x, 0, 3, 2))).toBe('LOWLAND_E_SHAPE');
    expect(code(() => { device.write(x, new Float64Array(5)); })).toBe('LOWLAND_E_SHAPE');
    expect(code(() => memory.vector(2 ** 40))).toBe('LOWLAND_E_MEMORY');
    expect(memory.vector(3).length).toBe(3);
  });
});
