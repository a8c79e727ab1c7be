import { choice, type Context, type Infer, integer, type MaybePromise, number, type Optimizer, options, parseOptions, type Vec } from '@lowland/core';
import { wolfeSearch, type WolfeOptions } from '@lowland/linalg';

import type { OptimizerDefinition } from '../definition.ts';
import { atFloor, type FloorMemory, noFloorYet } from '../floor.ts';
import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { flatLines } from '../gradient-descent/geometry.ts';
import { createLine } from '../line.ts';
import { type ColumnScaling, columnScaling } from './column-scaling.ts';
import { twoLoop } from './two-loop.ts';

const schema = options({
  memory: integer({ min: 1, default: 10, summary: 'Pairs kept; 20 pays off on ill-conditioned problems.' }),
  decrease: number({ above: 0, below: 0.5, default: 1e-4, summary: 'c1 of the strong Wolfe conditions.' }),
  curvature: number({ above: 0, below: 1, default: 0.9, summary: 'c2 of the strong Wolfe conditions.' }),
  scaling: choice(['none', 'columns'], { default: 'none', summary: 'columns: variables in which the columns of the start weigh alike; for starts of ordered, balanced columns. Default of --rank auto.' }),
});
export type LbfgsOptions = Partial<Infer<typeof schema>>;

interface LbfgsState extends FirstOrderState, FloorMemory {
  /** The pairs, one a row: s_0 … s_{m-1}, y_0 … y_{m-1}. */
  pairs: Vec;
  sy: number[];
  yy: number[];
  /** <s_i, g> and <y_i, g> at the point. */
  withGradient: number[];
  count: number;
  next: number;
}

/**
 * Limited-memory BFGS (Liu and Nocedal 1989, doi:10.1007/BF01589116): x+ = x - t H g, H built from the last pairs
 * s = x+ - x, y = g+ - g by the two-loop recursion, t by a strong Wolfe search that starts at 1 and turns to slopes once
 * values cannot tell.
 *
 * An iteration makes two reads and one a trial. Apart from the trials' evaluations it passes twice over the 2 memory
 * vectors, bound by memory: once for their products with g, once to combine them.
 *
 * When a search fails the memory is dropped and steepest descent tried once; then the run ends `stalled`, by the rule
 * `precision-floor` or `line-search`. It also ends at the `precision-floor` when `atFloor` says that it stands there.
 *
 * With `scaling: 'columns'` all this is done in z, x = D z, with the D of `columnScaling` at the start: where columns are those of a balanced singular
 * value decomposition, as `solveToCertificate` leaves them, several times fewer iterations. Takes two more vectors and four more passes over one.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS at the start, with `scaling: 'columns'`, when a factor is in several products
 */
export function lbfgs(given?: LbfgsOptions & { readonly scaling?: 'none' }): Optimizer<'valueAndGradient'>;
export function lbfgs(given: LbfgsOptions): Optimizer<'valueAndGradient' | 'factors'>;
export function lbfgs(given: LbfgsOptions = {}): Optimizer<'valueAndGradient' | 'factors'> {
  const { memory, decrease, curvature, scaling } = parseOptions(schema, given, 'optimizer "lbfgs"');
  const byColumns = scaling === 'columns';
  return {
    id: 'lbfgs',
    requires: byColumns ? ['valueAndGradient', 'factors'] : ['valueAndGradient'],
    options: { memory, decrease, curvature, scaling },
    claims: ['monotone', 'deterministic'],
    readsPerStep: 3,
    start: (context) => start(context, memory, { decrease, curvature, dtype: context.device.dtype }, byColumns ? columnScaling(context) : undefined),
  };
}

export const lbfgsDefinition: OptimizerDefinition<Infer<typeof schema>, 'valueAndGradient' | 'factors'> = {
  apiVersion: 1,
  id: 'lbfgs',
  summary: 'Quasi-Newton method with little memory and a strong Wolfe search. The default for most problems.',
  whenToUse: 'The default: robust, no step to choose, gradients only. On ill-conditioned completions take `gnmr` or `trust-region`, with a penalty and unknown rank `--rank auto`.',
  formula: 'x+ = x - t H grad f(x), H from the last pairs (x+ - x, grad+ - grad)',
  reference: 'Liu and Nocedal 1989, doi:10.1007/BF01589116',
  requires: ['valueAndGradient'],
  options: schema,
  create: lbfgs,
};

