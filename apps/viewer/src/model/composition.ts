/**
 * What a person composes: a problem, methods that are to run on it from the same start, and limits. Plain data; what is left out of options is
 * the default of the schema.
 */

/** By name; a part is `{ id, options }`. */
export type Options = Readonly<Record<string, unknown>>;

/** A definition by name, with options. */
export interface Chosen {
  readonly id: string;
  readonly options: Options;
}

export interface Limits {
  readonly iterations: number;
  /** Null: none. Pauses do not count. */
  readonly seconds: number | null;
  /** Relative to the gradient norm at the start. Null: 1e-8, 1e-6 in f32, none for a method that escapes saddles. */
  readonly gradientTolerance: number | null;
  /** Seconds without a sign of life after which a worker is ended. */
  readonly patience: number;
}

/** A file of data that a person has chosen. Its numbers stay in the session; what is kept and shared is what they are told by. */
export interface DataFile {
  readonly name: string;
  /** SHA-256 of what it means, as results have it: files of other formats may mean the same. */
  readonly sha256: string;
  /** How it is read where that is not found out, by the names and in the words of the command line. */
  readonly reading: Options;
  /** Share of the entries that is held back, chosen by the seed. */
  readonly holdout: number;
}

export interface Composition {
  readonly objective: Chosen;
  /** Null: data are generated, or there are none. */
  readonly data: DataFile | null;
  /** How data are made, of an objective that needs some. */
  readonly generate: Options;
  /** Null: the objective makes the start. */
  readonly init: Chosen | null;
  readonly backend: Chosen;
  /** One run each. */
  readonly methods: readonly Chosen[];
  readonly seed: number;
  readonly limits: Limits;
  /** Ids of trackers. */
  readonly track: readonly string[];
}

export const defaultLimits: Limits = { iterations: 1000, seconds: null, gradientTolerance: null, patience: 20 };

/** As many as colours can be told apart. */
export const mostMethods = 8;

/** What the page opens with: two methods on one problem, one of which does not mind the condition number. */
export const firstComposition: Composition = {
  objective: { id: 'matrix-factorization', options: { rank: 3, balance: 0 } },
  data: null,
  generate: { rows: 40, cols: 30, rank: 3, condition: 20 },
  init: null,
  backend: { id: 'cpu', options: {} },
  methods: [
    { id: 'gradient-descent', options: {} },
    { id: 'scaled-gradient-descent', options: {} },
  ],
  seed: 1,
  limits: defaultLimits,
  track: ['distance', 'effective-rank', 'singular-values'],
};
