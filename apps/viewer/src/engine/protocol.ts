/**
 * What page and workers say to each other. A worker is sent `open` first; then it runs one method, or answers questions one after another.
 */
import type { OptionInfo, Plan } from '@lowland/core';
import type { LoadedData } from '@lowland/data';

import type { Composition, Options } from '../model/composition.ts';
import type { BasinMapView, RegionsView, RunView, SliceView, SpectrumView, StationaryPointView, StationaryView, Tracked, VerdictView, WorkView } from '../model/types.ts';
import type { Certified } from './certificate.ts';

/** A plugin module as the page got it: all workers run the same text. */
export interface PluginText {
  /** Its address, or the name of the file. */
  readonly source: string;
  readonly text: string;
}

/** A definition, as far as forms need it. */
export interface Entry {
  readonly id: string;
  readonly summary: string;
  readonly whenToUse: string | null;
  readonly formula: string | null;
  readonly reference: string | null;
  /** Of which plugin. */
  readonly plugin: string;
  readonly options: readonly OptionInfo[];
}

export interface ObjectiveEntry extends Entry {
  readonly data: string;
  /** Options of the generator of data; null where there is none. */
  readonly generate: readonly OptionInfo[] | null;
}

export interface Catalogue {
  readonly plugins: readonly { readonly name: string; readonly version: string }[];
  readonly objectives: readonly ObjectiveEntry[];
  readonly optimizers: readonly Entry[];
  readonly initializers: readonly Entry[];
  readonly backends: readonly Entry[];
  readonly analyses: readonly Entry[];
  readonly trackers: readonly Entry[];
}

/** An error as plain data: what happened, and what to do. */
export interface Fault {
  readonly code: string | null;
  readonly message: string;
  /** The definition that did not return when it was made. */
  readonly hung?: string;
}

export type Form = 'factored' | 'convex' | 'fixed-rank';

/** What would become of a composition. */
export interface Prospect {
  /** One of each method; a fault where a method could not even be made. */
  readonly plans: readonly (Plan | Fault)[];
  /** The variables of each method: factors, the matrix itself, or singular triples. */
  readonly forms: readonly Form[];
  /** Of every optimizer at its defaults: null where it can run, else why not. */
  readonly optimizers: Readonly<Record<string, string | null>>;
  /** Of every tracker, likewise. */
  readonly trackers: Readonly<Record<string, string | null>>;
  readonly initializers: Readonly<Record<string, string | null>>;
  /** Blocks of variables. */
  readonly layout: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly scale: string | null;
}

/** Where a point stands: enough to make its objective anew. */
export interface Standpoint {
  readonly composition: Composition;
  /** Position of the method whose variables the point has. */
  readonly method: number;
  readonly point: Float64Array;
  readonly run: string;
  readonly iteration: number;
}

/** Kept points of a run, to be laid into a slice. */
export interface Way {
  readonly run: string;
  readonly iteration: Float64Array;
  readonly value: Float64Array;
  readonly points: readonly Float64Array[];
}

/** `coordinate`: a variable itself, the first one and then the second, in its own unit; `zero`: the way to the point zero. */
export type Direction = 'random' | 'filter' | 'smallest' | 'largest' | 'symmetry' | 'gradient' | 'coordinate' | 'zero' | 'trajectory' | 'other point';

export interface SliceRequest {
  readonly first: Direction;
  readonly second: Direction | 'none';
  readonly radius: number;
  readonly grid: number;
  readonly seed: number;
  readonly ways: readonly Way[];
  /** For `other point`: where the first direction leads. */
  readonly other: Float64Array | null;
  /** Stationary points, to be marked where they are. */
  readonly marks?: readonly { readonly point: Float64Array; readonly kind: StationaryPointView['kind']; readonly label: string }[];
  /** Whether the regions R1, R2, R3 are wanted too. */
  readonly regions: boolean;
  /** Whether the critical points of the section are, where f is a polynomial on it. */
  readonly critical?: boolean;
}

