/**
 * What panels and scenes are given: plain data, without a package, a worker or a signal in them.
 *
 * Positions in a list of runs choose the colour: run k has var(--run-(k + 1)).
 */
import type { Plan } from '@lowland/core';
import type { CertificateCheck, CertificateDocument } from '@lowland/landscape/checker';

export type { Plan } from '@lowland/core';

/** One observation. `value` and `gradientNorm` are NaN where they were not looked at. */
export interface TraceRow {
  readonly iteration: number;
  readonly seconds: number;
  readonly value: number;
  readonly gradientNorm: number;
}

/** Observations as columns of one length, by iteration: what charts draw. */
export interface TraceView {
  readonly iteration: Float64Array;
  readonly seconds: Float64Array;
  readonly value: Float64Array;
  readonly gradientNorm: Float64Array;
}

/** What a tracker said: a number, a list (singular values, descending), or a name such as a region. */
export type Tracked = number | readonly number[] | string;

/** A place on the way of which the point was kept. There are at most a few hundred of a run, evenly spread, the last one among them. */
export interface SnapshotView extends TraceRow {
  /** By tracker id: `distance`, `effective-rank`, `sharpness`, `singular-values`, … */
  readonly tracked: Readonly<Record<string, Tracked>>;
}

/** `idle`: not started; `failed`: the method threw, or its worker was ended, `message` says why; `file`: read from a result, cannot go on. */
export type RunStatus = 'idle' | 'running' | 'paused' | 'ended' | 'failed' | 'file';

export interface RunView {
  readonly id: string;
  /** Such as `gradient-descent, step fixed 0.1`: tells the runs of one page apart. */
  readonly label: string;
  readonly optimizer: string;
  readonly status: RunStatus;
  /** Why it failed, and what to do. */
  readonly message: string | null;
  readonly trace: TraceView;
  readonly snapshots: readonly SnapshotView[];
  /** Why it ended. */
  readonly stop: { readonly reason: string; readonly rule: string; readonly detail?: string } | null;
  readonly verdict: VerdictView | null;
  readonly plan: Plan | null;
  readonly work: WorkView | null;
}

/** What a run has cost so far. */
export interface WorkView {
  readonly iterations: number;
  readonly seconds: number;
  /** Calls by oracle, the method's and those of observations and trackers. */
  readonly method: Readonly<Record<string, number>>;
  readonly driver: Readonly<Record<string, number>>;
  readonly reads: number;
  readonly bytes: number;
}

/** What is certain about the last point of a run. Null where no rule proves a number; `reason` says why. */
export interface VerdictView {
  readonly kind: 'global-minimum' | 'strict-saddle' | 'second-order-point' | 'first-order-point' | 'not-stationary' | null;
  /** One sentence that claims no more than was proved. */
  readonly sentence: string;
  readonly reason: string | null;
  /** The problem that the gap is about. */
  readonly problem: string | null;
  readonly rule: string | null;
  readonly value: number;
  readonly gap: number | null;
  readonly relativeGap: number | null;
  readonly lowerBound: number | null;
  readonly tolerance: number;
  readonly rank: number | null;
  readonly normBound: { readonly value: number; readonly rule: string; readonly failureProbability: number } | null;
  /** Over the choice of the seed; 0 where nothing was left to chance. */
  readonly failureProbability: number | null;
  readonly gradient: { readonly norm: number; readonly scale: number; readonly relative: number; readonly tolerance: number } | null;
  readonly curvature: { readonly lower: number | null; readonly upper: number; readonly threshold: number; readonly morseIndex: number | null } | null;
  /** Where the run computed otherwise than the verdict: by what each of them did, and at which point. */
  readonly provenance?: string;
}

/** What became of a certificate that was checked: every claim, stated and recomputed. */
export interface CheckView extends CertificateCheck {
  readonly document: CertificateDocument;
  /** Where the data came from, in a sentence. */
  readonly data: string;
  readonly seconds: number;
}

