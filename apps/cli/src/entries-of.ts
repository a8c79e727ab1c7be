import { type Analysis, analyse, type Backend, type Capability, type MaybePromise, type Objective, type Point } from '@lowland/core';

/** Entries of the recovered matrix at (row[k], col[k]), offsets included. */
export async function predictEntries(objective: Objective<Capability>, point: Point, row: Int32Array, col: Int32Array, backend: Backend): Promise<Float64Array> {
  const analysis: Analysis<'predict', Float64Array> = {
    id: 'predict',
    requires: ['predict'],
    dtype: 'f64',
    run({ problem, device, scratch }, x): MaybePromise<Float64Array> {
      const memory = device.memory();
      try {
        const out = scratch(row.length);
        problem.predict(x, memory.integers(row), memory.integers(col), out);
        return device.read(out);
      } finally {
        memory[Symbol.dispose]();
      }
    },
  };
  return analyse(objective as Objective<'predict'>, analysis, point, backend);
}

/** |X - planted| / |planted| in the Frobenius norm, a few rows at a time. */
export async function relativeErrorTo(
  planted: { readonly rows: number; readonly cols: number; readonly values: Float64Array },
  predict: (row: Int32Array, col: Int32Array) => Promise<Float64Array>,
): Promise<number> {
  const { rows, cols, values } = planted;
  const band = Math.max(1, Math.floor(1e6 / cols));
  let difference = 0;
  let norm = 0;
  for (let from = 0; from < rows; from += band) {
    const count = (Math.min(rows, from + band) - from) * cols;
    const row = Int32Array.from({ length: count }, (_, k) => from + Math.floor(k / cols));
    const col = Int32Array.from({ length: count }, (_, k) => k % cols);
    const predicted = await predict(row, col);
    for (let k = 0; k < count; k++) {
      const value = values[from * cols + k]!;
      difference += (predicted[k]! - value) ** 2;
      norm += value ** 2;
    }
  }
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
}
