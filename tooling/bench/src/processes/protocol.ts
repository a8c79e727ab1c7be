/** What a measuring process is asked, and what it answers: one line of JSON each way. */
import type { Task } from '../tasks/task.ts';

export interface Request {
  readonly task: Task;
  /** Of `tasks/files.ts`. */
  readonly folder: string;
  readonly threads: number;
  /** How long to measure each contender. */
  readonly seconds: number;
  readonly contenders: readonly string[];
  /** Python's modules by the names of the contenders. */
  readonly modules: Readonly<Record<string, string>>;
  /** Where npm's contenders are. */
  readonly cache: string;
}

export interface Measured {
  readonly status: 'measured';
  readonly version: string;
  /** Seconds of one work, one for each batch. */
  readonly samples: readonly number[];
  readonly values: readonly number[];
}
/** `absent`: something is not installed, and how to get it. `failed`: it broke. */
export interface NotMeasured {
  readonly status: 'absent' | 'failed';
  readonly reason: string;
}
export type Answer = Measured | NotMeasured;
