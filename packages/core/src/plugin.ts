/**
 * What a registry holds: definitions. Code uses the values that `create` gives.
 */
import type { Analysis, Tracker } from './analysis.ts';
import type { AnyObjective } from './any.ts';
import type { Capability } from './capability.ts';
import type { Backend, KernelName, MaybePromise } from './device.ts';
import type { Point } from './layout.ts';
import type { Objective } from './objective.ts';
import type { Context, Optimizer } from './optimizer.ts';
import type { StreamKey } from './philox.ts';
import type { Refusal } from './run.ts';

/** Standard Schema v1 with its JSON Schema part: core's own `options()`, valibot and zod all give this. */
export interface Schema<O> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(
      value: unknown,
    ):
      | { readonly value: O; readonly issues?: undefined }
      | { readonly issues: readonly { readonly message: string; readonly path?: readonly PropertyKey[] | undefined }[] }
      | Promise<unknown>;
    readonly jsonSchema?: {
      /** What may be given: command lines and forms are made from it. */
      input(options: { target: string }): Record<string, unknown>;
      output?(options: { target: string }): Record<string, unknown>;
    };
    readonly types?: { readonly input: unknown; readonly output: O } | undefined;
  };
}

/** Name, options and a maker. The kinds differ only in what they make. */
export interface Definition<O, T> {
  readonly apiVersion: 1;
  readonly id: string;
  readonly summary: string;
  /** When to choose it rather than another, in a sentence or two. */
  readonly whenToUse?: string;
  readonly formula?: string;
  /** Authors, year, arXiv id. */
  readonly reference?: string;
  /** At default options, for listings; a test compares them with the created value. */
  readonly requires?: readonly Capability[];
  readonly provides?: readonly Capability[];
  readonly options: Schema<O>;
  create(options: O): T;
}

/** The forms that data take, named so that an app can read a file for an objective. */
export interface DataMap {
  none: undefined;
  /** Dense row-major. */
  matrix: { readonly rows: number; readonly cols: number; readonly values: Float64Array };
  entries: {
    readonly rows: number;
    readonly cols: number;
    readonly row: Int32Array;
    readonly col: Int32Array;
    readonly values: Float64Array;
    readonly weights?: Float64Array;
  };
  measurements: Measurements;
}
export type DataForm = keyof DataMap;

/** y_i = <A_i, X> (+ noise), with the A_i from a seeded ensemble or given. */
export interface Measurements {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
  readonly ensemble: SeededEnsemble | DenseEnsemble | SparseEnsemble | RankOneEnsemble | CodedDiffractionEnsemble;
  /** C of a linear term <C, X>, rows x cols. */
  readonly linear?: Float64Array;
  /** w_i >= 0, one of each measurement; absent: 1. */
  readonly weights?: Float64Array;
}
/**
 * Ensembles from the streams (seed, `ensemble`, i), `version` the version of the rule that draws them:
 *
 *     gaussian             A_i has iid N(0,1) entries (symmetrised for psd problems)
 *     lattice              A_i has iid entries by the lattice rule (`latticeNormals`): mean 0, variance 1, kurtosis 2.98, not exactly normal;
 *                          the same numbers on every device (symmetrised for psd problems)
 *     gaussian-symmetric   A_i = (G + G^T)/2, G of `gaussian`; square
 *     sparse               A_i has `nonzeros` entries, the first normals of the stream times sqrt(rows cols / nonzeros), at cells that the
 *                          uniforms of the stream (seed, `ensemble cells`, i) choose, each anew: E <A_i, X>^2 = |X|_F^2, as of `gaussian`
 *     rank-one             A_i = a b^T, the first rows + cols numbers of the stream
 *     rank-one-symmetric   A_i = a a^T, the first rows numbers
 *     rank-one-complex     A_i = a a^*, of size rows; the first 2 rows numbers over the root of 2 are real and imaginary parts, one entry after another
 *     coded-diffraction    A_i = a a^* with octanary masks: entry j of mask l has the direction 1, i, -1 or -i that the uniform number 2 j of stream l
 *                          chooses, and the length sqrt 3 where number 2 j + 1 is below 1/5, else 1 / sqrt 2; as many masks as fit the measurements
 */
