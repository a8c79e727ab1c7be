import type { Context, Vec } from '@lowland/core';

/** How far a point and its multipliers are from the first-order conditions c(x) = 0, grad L(x, l) = 0. */
export interface Optimality {
  /** |c(x)| */
  infeasibility: number;
  /** |grad phi(x) + c'(x)^T l| */
  lagrangianGradient: number;
}

export interface OptimalityTest {
  /** 1 + |c(0)|; two reads of the device are saved by asking once. */
  size(): Promise<number>;
  /**
   * At x with multipliers l: what both are, and whether |c| <= tolerance size and |grad L| <= tolerance (1 + |grad phi| + |c'^T l|), the
   * error measures of DIMACS. One read.
   */
  at(x: Vec, multipliers: Vec, size: number): Promise<Optimality & { readonly met: boolean; readonly gradientSize: number }>;
}

export const notMeasured: Optimality = { infeasibility: NaN, lagrangianGradient: NaN };

/** @param length that of the points x */
export function optimalityTest(context: Context<'constraints'>, length: number, tolerance: number): OptimalityTest {
  const { device, problem } = context;
  const { constraints } = problem;
  const { axpy, dot, fill } = device.kernels;
  const [gradient, share] = [context.scratch(length), context.scratch(length)];
  const [c, zero] = [context.scratch(constraints.length), context.scratch(constraints.length)];
  const numbers = context.scratch(4);
  const value = context.scratch(1);
  return {
    async size() {
      fill(share, 0);
      constraints.evaluate(share, c);
      dot(c, c, numbers, 0);
      return 1 + Math.sqrt(await device.scalar(numbers));
    },
    async at(x, multipliers, size) {
      constraints.evaluate(x, c);
      fill(zero, 0);
      constraints.lagrangian(x, zero, 0, value, gradient);
      constraints.vjp(x, multipliers, share);
      dot(c, c, numbers, 0);
      dot(gradient, gradient, numbers, 1);
      dot(share, share, numbers, 2);
      axpy(1, share, gradient);
      dot(gradient, gradient, numbers, 3);
      const [infeasibility = NaN, phi = NaN, pull = NaN, lagrangianGradient = NaN] = (await device.read(numbers)).map(Math.sqrt);
      const gradientSize = 1 + phi + pull;
      return { infeasibility, lagrangianGradient, gradientSize, met: infeasibility <= tolerance * size && lagrangianGradient <= tolerance * gradientSize };
    },
  };
}

/** What a method returns where both conditions are met. */
export const optimal = ({ infeasibility, lagrangianGradient }: Optimality) =>
  ({ stop: 'converged', rule: 'first-order-conditions', detail: `|c| = ${infeasibility.toExponential(2)}, |grad L| = ${lagrangianGradient.toExponential(2)}` }) as const;
