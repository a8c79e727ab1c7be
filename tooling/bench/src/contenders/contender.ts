/** Who takes part: a contender is one module here, and a folder of its own where it comes from npm. */
import type { Dtype } from '@lowland/core';

import type { Instance } from '../tasks/generate.ts';
import type { Kind, Task, TaskOf } from '../tasks/task.ts';

/** A task made ready for one contender. */
export interface Prepared {
  /** Does the whole work so many times, each time from the same start. */
  run(times: number): void | Promise<void>;
  /** What `values.ts` says of the last result. */
  values(): readonly number[] | Promise<readonly number[]>;
}

/** How a contender makes a task ready. */
export type Preparers = { readonly [K in Kind]?: (task: TaskOf<K>, instance: Instance) => Prepared | Promise<Prepared> };

export interface Opened {
  /** Name and version, and which kernels run. */
  readonly version: string;
  readonly preparers: Preparers;
}

interface Entry {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly dtypes: readonly Dtype[];
  /** Whether it can use more than one thread. */
  readonly threaded: boolean;
  /** Tasks that would take it a minute or more: it is left out there. */
  readonly tooSlow?: (task: Task) => boolean;
}

/** Packages with exact versions; `modules` are imported, all exports as of one module. */
export interface NpmPackages {
  readonly modules: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

export interface NodeContender extends Entry {
  readonly language: 'node';
  readonly npm?: NpmPackages;
  /** @throws Absent when something that it needs is not here */
  open(context: { readonly threads: number; readonly dtype: Dtype; readonly npm: unknown }): Promise<Opened>;
}

/** Its work is in `python/<module>.py`. */
export interface PythonContender extends Entry {
  readonly language: 'python';
  readonly module: string;
  /** Modules besides NumPy and SciPy: a Python that has them is preferred. */
  readonly needs?: readonly string[];
}

export type Contender = NodeContender | PythonContender;

/** Why a contender can't take part here, in words that say how it could. */
export class Absent extends Error {}

export const takesPart = (contender: Contender, task: Task, threads: number): boolean =>
  contender.kinds.includes(task.kind) && contender.dtypes.includes(task.dtype) && (threads === 1 || contender.threaded);
