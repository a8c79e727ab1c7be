import type { Optimizer } from '@lowland/core';

/** Options of {@link polyak}. */
export interface PolyakOptions {
  /** f*, the least value. Default: what the objective knows (its capability `truth`). */
  readonly optimum?: number;
}

/**
 * Gradient descent with Polyak's step
 *
 *     x⁺ = x − (f(x) − f*) / ‖∇f(x)‖² ∇f(x)
 *
 * It needs no step size and no line search, but the least value f*. Where ∇f vanishes above f* (a saddle, or
 * an f* that is too low) there is no step: the run ends as `stalled`.
 *
 * Reference: B. T. Polyak, Introduction to Optimization, 1987, section 5.3.
 *
 * @throws LOWLAND_E_OPTIMUM when f* is neither given nor known to the objective: its plan says so before the run
 */
export function polyak({ optimum }: PolyakOptions = {}): Optimizer<'valueAndGradient', 'truth'> {
  return {
    id: 'polyak',
    requires: ['valueAndGradient'],
    uses: ['truth'],
    needs: optimum === undefined ? ['optimum'] : [],
    options: optimum === undefined ? {} : { optimum },
    claims: ['deterministic'],
    readsPerStep: 1,
    start({ problem, device, state, scratch }) {
      // Given, or the plan has seen that the objective states it.
      const least = optimum ?? problem.truth!.optimum!;
      // The value and the squared norm lie side by side, so that a step reads once.
      const numbers = scratch(2);
      const slots = { point: state(), gradient: state(), value: device.view(numbers, 0, 1) };
      return {
        state: slots,
        init() {
          problem.valueAndGradient(slots.point, slots.value, slots.gradient);
        },
        async step() {
          device.kernels.dot(slots.gradient, slots.gradient, numbers, 1);
          const [value, squaredNorm] = (await device.read(numbers)) as unknown as [number, number];
          if (value <= least) return { stop: 'converged', rule: 'optimum' };
          if (squaredNorm === 0) return { stop: 'stalled', rule: 'zero-gradient' };
          device.kernels.axpy((least - value) / squaredNorm, slots.gradient, slots.point);
          problem.valueAndGradient(slots.point, slots.value, slots.gradient);
        },
      };
    },
  };
}
