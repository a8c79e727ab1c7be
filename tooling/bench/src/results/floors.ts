/** What must be reached: ratio = time of the other / our time, on one run. Read with `noise`; `check.ts` compares. */

export interface Floor {
  readonly task: string;
  readonly threads: number;
  /** Whose time is ours. */
  readonly ours: string;
  /** The fastest of these is the other. */
  readonly rivals: readonly string[];
  /** Threads of the rivals; as many as ours unless given. */
  readonly rivalThreads?: number;
  readonly least: number;
}

/** Two runs of the same code on one machine differ by this much: a ratio counts as short when it is below (1 - noise) of its floor. */
export const noise = 0.07;

/**
 * NumPy is `numpy`, the strongest form that is known: with arrays made once and thin products as V^T R^T and U^T R, at which OpenBLAS is up
 * to twice as fast. `numpy out=`, with the products as they are written, is in the tables beside it.
 */
const numpy = ['numpy'];

/** OpenBLAS by its fastest caller: from this process, or from NumPy with the build that comes with it. */
const openblas = ['openblas', 'numpy'];

const ours = 'lowland';
const peak = ['128-bit peak'];

/** One floor for one thread and, where it is given, one for two. */
const floors = (task: string, our: string, rivals: readonly string[], one: number | undefined, two?: number): readonly Floor[] =>
  [one, two].flatMap((least, i) => (least === undefined ? [] : [{ task, threads: i + 1, ours: our, rivals, least }]));

/** How much faster two threads are than one. */
const scaling = (task: string): Floor => ({ task, threads: 2, ours, rivals: [ours], rivalThreads: 1, least: 1.85 });

export const allFloors: readonly Floor[] = [
  ...[128, 256, 512, 1024].map((n) => `gemm ${n}`).flatMap((gemm) => [
    ...floors(gemm, ours, peak, 0.93),
    scaling(gemm),
    ...floors(gemm, ours, openblas, 0.3, 0.29),
  ]),
  ...floors('factorisation gradient 1000x1000 rank 10', ours, peak, 0.93),
  scaling('factorisation gradient 1000x1000 rank 10'),
  ...floors('factorisation gradient 4000x4000 rank 10', ours, openblas, 1.3, 1.8),
  ...floors('factorisation descent 1000x1000 rank 10', ours, numpy, 0.85, 1.05),
  ...floors('factorisation descent 1000x1000 rank 10', ours, ['ml-matrix'], 20),
  ...floors('factorisation descent 1000x1000 rank 10', 'lowland blas', numpy, 1.05, 1.1),
  ...floors('completion descent 5000x5000 250000 observed rank 10', ours, ['scipy'], 5, 8),
  ...['500x500 19900 observed rank 5', '2000x2000 159600 observed rank 10'].flatMap((size) => [1, 20].flatMap((condition) => floors(`completion recovery ${size} condition ${condition}`, ours, ['scipy l-bfgs-b', 'nlopt l-bfgs'], 2))),
  ...[10, 50].flatMap((n) => floors(`eigen ${n}`, ours, numpy, 1)),
  ...[200, 500, 1000].flatMap((n) => floors(`eigen ${n}`, ours, numpy, 0.35)),
  ...floors('qr 1000x10', ours, numpy, 1),
];
