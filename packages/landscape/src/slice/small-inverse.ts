/** By Gauss-Jordan with row pivoting; the matrices are small and well conditioned. */
export function smallInverse(rows: readonly (readonly number[])[]): number[][] {
  const n = rows.length;
  const work = rows.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(work[i]![k]!) > Math.abs(work[pivot]![k]!)) pivot = i;
    [work[k], work[pivot]] = [work[pivot]!, work[k]!];
    const lead = work[k]![k]!;
    for (let j = k; j < 2 * n; j++) work[k]![j]! /= lead;
    for (let i = 0; i < n; i++) {
      const factor = work[i]![k]!;
      if (i === k || factor === 0) continue;
      for (let j = k; j < 2 * n; j++) work[i]![j]! -= factor * work[k]![j]!;
    }
  }
  return work.map((row) => row.slice(n));
}
