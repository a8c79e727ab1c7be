import type { Advance } from './ensemble.ts';
import { type Course, isOver, rowOf } from './ensemble-course.ts';
import { createPoint } from './layout.ts';
import type { Checkpoint, StopRule } from './run.ts';
import { solve } from './solve.ts';
import { anyOf, gradientNorm, maxIterations, valueBelow } from './stop.ts';

/** One `solve` after another, each resumed where its last one ended. */
export function oneAfterAnother(course: Course): Advance {
  const { objectives, optimizers, backend, count, seed, points, exit, limits, signal } = course;
  const checkpoints: (Checkpoint | undefined)[] = new Array<undefined>(count).fill(undefined);
  const bounds = (k: number): StopRule[] => {
    const [value, slope] = limits?.subarray(2 * k, 2 * k + 2) ?? [-1, -1];
    return [...(value! >= 0 ? [valueBelow(value!)] : []), ...(slope! >= 0 ? [gradientNorm(slope!)] : [])];
  };
  /** Run k until it has taken so many steps in all. */
  const advance = async (k: number, steps: number) => {
    const from = checkpoints[k];
    const row = rowOf(points, count, k);
    const [objective, optimizer] = [objectives[k] ?? objectives[0]!, optimizers[k] ?? optimizers[0]!];
    const start = from === undefined ? { seed: seed + k, point: createPoint(objective.layout, row.slice()) } : { resume: from };
    const rules = bounds(k);
    const stop = rules.length === 0 ? maxIterations(steps) : anyOf(...rules, maxIterations(steps));
    const solution = await solve(objective, optimizer, { backend, stop, ...start, ...(rules.length > 0 && { every: 1 }), ...(signal && { signal }) });
    row.set(solution.point.data);
    course.taken[k] = solution.iterations;
    const { reason, rule } = solution.stop;
    if (rule === 'max-iterations') checkpoints[k] = solution.checkpoint();
    else if (reason === 'diverged') course.diverged[k] = 1;
    else if (rule === 'value-below' || rule === 'gradient-norm') course.reached[k] = 1;
    else if (reason !== 'aborted') course.ended[k] = 1;
    if (exit?.test(row) === true) exit.at[k] = solution.iterations;
  };
  return async (steps, gone) => {
    for (let k = 0; k < count; k++) {
      const stride = exit === undefined ? steps : 1;
      for (let next = gone + stride; next <= gone + steps && !isOver(course, k) && signal?.aborted !== true; next += stride) await advance(k, next);
    }
    // a signal leaves the runs behind it where they are
    const behind = [...course.taken].filter((_, k) => !isOver(course, k));
    return behind.length === 0 ? steps : Math.min(...behind) - gone;
  };
}