export interface SliceAnswer {
  readonly slice: SliceView;
  /** Null where they were not wanted; a fault where the objective has none. */
  readonly regions: RegionsView | Fault | null;
}

/** A map of basins: starts on a grid, `radius` about zero. */
export interface BasinRequest {
  readonly radius: number;
  readonly grid: number;
}

/** Questions about a point, and their answers. */
export interface Questions {
  slice: { readonly ask: SliceRequest; readonly answer: SliceAnswer };
  spectrum: { readonly ask: { readonly seed: number }; readonly answer: SpectrumView };
  stationary: { readonly ask: { readonly by: 'connect' | 'all-stationary-points'; readonly options: Readonly<Record<string, unknown>> }; readonly answer: StationaryView };
  /** What is proved of the point, for the checker. */
  certificate: { readonly ask: { readonly tolerance: number }; readonly answer: Certified };
  verdict: { readonly ask: { readonly tolerance: number }; readonly answer: VerdictView };
  /** Where the first method ends from each start; the point is of no matter. Its stages carry the map so far. */
  basins: { readonly ask: BasinRequest; readonly answer: BasinMapView };
  /** Any analysis by name; its result as plain data. */
  analysis: { readonly ask: { readonly id: string; readonly options: Readonly<Record<string, unknown>> }; readonly answer: unknown };
}
export type Question = keyof Questions;

export type ToWorker =
  | { readonly kind: 'open'; readonly plugins: readonly PluginText[] }
  /** `without`: definitions that are known not to return when they are made. */
  | { readonly kind: 'prospect'; readonly id: number; readonly composition: Composition; readonly without: readonly string[] }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question; readonly at: Standpoint; readonly ask: Questions[Question]['ask'] }
  | { readonly kind: 'data'; readonly id: number; readonly composition: Composition; readonly holdout: number }
  | { readonly kind: 'read'; readonly id: number; readonly file: File; readonly reading: Options }
  /** The numbers of a file that compositions name from then on. */
  | { readonly kind: 'numbers'; readonly data: LoadedData }
  | { readonly kind: 'run'; readonly composition: Composition; readonly method: number; readonly pace: Pace }
  | { readonly kind: 'pace'; readonly pace: Pace }
  | { readonly kind: 'step'; readonly count: number };

/** Iterations a second; Infinity: as many as there can be, 0: paused. */
export type Pace = number;

/** A kept point. */
export interface Kept {
  readonly iteration: number;
  readonly seconds: number;
  readonly value: number;
  readonly gradientNorm: number;
  readonly tracked: Readonly<Record<string, Tracked>>;
  readonly point: Float64Array;
}

/** What a run tells as it goes. */
export type RunEvent =
  | { readonly kind: 'planned'; readonly plan: Plan }
  /** `rows`: iteration, seconds, value, gradient norm of one observation after another. Of earlier kept points those whose iteration is no multiple of `stride` go. */
  | { readonly kind: 'progress'; readonly rows: Float64Array; readonly kept: readonly Kept[]; readonly stride: number }
  /** What computed is gone; the run waits, and goes on from this iteration. */
  | { readonly kind: 'lost'; readonly iteration: number; readonly message: string }
  | { readonly kind: 'ended'; readonly stop: NonNullable<RunView['stop']>; readonly work: WorkView; readonly last: Kept }
  | { readonly kind: 'judged'; readonly verdict: VerdictView };

/** How far what thinks long is: `done` of `of` in a part of its work. */
export interface Stage {
  readonly name: string;
  readonly done: number;
  readonly of: number;
  /** What there is already. */
  readonly part?: unknown;
}

export type FromWorker =
  | { readonly kind: 'alive' }
  /** What a plugin is making; null: that is done. */
  | { readonly kind: 'making'; readonly id: string | null }
  | { readonly kind: 'stage'; readonly id: number; readonly stage: Stage }
  | { readonly kind: 'ready'; readonly catalogue: Catalogue }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'fault'; readonly id: number | null; readonly fault: Fault }
  | RunEvent;
