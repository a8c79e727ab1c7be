/**
 * What every backend must do: each base kernel against its definition on random shapes, with the error bounds that
 * floating point allows; memory, views and reads; and the aliases that are allowed.
 *
 * Bounds: inner products |x - y| <= (n + 4) eps (|alpha| sum |a||b| + |beta||c|) + (n + 4) eta; the r x r solve by its
 * componentwise residual (Higham, "Accuracy and stability of numerical algorithms", 2002, ch. 10).
 */
import { baseKernelNames, type Backend, type Device, type KernelName, type Mat, type Memory, type Transpose, type Vec } from '../device.ts';
import { latticeNormals } from '../lattice.ts';
import { normals } from '../normals.ts';
import { streamKey } from '../philox.ts';
import { unitRoundoff } from '../plan.ts';
import { claim, claimClose, claimSameBits, gaussian, type Check } from './check.ts';
import { ProductSum } from './compensated.ts';

interface Bench {
  readonly device: Device;
  readonly memory: Memory;
  /** A vector with Gaussian numbers and what the device holds of them, rounded to its type. */
  vector(length: number, seed: number): { readonly vec: Vec; readonly data: Float64Array };
  matrix(rows: number, cols: number, seed: number, complex?: boolean): { readonly mat: Mat; readonly data: Float64Array };
  read(x: Vec): Promise<Float64Array>;
  /** (n + 4) eps size + (n + 4) eta */
  bound(n: number, size: number): number;
}

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 100, 1000];

