import type { Context, State, Vec } from '@lowland/core';

/** A state that knows value and gradient at its point. */
export interface FirstOrderState extends State {
  point: Vec;
  value: Vec;
  gradient: Vec;
}

/** The slots of a method that evaluates value and gradient wherever it goes, and their first evaluation. */
export function firstOrder(context: Context<'valueAndGradient'>): { state: FirstOrderState; evaluate(): void } {
  const { valueAndGradient } = context.problem;
  const state: FirstOrderState = { point: context.state(), value: context.state(1), gradient: context.state() };
  return { state, evaluate: () => valueAndGradient(state.point, state.value, state.gradient) };
}

/** What a method returns where the gradient is exactly zero: no first-order step leaves such a point. */
export const restsHere = { stop: 'converged', rule: 'zero-gradient' } as const;
