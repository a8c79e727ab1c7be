import { choice, type Infer, integer, layoutLength, number, type Optimizer, options, parseOptions, part, type State, type Stepper, type StepResult, type Vec } from '@lowland/core';

import { nonlinearConjugateGradientDefinition } from '../conjugate/nonlinear-conjugate-gradient.ts';
import { createPart, type OptimizerDefinition } from '../definition.ts';
import { gradientDescentDefinition } from '../gradient-descent/gradient-descent.ts';
import { unlessOneFactor } from '../one-factor.ts';
import { lbfgs, lbfgsDefinition } from '../quasi-newton/lbfgs.ts';
import { createFrame } from './frame.ts';
import { innerMethod } from './inner-method.ts';
import { notMeasured, optimal, type Optimality, optimalityTest } from './optimality.ts';

const numbers = {
  weight: number({ above: 0, default: 10, summary: 'gamma at the start, the weight of |c|^2.' }),
  growth: number({ min: 1, default: 4, summary: 'gamma grows by this where |c| has not fallen enough.' }),
  reduction: number({ above: 0, below: 1, default: 0.25, summary: 'Enough: |c| is below this part of what it was an update before.' }),
  largestWeight: number({ above: 0, default: 1e8, summary: 'gamma grows no further.' }),
  most: integer({ min: 1, default: 500, summary: 'Inner steps between two updates of the multipliers, at most.' }),
  rank: integer({ min: 0, default: 0, summary: 'Columns of the small factor that stands for the point; 0: the point itself.' }),
  multipliers: choice(['zero', 'estimate'], { default: 'zero', summary: 'Where multipliers begin: at 0, or at the least-squares estimate.' }),
  tolerance: number({ min: 0, default: 1e-8, summary: 'Of feasibility and of the gradient of the Lagrangian, relative to their terms.' }),
};
const inCode = options(numbers);

export interface AugmentedLagrangianOptions extends Partial<Infer<typeof inCode>> {
  /** Minimises between updates: any method that needs value and gradient alone and keeps them at its point. Default `lbfgs()`. */
  readonly inner?: Optimizer<'valueAndGradient'>;
}

interface AugmentedState extends State, Optimality {
  multipliers: Vec;
  /** gamma */
  weight: number;
  /** 1 + |c(0)| */
  size: number;
  innerSteps: number;
  /** |grad L| at which the inner method has done enough. */
  innerTolerance: number;
  /** Updates in a row that brought neither measure down. */
  idle: number;
}

/** Updates without progress after which nothing is to be expected. */
const patience = 6;

/**
 * The method of multipliers. For L = phi + <l, c> + (gamma/2) |c|^2, repeat
 *
 *     x ~ argmin L(., l) by an inner method, started where it is,   l+ = l + gamma c(x),   gamma+ = growth gamma where |c| has not fallen enough
 *
 * One step is one of the inner method. It has done enough when |grad L| is a tenth of what was enough before; after an update
 * grad phi + c'^T l+ = grad L(x, l), so this is what the conditions ask for. Values of L fall between updates alone.
 *
 * For min phi(U U^T), a(U U^T) = b it is that of Burer and Monteiro. `rank` r > 0 holds U = W Q^T, W with r columns: see `createFrame`; the inner method then
 * sees W alone.
 *
 * Ends as `converged` by `first-order-conditions`, as `primalDual` does, tested at updates, and as `stalled` by `no-progress` after six updates in a
 * row that brought neither |c| nor |grad L| down: at the precision floor, or where the constraints cannot be met. A read a step and one
 * an update on top of those of the inner method.
 *
 * Source: Hestenes 1969 (doi:10.1007/BF00927673); Powell 1969; Burer, Monteiro 2003 (doi:10.1007/s10107-002-0352-8).
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds, or, at the start, the inner method keeps no gradient
 * @throws LOWLAND_E_FACTORS, LOWLAND_E_RANK, by the plan, where `rank` does not fit the variables
 */