export function backendChecks(backend: Backend): readonly Check[] {
  const round = backend.dtype === 'f32' ? Math.fround : (x: number) => x;
  const epsilon = 2 * unitRoundoff[backend.dtype];
  const smallest = backend.dtype === 'f32' ? 2 ** -149 : Number.MIN_VALUE;

  const check = (name: string, body: (bench: Bench) => Promise<void> | void): Check => ({
    name,
    async run() {
      const device = await backend.open();
      const memory = device.memory();
      try {
        const filled = (vec: Vec, length: number, seed: number) => {
          const data = gaussian(length, seed).map(round);
          device.write(vec, data);
          return data;
        };
        await body({
          device,
          memory,
          vector: (length, seed) => {
            const vec = memory.vector(length);
            return { vec, data: filled(vec, length, seed) };
          },
          matrix: (rows, cols, seed, complex = false) => {
            const length = rows * cols * (complex ? 2 : 1);
            const vec = memory.vector(length);
            return { data: filled(vec, length, seed), mat: device.matrix(vec, 0, rows, cols, complex) };
          },
          read: async (x) => await device.read(x),
          bound: (n, size) => (n + 4) * (epsilon * size + smallest),
        });
      } finally {
        memory[Symbol.dispose]();
        device[Symbol.dispose]();
      }
    },
  });

  return [
    check('declares what its devices have: kernels, number type, reads, host', ({ device }) => {
      for (const name of [...baseKernelNames, ...backend.kernels] as KernelName[]) {
        claim(backend.kernels.has(name), () => `The backend does not list the kernel ${name}.`);
        if (name !== 'host' && name !== 'immediate') claim(typeof device.kernels[name] === 'function', () => `The device has no kernel ${name}.`);
      }
      claim(device.dtype === backend.dtype && device.sync === backend.sync, () => 'The device has another dtype or sync than its backend.');
      claim(!backend.kernels.has('immediate') || device.sync, () => 'The kernel "immediate" is listed only where the device reads at once.');
      claim(backend.kernels.has('host') === (device.host !== undefined), () => 'The kernel "host" is listed exactly where the device has host().');
      if (device.host !== undefined) claim(device.sync && device.dtype === 'f64', () => 'host() is for synchronous f64 devices.');
    }),

    check('gives zeroed memory, writes and reads it, whole and by slots', async ({ device, memory, vector, read }) => {
      for (const length of sizes) {
        claimSameBits('a new vector', await read(memory.vector(length)), new Float64Array(length));
        const { vec, data } = vector(length, length);
        claim(vec.length === length, () => 'A vector knows its length.');
        claimSameBits('read after write', await read(vec), data);
        if (length > 0) claimSameBits('scalar', [await device.scalar(vec), await device.scalar(vec, length - 1)], [data[0]!, data[length - 1]!]);
        const copy = await read(vec);
        copy.fill(7);
        claimSameBits('the vector after its copy was changed', await read(vec), data);
      }
      const answer = device.read(memory.vector(1));
      claim(device.sync === answer instanceof Float64Array, () => 'Reads return at once exactly where sync says so.');
    }),

    check('views share memory, at any offset', async ({ device, vector, read }) => {
      const { vec, data } = vector(20, 1);
      const part = device.view(vec, 3, 5);
      claimSameBits('a view', await read(part), data.subarray(3, 8));
      claimSameBits('a view of a view', await read(device.view(part, 1, 2)), data.subarray(4, 6));
      const mat = device.matrix(vec, 7, 3, 2);
      claim(mat.rows === 3 && mat.cols === 2 && mat.length === 6 && !mat.complex, () => 'A matrix view knows its shape.');
      claimSameBits('a matrix view', await read(mat), data.subarray(7, 13));
      device.kernels.fill(part, 2);
      device.kernels.fill(device.view(vec, 19, 1), 3);
      data.fill(2, 3, 8);
      data[19] = 3;
      claimSameBits('the vector after its views were written', await read(vec), data);
    }),

    check('blocks are views in the order of the layout, remembered', async ({ device, vector, read }) => {
      const layout = {
        blocks: [
          { name: 'U', shape: [3, 2] },
          { name: 'core', shape: [2, 2, 2] },
          { name: 's', shape: [4] },
          { name: 'Z', shape: [2, 1], complex: true as const },
        ],
      };
      const { vec, data } = vector(6 + 8 + 4 + 4, 2);
      const { U, core, s, Z } = device.blocks(vec, layout);
      claimSameBits('block U', await read(U!), data.subarray(0, 6));
      claimSameBits('block core', await read(core!), data.subarray(6, 14));
      claimSameBits('block Z', await read(Z!), data.subarray(18, 22));
      const shapes = [U, core, s, Z].map((mat) => [mat!.rows, mat!.cols, Number(mat!.complex)].join('x')).join(' ');
      claim(shapes === '3x2x0 2x4x0 4x1x0 2x1x1', () => `Blocks come as shape[0] x (the rest); got ${shapes}.`);
      claim(device.blocks(vec, layout)['U'] === U, () => 'Block views are made once.');
    }),

    check('copy, fill, axpy, scal, mul', async ({ device, memory, vector, read, bound }) => {
      const { kernels } = device;
      for (const length of sizes) {
        const [x, y] = [vector(length, 2 * length), vector(length, 2 * length + 1)];
        const out = memory.vector(length);
        kernels.copy(x.vec, out);
        claimSameBits('copy', await read(out), x.data);
        kernels.fill(out, 0.5);
        claimSameBits('fill', await read(out), new Float64Array(length).fill(0.5));
        kernels.mul(x.vec, y.vec, out);
        claimClose('mul', await read(out), x.data.map((a, i) => a * y.data[i]!), (i) => bound(0, Math.abs(x.data[i]! * y.data[i]!)));
        for (const alpha of [0, 1, -1, 0.75, -3.5]) {
          kernels.copy(y.vec, out);
          kernels.axpy(alpha, x.vec, out);
          claimClose('axpy', await read(out), y.data.map((b, i) => b + alpha * x.data[i]!), (i) => bound(0, Math.abs(y.data[i]!) + Math.abs(alpha * x.data[i]!)));
          kernels.copy(x.vec, out);
          kernels.scal(alpha, out);
          claimClose('scal', await read(out), x.data.map((a) => alpha * a), (i) => bound(0, Math.abs(alpha * x.data[i]!)));
        }
      }
    }),

    check('copy, axpy and scal may work whole and in place', async ({ device, vector, read }) => {
      const { vec, data } = vector(9, 3);
      device.kernels.copy(vec, vec);
      device.kernels.axpy(1, vec, vec);
      claimSameBits('x + x', await read(vec), data.map((x) => 2 * x));
    }),

    check('dot writes the slot it is told, of one vector or two', async ({ device, memory, vector, read, bound }) => {
      for (const length of sizes) {
        const [x, y] = [vector(length, 5 * length), vector(length, 5 * length + 1)];
        const slots = memory.vector(4);
        device.kernels.fill(slots, -1);
        device.kernels.dot(x.vec, y.vec, slots, 2);
        device.kernels.dot(x.vec, x.vec, slots);
        const [xx, xy] = [new ProductSum(), new ProductSum()];
        for (let i = 0; i < length; i++) {
          xx.add(x.data[i]!, x.data[i]!);
          xy.add(x.data[i]!, y.data[i]!);
        }
        const bounds = [bound(length, xx.absolute), 0, bound(length, xy.absolute), 0];
        claimClose(`dot of ${String(length)}`, await read(slots), [xx.value, -1, xy.value, -1], (i) => bounds[i]!);
      }
    }),

    ...[false, true].map((complex) =>
      check(`gemm, ${complex ? 'complex' : 'real'}: all transposes, shapes down to 0 and 1`, async ({ device, matrix, read, bound }) => {
        const transposes: readonly Transpose[] = ['N', 'T', 'C'];
        const shapes = [[1, 1, 1], [2, 3, 4], [5, 1, 3], [1, 7, 2], [3, 4, 0], [0, 3, 2], [4, 0, 3], [8, 8, 8], [17, 9, 5]] as const;
        const scalars = [[1, 0], [1, 1], [-0.5, 2], [0, -1.5], [0, 0]] as const;
        let seed = 100;
        for (const ta of transposes) {
          for (const tb of transposes) {
            for (const [m, n, k] of shapes) {
              for (const [alpha, beta] of scalars) {
                const a = ta === 'N' ? matrix(m, k, seed++, complex) : matrix(k, m, seed++, complex);
                const b = tb === 'N' ? matrix(k, n, seed++, complex) : matrix(n, k, seed++, complex);
                const out = matrix(m, n, seed++, complex);
                if (beta === 0) {
                  out.data.fill(Number.NaN);
                  device.write(out.mat, out.data);
                }
                device.kernels.gemm(ta, tb, alpha, a.mat, b.mat, beta, out.mat);
                const { values, sizes: bounds } = product(ta, tb, alpha, a, b, beta, out.data, out.mat);
                const terms = (complex ? 2 : 1) * k;
                claimClose(`gemm ${ta}${tb} ${[m, n, k].join('x')} alpha ${String(alpha)} beta ${String(beta)}`, await read(out.mat), values, (i) => bound(terms, bounds[i]!));
              }
            }
          }
        }
      }),
    ),

    ...[false, true].map((complex) =>
      check(`gemv, ${complex ? 'complex' : 'real'}`, async ({ device, matrix, read, bound }) => {
        let seed = 7000;
        for (const t of ['N', 'T', 'C'] as const) {
          for (const [m, n] of [[1, 1], [3, 5], [5, 3], [1, 8], [9, 1], [0, 3], [3, 0], [20, 33]] as const) {
            for (const [alpha, beta] of [[1, 0], [-2, 1], [0.5, -0.25]] as const) {
              const a = t === 'N' ? matrix(m, n, seed++, complex) : matrix(n, m, seed++, complex);
              const x = matrix(n, 1, seed++, complex);
              const out = matrix(m, 1, seed++, complex);
              // vectors without a shape, pairs where the matrix is complex
              device.kernels.gemv(t, alpha, a.mat, device.view(x.mat, 0, x.mat.length), beta, device.view(out.mat, 0, out.mat.length));
              const { values, sizes: bounds } = product(t, 'N', alpha, a, x, beta, out.data, out.mat);
              claimClose(`gemv ${t} ${String(m)}x${String(n)}`, await read(out.mat), values, (i) => bound((complex ? 2 : 1) * n, bounds[i]!));
            }
          }
        }
      }),
    ),

    check('gemm may read one matrix twice', async ({ device, matrix, read, bound }) => {
      const a = matrix(4, 3, 1);
      const out = matrix(3, 3, 2);
      device.kernels.gemm('T', 'N', 1, a.mat, a.mat, 0, out.mat);
      const { values, sizes: bounds } = product('T', 'N', 1, a, a, 0, out.data, out.mat);
      claimClose('A^T A', await read(out.mat), values, (i) => bound(4, bounds[i]!));
    }),

    check('posvRight solves for every row, and writes NaN where there is no Cholesky factor', async ({ device, matrix, read }) => {
      let seed = 9000;
      for (const r of [1, 2, 3, 5, 10, 16]) {
        for (const rows of [0, 1, 4, 37]) {
          for (const shift of [0, 0.5]) {
            const half = matrix(r + 2, r, seed++);
            const a = matrix(r, r, seed++);
            device.kernels.gemm('T', 'N', 1, half.mat, half.mat, 0, a.mat);
            const shifted = await read(a.mat);
            for (let i = 0; i < r; i++) shifted[i * r + i] = shifted[i * r + i]! + shift;
            const b = matrix(rows, r, seed++);
            const out = matrix(rows, r, seed++);
            device.kernels.posvRight(a.mat, shift, b.mat, out.mat);
            const x = await read(out.mat);
            for (let i = 0; i < rows; i++) {
              for (let j = 0; j < r; j++) {
                const sum = new ProductSum().add(-1, b.data[i * r + j]!);
                let size = 0;
                for (let k = 0; k < r; k++) {
                  sum.add(x[i * r + k]!, shifted[k * r + j]!);
                  // |L||L^T| <= sqrt(a_kk a_jj)
                  size += Math.abs(x[i * r + k]!) * Math.sqrt(shifted[k * r + k]! * shifted[j * r + j]!);
                }
                const bound = 4 * (r + 4) * epsilon * size;
                claim(Math.abs(sum.value) <= bound, () => `posvRight r ${String(r)}: residual ${String(sum.value)} above ${String(bound)}.`);
              }
            }
          }
        }
      }
      const indefinite = matrix(2, 2, 1);
      device.write(indefinite.mat, Float64Array.of(1, 2, 2, 1));
      const out = matrix(3, 2, 2);
      device.kernels.posvRight(indefinite.mat, 0, matrix(3, 2, 1).mat, out.mat);
      claimSameBits('posvRight of an indefinite matrix', await read(out.mat), new Float64Array(6).fill(Number.NaN));
    }),

    check('sddmm and spmm, empty and whole', async ({ device, memory, matrix, vector, read, bound }) => {
      for (const [m, n, r, step] of [[1, 1, 1, 1], [5, 4, 3, 2], [6, 9, 1, 3], [12, 7, 5, 1], [4, 4, 2, 100], [3, 2, 0, 1]] as const) {
        const cells = Array.from({ length: m * n }, (_, k) => k).filter((k) => k % step === (step > 1 ? 1 : 0));
        const row = Int32Array.from(cells, (k) => Math.floor(k / n));
        const col = Int32Array.from(cells, (k) => k % n);
        const [rows, cols] = [memory.integers(row), memory.integers(col)];
        const [u, v] = [matrix(m, r, 31), matrix(n, r, 32)];
        const values = vector(cells.length, 33);
        const sampled = vector(cells.length, 34);
        device.kernels.sddmm(rows, cols, u.mat, v.mat, sampled.vec);
        const products = cells.map((_, k) => {
          const sum = new ProductSum();
          for (let j = 0; j < r; j++) sum.add(u.data[row[k]! * r + j]!, v.data[col[k]! * r + j]!);
          return sum;
        });
        claimClose('sddmm', await read(sampled.vec), products.map((sum) => sum.value), (k) => bound(r, products[k]!.absolute));
        for (const transposed of [false, true]) {
          const [to, from, b, count] = transposed ? [col, row, u, n] : [row, col, v, m];
          const out = matrix(count, r, 35);
          out.data.fill(Number.NaN);
          device.write(out.mat, out.data);
          device.kernels.spmm(rows, cols, values.vec, b.mat, out.mat, transposed);
          const sums = Array.from({ length: count * r }, () => new ProductSum());
          cells.forEach((_, k) => {
            for (let j = 0; j < r; j++) sums[to[k]! * r + j]!.add(values.data[k]!, b.data[from[k]! * r + j]!);
          });
          claimClose(`spmm${transposed ? ' transposed' : ''}`, await read(out.mat), sums.map((sum) => sum.value), (i) => bound(cells.length, sums[i]!.absolute));
        }
      }
    }),

    check('normal gives the numbers of the stream, rounded to its type', async ({ device, memory, read }) => {
      for (const [length, index] of [[0, 0], [1, 1], [2, 0], [17, 5], [1000, 2]] as const) {
        const key = streamKey(length, 'backend', index);
        const [vec, expected] = [memory.vector(length), new Float64Array(length)];
        device.kernels.normal(key, vec);
        normals(key, expected);
        claimSameBits('normal', await read(vec), expected.map(round));
      }
    }),

    ...(backend.kernels.has('latticeNormal')
      ? [
          check('latticeNormal gives the very numbers of the stream', async ({ device, memory, read }) => {
            for (const [length, index] of [[0, 0], [1, 1], [63, 2 ** 40 + 1], [1000, 2]] as const) {
              const key = streamKey(2 ** 33 + length, 'backend', index);
              // from an odd place, so that what lies beside it is seen to stay
              const [whole, expected] = [memory.vector(length + 2), new Float64Array(length + 2)];
              device.kernels.latticeNormal!(key, device.view(whole, 1, length));
              latticeNormals(key, expected.subarray(1, length + 1));
              claimSameBits('latticeNormal', await read(whole), expected);
            }
          }),
        ]
      : []),

    check('what is not finite stays so', async ({ device, memory, read }) => {
      const [x, out] = [memory.vector(5), memory.vector(5)];
      device.write(x, Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0));
      device.kernels.copy(x, out);
      claimSameBits('copy', await read(out), [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
      device.kernels.axpy(1, x, out);
      claimClose('axpy', await read(out), [2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0], 0);
      device.kernels.dot(x, x, out, 0);
      claim(Number.isNaN(await device.scalar(out)), () => 'dot of NaN is NaN.');
    }),

    check('an arena that is freed leaves others alone', async ({ device, vector, read }) => {
      const kept = vector(50, 1);
      const arena = device.memory();
      device.kernels.fill(arena.vector(50), 3);
      arena.integers(Int32Array.of(1, 2));
      arena[Symbol.dispose]();
      const after = device.memory();
      claimSameBits('memory given anew', await read(after.vector(50)), new Float64Array(50));
      after[Symbol.dispose]();
      claimSameBits('the other vector', await read(kept.vec), kept.data);
    }),

    ...(backend.determinism === 'bits'
      ? [
          check('gives the same bits again, on another device too', async (bench) => {
            const run = async ({ device, matrix, read }: Pick<Bench, 'device' | 'matrix' | 'read'>) => {
              const [a, b, out] = [matrix(30, 20, 1), matrix(20, 10, 2), matrix(30, 10, 3)];
              device.kernels.gemm('N', 'N', 1.5, a.mat, b.mat, 0.5, out.mat);
              device.kernels.dot(a.mat, a.mat, out.mat, 3);
              return await read(out.mat);
            };
            const once = await run(bench);
            claimSameBits('once more', await run(bench), once);
            await check('', async (other) => { claimSameBits('on another device', await run(other), once); }).run();
          }),
        ]
      : []),
  ];
}

interface Plain {
  readonly mat: Mat;
  readonly data: Float64Array;
}

/** alpha op(a) op(b) + beta c with twice the digits, and sum |alpha||a||b| + |beta||c| for each number. */
function product(ta: Transpose, tb: Transpose, alpha: number, a: Plain, b: Plain, beta: number, c: Float64Array, shape: Mat) {
  const width = shape.complex ? 2 : 1;
  const inner = ta === 'N' ? a.mat.cols : a.mat.rows;
  const values = new Float64Array(c.length);
  const bounds = new Float64Array(c.length);
  const part = ({ mat, data }: Plain, t: Transpose, i: number, j: number, imaginary: number) => {
    const x = data[(t === 'N' ? i * mat.cols + j : j * mat.cols + i) * width + imaginary]!;
    return t === 'C' && imaginary ? -x : x;
  };
  for (let i = 0; i < shape.rows; i++) {
    for (let j = 0; j < shape.cols; j++) {
      const sums = [new ProductSum(), new ProductSum()] as const;
      for (let k = 0; k < inner; k++) {
        sums[0].add(part(a, ta, i, k, 0), part(b, tb, k, j, 0));
        if (width === 1) continue;
        sums[0].add(-part(a, ta, i, k, 1), part(b, tb, k, j, 1));
        sums[1].add(part(a, ta, i, k, 0), part(b, tb, k, j, 1)).add(part(a, ta, i, k, 1), part(b, tb, k, j, 0));
      }
      for (let imaginary = 0; imaginary < width; imaginary++) {
        const at = (i * shape.cols + j) * width + imaginary;
        const old = beta === 0 ? 0 : beta * c[at]!;
        values[at] = alpha * sums[imaginary]!.value + old;
        bounds[at] = Math.abs(alpha) * sums[imaginary]!.absolute + Math.abs(old);
      }
    }
  }
  return { values, sizes: bounds };
}
