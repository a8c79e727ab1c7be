/** The functions of `wasm/eigen-module.ts` in plain TypeScript: the same sums in the same order, so the same bits. */

/** out = A x for a symmetric n x n A, of which the lower triangle is read: four rows at a time, with two interleaved sums for each. Bound by memory. */
export function symv(data: Float64Array, n: number, a: number, aRow: number, x: number, out: number): void {
  for (let i = 0; i < n; i += 4) {
    const count = Math.min(4, n - i);
    for (let r = 0; r < count; r++) {
      const row = a + (i + r) * aRow;
      const factor = data[x + i + r]!;
      let [even, odd] = [0, 0];
      for (let j = 0; j < i; j += 2) {
        const [left, right] = [data[row + j]!, data[row + j + 1]!];
        even += left * data[x + j]!;
        odd += right * data[x + j + 1]!;
        data[out + j]! += left * factor;
        data[out + j + 1]! += right * factor;
      }
      let total = even + odd;
      for (let c = 0; c < r; c++) {
        const entry = data[row + i + c]!;
        total += entry * data[x + i + c]!;
        data[out + i + c]! += entry * factor;
      }
      data[out + i + r] = total + data[row + i + r]! * factor;
    }
  }
}