function start(context: Context<'valueAndGradient'>, memory: number, wolfe: WolfeOptions, scaling: ColumnScaling | undefined) {
  const { device } = context;
  const { axpy, copy, dot, gemv, scal } = device.kernels;
  const { state: slots, evaluate } = firstOrder(context);
  const { point, gradient } = slots;
  const variables = point.length;
  const zeros = (length: number): number[] => new Array<number>(length).fill(0);
  /** The gradient in z. */
  const slopes = scaling === undefined ? gradient : context.state();
  const state: LbfgsState = Object.assign(slots, {
    ...(scaling !== undefined && { scaling: scaling.scaling, slopes }),
    pairs: context.state(2 * memory * variables),
    sy: zeros(memory * memory),
    yy: zeros(memory * memory),
    withGradient: zeros(2 * memory),
    count: 0,
    next: 0,
    ...noFloorYet,
  });
  const pairs = device.matrix(state.pairs, 0, 2 * memory, variables);
  const rows = Array.from({ length: 2 * memory }, (_, row) => device.view(state.pairs, row * variables, variables));
  const line = createLine(context, flatLines(context), state);
  const direction = context.scratch();
  /** The direction in z. */
  const inner = scaling === undefined ? direction : context.scratch();
  const coefficients = new Float64Array(2 * memory);
  const deviceCoefficients = context.scratch(2 * memory);
  const products = context.scratch(2 * memory + 2);
  const withPairs = device.view(products, 0, 2 * memory);

  /** direction = -H g */
  const quasiNewton = () => {
    const gamma = twoLoop(memory, state, coefficients);
    device.write(deviceCoefficients, coefficients);
    gemv('T', -1, pairs, deviceCoefficients, 0, inner);
    axpy(-gamma, slopes, inner);
    scaling?.times(inner, direction);
  };

  const steepest = () => {
    copy(slopes, inner);
    scal(-1, inner);
    scaling?.times(inner, direction);
  };

  /** |direction| of steepest descent. */
  const lengthOf = async (slope: number): Promise<number> => {
    if (scaling === undefined) return Math.sqrt(-slope);
    dot(direction, direction, products);
    return Math.sqrt(await device.scalar(products));
  };

  /** A first step that moves the point by a hundredth of its length, or the value by about as much. */
  const firstStep = async (value: number, slope: number): Promise<number> => {
    dot(point, point, products);
    const length = Math.sqrt(await device.scalar(products));
    if (length > 0) return (0.01 * length) / (await lengthOf(slope));
    return value === 0 ? 1 / Math.sqrt(-slope) : (0.01 * Math.abs(value)) / -slope;
  };

  const search = async () => {
    if (state.count > 0) {
      quasiNewton();
      const sample = await line.start(direction, 1);
      if (sample.slope < 0) {
        const found = await wolfeSearch(line.at, sample, 1, wolfe);
        if (found.accepted !== undefined) return { sample, found };
      }
      state.count = 0;
    }
    steepest();
    const sample = await line.start(direction, 1);
    if (sample.slope === 0) return { sample };
    return { sample, found: await wolfeSearch(line.at, sample, await firstStep(sample.value, sample.slope), wolfe) };
  };

  /** Moves on and keeps s = t d and y = g+ - g, <s, y> being positive by the curvature test; gives |g+|^2. */
  const remember = async (step: number, oldSlope: number) => {
    const { next, sy, yy, withGradient: before } = state;
    const [s, y] = [rows[next]!, rows[memory + next]!];
    copy(inner, s);
    scal(step, s);
    copy(slopes, y);
    scal(-1, y);
    line.accept();
    scaling?.times(gradient, slopes);
    axpy(1, slopes, y);

    gemv('N', 1, pairs, slopes, 0, withPairs);
    dot(y, y, products, 2 * memory);
    dot(gradient, gradient, products, 2 * memory + 1);
    const after = await device.read(products);
    for (let i = 0; i < memory; i++) {
      // <v, y> = <v, g+> - <v, g>: the old products are at hand, so one pass over the memory serves both.
      sy[i * memory + next] = after[i]! - before[i]!;
      yy[i * memory + next] = yy[next * memory + i] = after[memory + i]! - before[memory + i]!;
    }
    sy[next * memory + next] = after[next]! - step * oldSlope;
    yy[next * memory + next] = after[2 * memory]!;
    state.withGradient = Array.from(after.subarray(0, 2 * memory));
    state.next = (next + 1) % memory;
    state.count = Math.min(state.count + 1, memory);
    return after[2 * memory + 1]!;
  };

  return {
    state,
    init(): MaybePromise<void> {
      evaluate();
      const measured = scaling?.measure(point);
      const scaled = (): void => { scaling?.times(gradient, slopes); };
      return measured instanceof Promise ? measured.then(scaled) : scaled();
    },
    async step() {
      const { sample, found } = await search();
      if (found === undefined) return restsHere;
      if (found.accepted === undefined) return { stop: 'stalled', rule: found.failure } as const;
      const square = await remember(found.accepted.step, sample.slope);
      const predicted = -0.5 * found.accepted.step * sample.slope;
      return atFloor(state, square, predicted, sample.value, device.dtype) ? ({ stop: 'stalled', rule: 'precision-floor' } as const) : undefined;
    },
  };
}
