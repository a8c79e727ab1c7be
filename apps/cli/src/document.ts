import type { Certificate, Classification } from '@lowland/landscape';
import type { Counts, Dtype, Plan, Solution } from '@lowland/core';
import type { Polish } from '@lowland/optimizers';

import type { Form } from './form.ts';

export type VerdictKind = 'global-minimum' | Classification['kind'];

/** What is certain about the point. Numbers are null where no rule proves them; `reason` says why. */
export interface Verdict {
  /** Null only where the run was interrupted before a verdict, or none could be computed. */
  readonly kind: VerdictKind | null;
  /** One sentence that claims no more than was proved. */
  readonly sentence: string;
  readonly gap: number | null;
  readonly relativeGap: number | null;
  readonly lowerBound: number | null;
  readonly tolerance: number;
  readonly rule: Certificate['rule'];
  readonly reason: string | null;
  /** The problem that a proved gap is about. */
  readonly problem: string | null;
  readonly normBound: Certificate['normBound'];
  /** Over the choice of the seed, of everything that was proved with the help of chance; 0 where nothing was. */
  readonly failureProbability: number;
  /** Where the point is no certified minimum: what its gradient and Hessian say. */
  readonly gradient: Classification['gradient'] | null;
  readonly curvature: { readonly lower: number | null; readonly upper: number; readonly threshold: number; readonly morseIndex: number | null } | null;
}

export interface Holdout {
  readonly count: number;
  readonly rmse: number;
  /** Of the prediction by global, row and column means of the training cells. */
  readonly baselineRmse: number;
}

/** Where the data came from and which they are. */
export interface DataNote {
  readonly form: string;
  readonly source: string;
  /** SHA-256 of the data as read, whatever the format of the file. */
  readonly sha256: string;
  readonly rows: number;
  readonly cols: number;
  /** Numbers observed: entries, cells or measurements. */
  readonly observations: number;
  readonly notes: readonly string[];
}

/** How a backend computes: its number type, and what it says of kernels, threads or a library. */
export interface Computing {
  readonly dtype: Dtype;
  readonly [detail: string]: string | number;
}

/** What `--json` prints and `result.json` holds. */
export interface ResultDocument {
  readonly lowland: string;
  /** Versions of the plugins that objective, optimizer, backend and start come from; absent in results of before they were written. */
  readonly plugins?: Readonly<Record<string, string>>;
  readonly objective: string;
  readonly optimizer: string;
  readonly backend: string;
  /** What made the start; null where the objective did. */
  readonly init: string | null;
  /** The variables of the run; the point written is in factors whatever they were. */
  readonly form: Form;
  readonly computing: Computing;
  readonly seed: number;
  /** All options, defaults filled in. */
  readonly options: Readonly<Record<'objective' | 'optimizer' | 'backend', Readonly<Record<string, unknown>>> & { readonly init?: Readonly<Record<string, unknown>> }>;
  /** What was asked for, by flag name. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly data: DataNote | null;
  readonly value: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly seconds: number;
  readonly stop: Solution['stop'];
  /** Of runs in f32 that ended by themselves: the steps in f64 to the point that value, gradient, verdict and files are about; null where it is the run's own, absent in older results. */
  readonly polish?: Polish | null;
  readonly verdict: Verdict;
  /** Singular values of the recovered matrix above 1e-6 of the largest; null where the point has no factors. */
  readonly rank: number | null;
  /** What the trackers said last; null without --track. */
  readonly tracked: Readonly<Record<string, unknown>> | null;
  readonly singularValues: readonly number[] | null;
  readonly holdout: Holdout | null;
  /** Of generated data: |X - planted| / |planted|. */
  readonly truth: { readonly relativeError: number } | null;
  /** Means that were taken off first: add `global`, row-offsets.npy and column-offsets.npy to the product of the factors. */
  readonly offsets: { readonly global: number } | null;
  readonly counts: Counts;
  readonly plan: Plan;
  /** Files in the output folder. */
  readonly files: readonly string[];
}
