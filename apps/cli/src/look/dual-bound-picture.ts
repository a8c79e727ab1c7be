import type { DualBound } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;

/** The bound beside the value, and how the multipliers became feasible. */
export function ofDualBound({ lowerBound, value, infeasibility, gap, multiplier, shift, normBound, failureProbability, reason }: DualBound, screen: Screen): readonly string[] {
  const chance = failureProbability === 0 ? '' : `, except with probability ${failureProbability.toExponential(0)} over the seed`;
  const moved = shift > 0 ? `moved by ${short(shift)} along the trace` : multiplier === 1 ? 'feasible as they are' : `times ${short(multiplier)}`;
  return [
    field('value', `${short(value)}, at a point that misses the constraints by ${short(infeasibility)}`),
    field('bound', lowerBound === null || gap === null ? screen.style('yellow', 'none') : `${screen.style('green', String(Number(lowerBound.toPrecision(10))))}: no feasible point is lower${chance}`),
    ...(gap === null ? [] : [field('gap', short(gap)), field('multipliers', moved)]),
    ...(normBound === null ? [] : [field('eigenvalue', `at least ${short(normBound.value)}, by ${normBound.rule}`)]),
    ...(reason === null ? [] : wrap(reason, screen.columns - 15).map((line, k) => field(k === 0 ? 'because' : '', line))),
  ];
}
