/** Depth of a packed panel: a strip of four rows (8 kB) stays in the first-level cache. */
const depth = 256;
/** Width of the packed right factor: 256 × 512 numbers (1 MB) stay in the second-level cache. */
const width = 512;

/** Packing space, made at the first large product and kept: products never nest. */
let packedA: Float64Array | undefined;
let packedB: Float64Array | undefined;

/**
 * C += alpha·A·B for strided operands: A is m × k, B is k × n, C is m × n.
 *
 * Entry (i, p) of A is `a[aAt + i·aRow + p·aCol]`, likewise for B and C (whose columns are adjacent), so a transposed
 * operand is one with its strides exchanged. C shares no entry with A or B that this call reads.
 *
 * Bound by arithmetic: 4 × 4 tiles over packed panels read 8 numbers for 32 flops.
 */
export function gemm(
  m: number, n: number, k: number, alpha: number,
  a: Float64Array, aAt: number, aRow: number, aCol: number,
  b: Float64Array, bAt: number, bRow: number, bCol: number,
  c: Float64Array, cAt: number, cRow: number,
): void {
  if (m * n * k < 512) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a[aAt + i * aRow + p * aCol]! * b[bAt + p * bRow + j * bCol]!;
        c[cAt + i * cRow + j] = c[cAt + i * cRow + j]! + alpha * sum;
      }
    }
    return;
  }
  const strip = (packedA ??= new Float64Array(4 * depth));
  const panel = (packedB ??= new Float64Array(depth * width));
  for (let p0 = 0; p0 < k; p0 += depth) {
    const kc = Math.min(depth, k - p0);
    for (let j0 = 0; j0 < n; j0 += width) {
      const nc = Math.min(width, n - j0);
      for (let j = 0; j < nc; j += 4) {
        pack(b, bAt + p0 * bRow + (j0 + j) * bCol, bRow, bCol, kc, Math.min(4, nc - j), panel, j * kc);
      }
      for (let i = 0; i < m; i += 4) {
        const high = Math.min(4, m - i);
        pack(a, aAt + i * aRow + p0 * aCol, aCol, aRow, kc, high, strip, 0);
        for (let j = 0; j < nc; j += 4) {
          tile(kc, alpha, strip, panel, j * kc, c, cAt + i * cRow + j0 + j, cRow, high, Math.min(4, nc - j));
        }
      }
    }
  }
}

/** Four lanes beside each other, `kc` deep; missing lanes are zero. */
function pack(
  from: Float64Array, at: number, along: number, across: number, kc: number, lanes: number, to: Float64Array, toAt: number,
): void {
  if (lanes === 4) {
    for (let p = 0; p < kc; p++) {
      const f = at + p * along;
      const t = toAt + 4 * p;
      to[t] = from[f]!;
      to[t + 1] = from[f + across]!;
      to[t + 2] = from[f + 2 * across]!;
      to[t + 3] = from[f + 3 * across]!;
    }
    return;
  }
  for (let p = 0; p < kc; p++) {
    for (let l = 0; l < 4; l++) to[toAt + 4 * p + l] = l < lanes ? from[at + p * along + l * across]! : 0;
  }
}

/** One 4 × 4 tile of C, of which `high` × `wide` entries exist. */
function tile(
  kc: number, alpha: number, a: Float64Array, b: Float64Array, bAt: number,
  c: Float64Array, cAt: number, cRow: number, high: number, wide: number,
): void {
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0;
  let c10 = 0, c11 = 0, c12 = 0, c13 = 0;
  let c20 = 0, c21 = 0, c22 = 0, c23 = 0;
  let c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  const end = 4 * kc;
  for (let p = 0, q = bAt; p < end; p += 4, q += 4) {
    const b0 = b[q]!;
    const b1 = b[q + 1]!;
    const b2 = b[q + 2]!;
    const b3 = b[q + 3]!;
    const a0 = a[p]!;
    c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
    const a1 = a[p + 1]!;
    c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
    const a2 = a[p + 2]!;
    c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
    const a3 = a[p + 3]!;
    c30 += a3 * b0; c31 += a3 * b1; c32 += a3 * b2; c33 += a3 * b3;
  }
  for (let i = 0; i < high; i++) {
    const t0 = i === 0 ? c00 : i === 1 ? c10 : i === 2 ? c20 : c30;
    const t1 = i === 0 ? c01 : i === 1 ? c11 : i === 2 ? c21 : c31;
    const t2 = i === 0 ? c02 : i === 1 ? c12 : i === 2 ? c22 : c32;
    const t3 = i === 0 ? c03 : i === 1 ? c13 : i === 2 ? c23 : c33;
    const at = cAt + i * cRow;
    c[at] = c[at]! + alpha * t0;
    if (wide > 1) c[at + 1] = c[at + 1]! + alpha * t1;
    if (wide > 2) c[at + 2] = c[at + 2]! + alpha * t2;
    if (wide > 3) c[at + 3] = c[at + 3]! + alpha * t3;
  }
}