/** A run as it lies in a plane: coordinates of its projection, with what projection hides. All columns of one length. */
export interface PathView {
  readonly run: string;
  readonly iteration: Float64Array;
  /** In units of the directions, as the axes of the slice. */
  readonly s: Float64Array;
  /** 0 on a line. */
  readonly t: Float64Array;
  /** f at the point itself. */
  readonly value: Float64Array;
  /** f at its projection, on the slice. */
  readonly sliceValue: Float64Array;
  /** How far the point is from the plane, in lengths of the variables. */
  readonly distance: Float64Array;
  /** Of the squared distances of its points from the centre, the share that lies in the plane; 1 where it never leaves the centre. */
  readonly inPlane: number;
}

/** A stationary point beside a plane. */
export interface MarkView {
  readonly s: number;
  readonly t: number;
  readonly kind: StationaryPointView['kind'];
  readonly label: string;
  /** To the plane, in lengths of the variables. */
  readonly distance: number;
}

/** Critical points of a section: where f is stationary as long as one stays in it. */
export interface CriticalView {
  /** That there are no others. */
  readonly complete: boolean;
  /** Why there may be. */
  readonly reason: string | null;
  /** Complex solutions at most, and those that were isolated. */
  readonly bezout: number;
  readonly solutions: number;
  /** Real ones by value, `t` 0 on a line; `gradientNorm` is that of f in all of space. */
  readonly points: readonly { readonly s: number; readonly t: number; readonly kind: 'minimum' | 'saddle' | 'maximum' | 'degenerate'; readonly value: number; readonly gradientNorm: number; readonly inside: boolean }[];
  /** Curves of them in the window: s and t in turn. */
  readonly curves: readonly Float64Array[];
}

/** f on a plane (or a line) through a point. */
export interface SliceView {
  /** The point at the centre. */
  readonly run: string;
  readonly iteration: number;
  readonly value: number;
  /** Names of the directions, one of a line: `random`, `filter`, `smallest`, `largest`, `symmetry`, `gradient`, `trajectory`, `other point`. */
  readonly names: readonly string[];
  readonly s: Float64Array;
  /** Null on a line. */
  readonly t: Float64Array | null;
  /** f at (s[j], t[i]) in place i · s.length + j; +Infinity outside the domain. */
  readonly values: Float64Array;
  readonly method: 'polynomial' | 'evaluated';
  readonly degree: number | null;
  /** Bound of the rounding of the values; null where they were evaluated. */
  readonly errorBound: number | null;
  /** How they were evaluated, and how far from f itself they are where that was looked at; null for polynomials. */
  readonly evaluation: { readonly by: 'plane' | 'points'; readonly dtype: string; readonly deviation: number | null } | null;
  readonly radius: number;
  /** Of `trajectory` directions: shares of the squared distances from the centre that each explains, of the run at the centre. */
  readonly explained: readonly number[] | null;
  readonly paths: readonly PathView[];
  /** Stationary points that are known, projected; one of each orbit where they were counted so. */
  readonly marks: readonly MarkView[];
  /** Null where they were not asked for; words where f is no polynomial on the section, so that they cannot be listed. */
  readonly critical: CriticalView | string | null;
  /** Milliseconds that it took. */
  readonly milliseconds: number;
}

/** The partition R1, R2, R3 on the plane of a slice. */
export interface RegionsView {
  readonly s: Float64Array;
  readonly t: Float64Array | null;
  /** Index into `names` at (s[j], t[i]) in place i · s.length + j. */
  readonly region: Uint8Array;
  readonly names: readonly string[];
  /** At the centre. */
  readonly at: {
    readonly region: string;
    readonly least: number;
    readonly largest: number;
    readonly distance: number;
    readonly thresholds: { readonly least: number; readonly distance: number; readonly largest: number };
    readonly minimiser: { readonly least: number; readonly largest: number };
    readonly statement: string;
    readonly survives: number | null;
  };
}

/** Eigenvalues of the Hessian at a point, the tangent of its orbit left out. */
export interface SpectrumView {
  readonly run: string;
  readonly iteration: number;
  readonly variables: number;
  readonly group: string | null;
  /** Dimension of the orbit. */
  readonly deflated: number;
  readonly gradientNorm: number;
  /** All, ascending; null where there are too many. */
  readonly eigenvalues: Float64Array | null;
  /** Ends with their residuals, outermost first. */
  readonly smallest: readonly { readonly value: number; readonly residual: number }[];
  readonly largest: readonly { readonly value: number; readonly residual: number }[];
  /** Zero means at most this. */
  readonly threshold: number;
  readonly signs: { readonly negative: number; readonly zero: number; readonly positive: number } | null;
  readonly density: { readonly points: Float64Array; readonly values: Float64Array; readonly width: number } | null;
  readonly trace: { readonly value: number; readonly standardError: number } | null;
  readonly products: number;
}