export interface SeededEnsemble {
  readonly kind: 'seeded';
  readonly name: 'gaussian' | 'lattice' | 'gaussian-symmetric' | 'sparse' | 'rank-one' | 'rank-one-symmetric' | 'rank-one-complex' | 'coded-diffraction';
  readonly seed: number;
  readonly version: 1;
  /** Entries of each matrix, of `sparse` alone. */
  readonly nonzeros?: number;
}
/** matrices: count x rows x cols, row-major. */
export interface DenseEnsemble {
  readonly kind: 'dense';
  readonly matrices: Float64Array;
}
/** Entry k adds value[k] to A_{measurement[k]} at (row[k], col[k]). */
export interface SparseEnsemble {
  readonly kind: 'sparse';
  readonly measurement: Int32Array;
  readonly row: Int32Array;
  readonly col: Int32Array;
  readonly value: Float64Array;
}

/** A_i = a_i a_i^* with a_(l n + k)(j) = mask_l(j) exp(2 pi i j k / n): masks: count of masks x n, pairs (re, im), i = l n + k. */
export interface CodedDiffractionEnsemble {
  readonly kind: 'coded-diffraction';
  readonly masks: Float64Array;
}

/** A_i = a_i b_i^T, never formed: left: count x rows, right: count x cols, row-major. Without `right` A_i = a_i a_i^T, rows = cols. */
export interface RankOneEnsemble {
  readonly kind: 'rank-one';
  readonly left: Float64Array;
  readonly right?: Float64Array;
  /** A_i = a_i a_i^*: the entries of left are pairs (re, im), X is Hermitian of size rows. */
  readonly complex?: true;
}

/**
 * Objectives also need data; the form they accept is named, so that an app can read a file for them. F is that form, P what
 * the objectives provide: annotate `ObjectiveDefinition<Options, 'matrix', 'value' | 'gradient'>`, or write the definition
 * with `satisfies ObjectiveDefinition<Options, 'matrix'>` and P is read off `create`. A registry knows neither.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an objective of a name provides is known at run time only
export interface ObjectiveDefinition<O, F extends DataForm = DataForm, P extends Capability = any> extends Omit<Definition<O, never>, 'create'> {
  readonly data: F;
  /** `truth` is what a generator planted, for objectives that tell the distance to it. */
  create(options: O, data: DataMap[F], truth?: DataMap['matrix']): Objective<P>;
  /** Data with a planted solution, for `--generate`; only where the data form is not `none`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- generators of every option type
  readonly generate?: DataGenerator<any, F>;
}

/** Makes data with a planted solution from a seed. */
export interface DataGenerator<O, F extends DataForm = DataForm> {
  readonly options: Schema<O>;
  create(options: O, seed: number): { readonly data: DataMap[F]; readonly truth?: DataMap['matrix'] };
}

/** Parts combine into methods: step rules, geometries, schedules; and starts are made by initialisers. An option that holds a part is `{ id, options }`. */
export interface Part<R extends Capability> {
  readonly id: string;
  readonly requires: readonly R[];
}

/** Makes the start of a run: `solve(objective, optimizer, { backend, init })`. What it draws is its streams' from `key` on. */
export interface Initializer<R extends Capability = never> extends Part<R> {
  readonly options: Readonly<Record<string, unknown>>;
  /** Kernels that it calls itself, as in `Optimizer`. */
  readonly kernels?: readonly KernelName[];
  /** Why it cannot serve an objective that provides all it requires, as in `Optimizer`. */
  readonly refuses?: (objective: AnyObjective) => Refusal | undefined;
  /** @param key the stream (seed, `init`, 0); further streams have the next indices */
  point(context: Context<R>, key: StreamKey): MaybePromise<Point>;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- a plugin holds definitions of every option type */
export interface Plugin {
  readonly apiVersion: 1;
  readonly name: string;
  readonly version: string;
  readonly objectives?: readonly ObjectiveDefinition<any>[];
  readonly optimizers?: readonly Definition<any, Optimizer<any, any>>[];
  readonly backends?: readonly Definition<any, Backend>[];
  readonly analyses?: readonly Definition<any, Analysis<any, unknown, any>>[];
  readonly trackers?: readonly Definition<any, Tracker<any, unknown>>[];
  readonly initializers?: readonly Definition<any, Initializer<any>>[];
  readonly parts?: readonly Definition<any, Part<any>>[];
}
/* eslint-enable @typescript-eslint/no-explicit-any */