export function augmentedLagrangian({ inner = lbfgs(), ...given }: AugmentedLagrangianOptions = {}): Optimizer<'constraints'> {
  const settings = parseOptions(inCode, given, 'optimizer "augmented-lagrangian"');
  const { weight, growth, reduction, largestWeight, most, rank, multipliers, tolerance } = settings;
  return {
    id: 'augmented-lagrangian',
    requires: ['constraints'],
    ...(rank > 0 && { refuses: unlessOneFactor('augmented-lagrangian', 'optimizer', rank) }),
    options: { ...settings, inner: { id: inner.id, options: inner.options } },
    ...(inner.kernels && { kernels: inner.kernels }),
    claims: inner.claims?.includes('deterministic') ? ['deterministic'] : [],
    readsPerStep: inner.readsPerStep + 2,
    start(context): Stepper<AugmentedState> {
      const { device, problem } = context;
      const { constraints, layout } = problem;
      const { axpy, dot } = device.kernels;
      const l = context.state(constraints.length);
      const c = context.scratch(constraints.length);
      const square = context.scratch(1);
      const rows = layout.blocks[0]!.shape[0]!;

      // with a frame the inner point is the small factor, else the point itself
      const length = rank === 0 ? layoutLength(layout) : rows * rank;
      const innerLayout = rank === 0 ? layout : { blocks: [{ name: layout.blocks[0]!.name, shape: [rows, rank] }] };
      const method = innerMethod(context, inner, innerLayout, length, (x, value, gradient) => {
        constraints.lagrangian(x, l, state.weight, value, gradient);
      });
      const { point: x, gradient } = method.state;
      const point = rank === 0 ? x : context.state();
      const frame = createFrame(context, point, () => x, rank);
      const state: AugmentedState = {
        point,
        ...(frame.frame !== undefined && { frame: frame.frame }),
        multipliers: l,
        weight,
        ...notMeasured,
        size: NaN,
        innerSteps: 0,
        innerTolerance: NaN,
        idle: 0,
      };
      method.show(state);
      const optimality = optimalityTest(context, length, tolerance);
      const slope = async (): Promise<number> => {
        dot(gradient, gradient, square);
        return Math.sqrt(await device.scalar(square));
      };

      const update = async (): Promise<StepResult> => {
        constraints.evaluate(x, c);
        axpy(state.weight, c, l);
        const { met, infeasibility, lagrangianGradient, gradientSize } = await optimality.at(x, l, state.size);
        const fell = !(infeasibility > reduction * state.infeasibility);
        const progress = !(infeasibility > 0.9 * state.infeasibility && lagrangianGradient > 0.9 * state.lagrangianGradient);
        Object.assign(state, { infeasibility, lagrangianGradient, innerSteps: 0, idle: progress ? 0 : state.idle + 1 });
        if (met) return optimal(state);
        if (state.idle >= patience) {
          const { detail } = optimal(state);
          return { stop: 'stalled', rule: 'no-progress', detail };
        }
        if (!fell && infeasibility > tolerance * state.size) state.weight = Math.min(largestWeight, growth * state.weight);
        state.innerTolerance = Math.max(0.1 * state.innerTolerance, 0.1 * tolerance * gradientSize);
        await method.restart();
        return undefined;
      };

      return {
        state,
        async init() {
          await frame.split();
          if (multipliers === 'estimate') constraints.multipliers(x, l);
          state.size = await optimality.size();
          await method.restart();
          state.innerTolerance = 0.1 * (await slope());
        },
        async step() {
          const result = await method.step();
          frame.join();
          const done = (await slope()) <= state.innerTolerance;
          return done || result !== undefined || ++state.innerSteps >= most ? await update() : undefined;
        },
      };
    },
  };
}

const inners = [lbfgsDefinition, nonlinearConjugateGradientDefinition, gradientDescentDefinition] as const;
const schema = options({ ...numbers, inner: part(inners, { default: 'lbfgs', summary: 'What minimises between updates.' }) });

export const augmentedLagrangianDefinition: OptimizerDefinition<Infer<typeof schema>, 'constraints'> = {
  apiVersion: 1,
  id: 'augmented-lagrangian',
  summary: 'Method of multipliers: minimises the augmented Lagrangian of a constrained problem between updates of its multipliers.',
  whenToUse: 'The first choice for problems with equality constraints: no step size, feasible to tolerance, multipliers that certificates use.',
  formula: 'x ~ argmin phi + <l, c> + (gamma/2) |c|^2, l+ = l + gamma c(x)',
  reference: 'Hestenes 1969, doi:10.1007/BF00927673; Burer, Monteiro 2003, doi:10.1007/s10107-002-0352-8',
  requires: ['constraints'],
  options: schema,
  create: ({ inner, ...given }) => augmentedLagrangian({ ...given, inner: createPart<Optimizer<'valueAndGradient'>>(inners as never, inner) }),
};