export interface StationaryPointView {
  /** One of the points of the orbit; null where only its numbers are known. */
  readonly point: Float64Array | null;
  readonly value: number;
  readonly gradientNorm: number | null;
  /** Negative eigenvalues of the Hessian; null where some have no sign. */
  readonly index: number | null;
  readonly kind: 'least' | 'minimum' | 'saddle' | 'maximum' | 'degenerate';
  /** Where descent can be caught. */
  readonly spurious: boolean;
  readonly orbit: { readonly dimension: number; readonly components: number; readonly rank: number | null } | null;
  readonly smallest: number | null;
  readonly largest: number | null;
  /** Times it was found; null where all were found by a method that proves its list complete. */
  readonly seen: number | null;
}

/** Stationary points, and the ways down between them: a Morse graph and its tree of barriers. */
export interface StationaryView {
  readonly points: readonly StationaryPointView[];
  readonly falls: readonly { readonly from: number; readonly to: number | null; readonly curvature: number; readonly sign: 1 | -1; readonly length: number }[];
  /** Minima (of orbits in two parts both), as leaves of the tree. */
  readonly leaves: readonly { readonly point: number; readonly component: 0 | 1 }[];
  /** Leaves first, then joins by height; `through` is the saddle that joins. */
  readonly tree: readonly { readonly height: number; readonly leaf: number | null; readonly through: number | null; readonly parts: readonly number[] }[];
  readonly group: string | null;
  /** Whether the list is proved complete; null where that is not known, `statement` says what is. */
  readonly complete: boolean | null;
  readonly statement: string;
  /** The Euler audit of the list. */
  readonly audit: string | null;
  /** What is known to be missing, or not looked for, a sentence each. */
  readonly missing: readonly string[];
}

/** How long one Langevin run takes from one well to the next. */
export interface CrossingView {
  /** Position among the methods. */
  readonly method: number;
  readonly temperature: number;
  /** a of the rotation; 0: none. */
  readonly strength: number;
  /** Mean times: of Eyring and Kramers; exact, null where that is not computed. */
  readonly law: number;
  readonly exact: number | null;
  /** Of a simulation, and how many of them a crossing takes. */
  readonly step: number;
  readonly steps: number;
  /** Paths that are simulated; 0 where that would take too long. */
  readonly paths: number;
  /** Null where it is not there. */
  readonly simulated: { readonly time: number; readonly standardError: number; readonly paths: number; readonly exits: number } | null;
}

/** What every panel that shows the way of runs is given beside its own data. */
export interface Cursor {
  /** The iteration at the time scrubber; null: the end of each run. */
  readonly iteration: number | null;
  /** Called with an iteration that the person points at. */
  readonly move: (iteration: number | null) => void;
}

/** Where a method ends from each point of a grid on a plane through zero. */
export interface BasinMapView {
  readonly method: string;
  readonly backend: string;
  readonly dtype: string;
  /** The GPU, as it names itself. */
  readonly adapter: string | null;
  readonly names: readonly [string, string];
  /** Coordinates along both axes. */
  readonly s: Float64Array;
  /** At (s[j], s[i]) in place i · s.length + j: position in `basins`; -1 still going, -2 diverged, -3 an end beyond those that are told apart. */
  readonly labels: Int16Array;
  /** Steps that each run has taken. */
  readonly steps: Float64Array;
  /** Steps so far, of so many at most. */
  readonly taken: number;
  readonly of: number;
  /** A run ends where its gradient norm is at most this. */
  readonly tolerance: number;
  readonly seconds: number;
  /** By value. */
  readonly basins: readonly {
    /** Where the first run came to. */
    readonly point: Float64Array;
    /** Of an orbit in two parts: which. */
    readonly component: 0 | 1;
    /** f there. */
    readonly value: number;
    /** Directions down, eigenvalues of the Hessian below 0; null while runs go on, or where they have no sign. */
    readonly down: number | null;
    readonly starts: number;
  }[];
  /** Why the runs went one after another; null where they went together. */
  readonly note: string | null;
}
