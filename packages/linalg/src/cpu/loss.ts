import { LowlandError } from '@lowland/core';

import { exp, log, logOnePlus } from '../elementary.ts';
import type { LossKind } from '../scalar-loss.ts';
import type { Numbers } from './arrays.ts';

/** One pass over the numbers: what value and derivatives share is computed once. The formulas are those of `scalarLosses`, to the bit (tested). */
type Pass = (x: Numbers, y: Numbers, p: number, value: Numbers | undefined, first: Numbers | undefined, second: Numbers | undefined) => void;

const passes: Readonly<Record<LossKind, Pass>> = {
  huber(x, y, p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const r = x[i]! - y[i]!;
      const size = Math.abs(r);
      if (value !== undefined) value[i] = size <= p ? (size * size) / 2 : p * (size - p / 2);
      if (first !== undefined) first[i] = Math.min(Math.max(r, -p), p);
      if (second !== undefined) second[i] = size <= p ? 1 : size > p ? 0 : NaN;
    }
  },
  logistic(x, y, _p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const [z, b] = [x[i]!, y[i]!];
      const t = exp(-Math.abs(z));
      const sum = 1 + t;
      if (value !== undefined) value[i] = (z > 0 ? (1 - b) * z : -b * z) + logOnePlus(t);
      if (first !== undefined) first[i] = (z > 0 ? 1 - b - b * t : t * (1 - b) - b) / sum;
      if (second !== undefined) second[i] = t / (sum * sum);
    }
  },
  poisson(x, y, _p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const [z, b] = [x[i]!, y[i]!];
      const mean = exp(z);
      if (value !== undefined) value[i] = mean - b * z;
      if (first !== undefined) first[i] = mean - b;
      if (second !== undefined) second[i] = mean;
    }
  },
  'poisson-identity'(x, y, p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const [z, b] = [x[i]!, y[i]!];
      const mean = z + p;
      const outside = z < -p;
      if (value !== undefined) value[i] = outside ? Infinity : b === 0 ? z : z - b * log(mean);
      if (first !== undefined) first[i] = outside ? NaN : b === 0 ? 1 : 1 - b / mean;
      if (second !== undefined) second[i] = outside ? NaN : b === 0 ? 0 : b / (mean * mean);
    }
  },
  'quartic-hinge'(x, y, _p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const root = Math.sqrt(x[i]!);
      const over = root - y[i]!;
      const square = over * over;
      if (value !== undefined) value[i] = over <= 0 ? 0 : square * square;
      if (first !== undefined) first[i] = over <= 0 ? 0 : (2 * over * over * over) / root;
      if (second !== undefined) second[i] = over <= 0 ? 0 : (square * (2 * root + y[i]!)) / (root * root * root);
    }
  },
};

/**
 * value[i] = psi(x[i]; y[i]), first and second its derivatives, those that are asked for; in f64 and rounded once. Bound by arithmetic where there
 * is an exponential or logarithm, else by memory.
 *
 * @throws LOWLAND_E_OPTIONS for a loss that is not in the list
 * @throws LOWLAND_E_SHAPE when lengths differ
 */
export function loss(kind: LossKind, parameters: Numbers, x: Numbers, y: Numbers, value?: Numbers, first?: Numbers, second?: Numbers): void {
  // A kind from elsewhere may be any text.
  if (!Object.hasOwn(passes, kind)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `There is no scalar loss "${kind as string}"; there are ${Object.keys(passes).join(', ')}.`);
  }
  const n = x.length;
  if ([y, value, first, second].some((numbers) => numbers !== undefined && numbers.length !== n)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `loss: lengths do not fit, ${[x, y, value, first, second].flatMap((numbers) => numbers?.length ?? []).join(', ')}.`);
  }
  passes[kind](x, y, parameters[0] ?? 0, value, first, second);
}
