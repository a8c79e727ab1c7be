/** One contender at one task: a time, or why there is none. */
import type { Answer } from '../processes/protocol.ts';
import { taskName, tolerances, type Task } from '../tasks/task.ts';
import { best, median } from './statistics.ts';

export interface Row {
  readonly task: string;
  readonly threads: number;
  readonly contender: string;
  /** `wrong`: its value is not that of the others; such a time never counts. */
  readonly status: 'measured' | 'wrong' | 'absent' | 'failed';
  /** Version and kernels of who was measured; the reason of who was not. */
  readonly note: string;
  /** Seconds of one work. */
  readonly best?: number;
  readonly median?: number;
}

export interface Answered {
  readonly contender: string;
  readonly threads: number;
  readonly answer: Answer;
}

/** The rows of a task. Values are held against each other: those of all contenders, on any number of threads, must agree. */
export function rowsOf(task: Task, answered: readonly Answered[]): readonly Row[] {
  const expected = agreed(answered.flatMap(({ answer }) => (answer.status === 'measured' ? [answer.values] : [])));
  return answered.map(({ contender, threads, answer }): Row => {
    const common = { task: taskName(task), threads, contender };
    if (answer.status !== 'measured') return { ...common, status: answer.status, note: answer.reason };
    const error = distance(answer.values, expected);
    const right = error <= tolerances[task.dtype];
    return {
      ...common,
      status: right ? 'measured' : 'wrong',
      note: right ? answer.version : `wrong value: ${answer.values.join(', ')} is ${error.toExponential(1)} from the others' (${answer.version})`,
      best: best(answer.samples),
      median: median(answer.samples),
    };
  });
}

/** The value in the middle, number by number: one contender that is wrong does not move it. Limits have no values and take no part. */
function agreed(values: readonly (readonly number[])[]): readonly number[] {
  const voters = values.filter(({ length }) => length > 0);
  return (voters[0] ?? []).map((_, i) => {
    const sorted = voters.map((each) => each[i] ?? Number.NaN).filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
    return sorted[(sorted.length - 1) >> 1]!;
  });
}

/** The largest relative distance; infinite where a number is none. */
function distance(values: readonly number[], expected: readonly number[]): number {
  if (values.length > 0 && values.length !== expected.length) return Number.POSITIVE_INFINITY;
  return values.reduce((largest, value, i) => {
    const relative = value === expected[i] ? 0 : Math.abs(value - expected[i]!) / Math.abs(expected[i]!);
    return Math.max(largest, Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative);
  }, 0);
}
