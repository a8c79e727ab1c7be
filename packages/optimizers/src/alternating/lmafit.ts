import { type Context, type Infer, LowlandError, number, type Optimizer, options, parseOptions, type State, unitRoundoff, type Vec } from '@lowland/core';
import { matrix } from '@lowland/linalg';

import type { OptimizerDefinition } from '../definition.ts';
import { unlessTwoFactors } from '../two-factors.ts';
import { estimateRank } from './rank-estimate.ts';

const schema = options({
  slow: number({ above: 0, below: 1, default: 0.7, summary: 'omega grows where |r+| > slow |r|.' }),
  maxRelaxation: number({ min: 1, default: 100, summary: 'The largest omega; 1: no over-relaxation.' }),
  rankJump: number({ min: 1, summary: 'Keeps the columns before a drop of the singular values, once, that is so many times the others taken together: 3 to 10. Else keeps all.' }),
});
type Settings = Infer<typeof schema>;
export type LmafitOptions = Partial<Settings>;

interface LmafitState extends State {
  /** |r|^2, |U|^2, |V|^2 at the point. */
  squares: readonly number[];
  omega: number;
  /** How much omega grows next. */
  increment: number;
  /** The majorant of the curvature of the fit: 1 for orthogonal projections such as completion's. */
  majorant: number;
  /** Columns in use. */
  rank: number;
}

/**
 * LMaFit, nonlinear successive over-relaxation for low-rank fits (Wen, Yin and Zhang 2012, doi:10.1007/s12532-012-0044-1): with
 * G(x; U, V) the gradient of 1/2 |r|^2 in the residual r of x = (U, V), taken through the factors (U, V),
 *
 *     U+ = U - (omega / L) G_U(x; U, V) (V^T V)^-1,
 *     V+ = (V U^T U+ - (omega / L) G_V(x; U+, V)) (U+^T U+)^-1.
 *
 * For completion, r = P(U V^T - M) and L = 1, this is U+ = Z V (V^T V)^-1 and V+ = Z^T U+ (U+^T U+)^-1 with the filled matrix
 * Z = U V^T + omega P(M - U V^T): alternating least squares on a matrix that is known in full, at the cost of one residual and two
 * products, with no linear system but those of r x r. Steps that do not shrink |r| are refused and omega goes back to 1; where that is
 * not enough L doubles, so maps of any norm are served. omega grows by max(increment, (omega - 1) / 4) after slow steps; this schedule
 * is recalled from the authors' code.
 *
 * With `rankJump` the rank is estimated (see `estimateRank`): columns beyond it become zero and stay so; |r| may rise at
 * that step, which reads twice.
 * Otherwise |r| never rises. One read a step. Ends `stalled` by `precision-floor` when no step shrinks |r|, `converged` by `zero-residual` where
 * it is 0. Starts of zero factors are left alone.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS at the start of a run unless the problem has one product of two different factors
 */
export function lmafit(given: LmafitOptions = {}): Optimizer<'residual' | 'factors'> {
  const settings = parseOptions(schema, given, 'optimizer "lmafit"');
  return {
    id: 'lmafit',
    requires: ['residual', 'factors'],
    refuses: unlessTwoFactors('lmafit'),
    options: { ...settings },
    kernels: ['posvRight'],
    claims: settings.rankJump === undefined ? ['monotone', 'deterministic'] : ['deterministic'],
    readsPerStep: settings.rankJump === undefined ? 1 : 2,
    start: (context) => start(context, settings),
  };
}

export const lmafitDefinition: OptimizerDefinition<Settings, 'residual' | 'factors'> = {
  apiVersion: 1,
  id: 'lmafit',
  summary: 'Over-relaxed alternating least squares on the filled matrix; may estimate the rank.',
  whenToUse: 'For large completions without a penalty where one block solve is dear: an iteration costs two products and two small systems. It can find the rank.',
  formula: 'U+ = Z V (V^T V)^-1, V+ = Z^T U+ (U+^T U+)^-1, Z = U V^T + omega P(M - U V^T)',
  reference: 'Wen, Yin and Zhang 2012, doi:10.1007/s12532-012-0044-1',
  requires: ['residual', 'factors'],
  options: schema,
  create: lmafit,
};

function start(context: Context<'residual' | 'factors'>, settings: Settings) {
  const { device, problem } = context;
  const { layout, residual, factors } = problem;
  const { axpy, copy, dot, gemm, posvRight } = device.kernels;
  const [pair, ...others] = factors.pairs;
  if (pair === undefined || pair[0] === pair[1] || others.length > 0) {
    throw new LowlandError('LOWLAND_E_FACTORS', `LMaFit alternates between the two factors of one product; this problem has ${JSON.stringify(factors.pairs)}.`);
  }
  const point = context.state();
  const trial = context.scratch();
  const slope = context.scratch();
  const right = context.scratch();
  const present = context.scratch(residual.length);
  const next = context.scratch(residual.length);
  const blocks = (x: Vec) => {
    const named = device.blocks(x, layout);
    return [named[pair[0]]!, named[pair[1]]!] as const;
  };
  const [, v] = blocks(point);
  const [uNext, vNext] = blocks(trial);
  const [uSlope, vSlope] = blocks(slope);
  const [uRight, vRight] = blocks(right);
  const r = v.cols;
  const numbers = context.scratch(3 + 2 * r * r);
  const gramOfU = device.matrix(numbers, 3, r, r);
  const gramOfV = device.matrix(numbers, 3 + r * r, r, r);
  const cross = device.matrix(context.scratch(r * r), 0, r, r);
  const turn = device.matrix(context.scratch(r * r), 0, r, r);
  const state: LmafitState & { point: Vec } = { point, squares: [NaN, NaN, NaN], omega: 1, increment: 1, majorant: 1, rank: r };
  // of a singular Gram matrix Cholesky needs a little on the diagonal; columns that are zero stay so
  const shift = 16 * r * unitRoundoff[device.dtype];

  const measure = () => {
    dot(next, next, numbers, 0);
    dot(uNext, uNext, numbers, 1);
    dot(vNext, vNext, numbers, 2);
    if (settings.rankJump === undefined || state.rank < r) return;
    gemm('T', 'N', 1, uNext, uNext, 0, gramOfU);
    gemm('T', 'N', 1, vNext, vNext, 0, gramOfV);
  };
  /** trial = the over-relaxed step from the point. */
  const move = (length: number) => {
    const [, ofU, ofV] = state.squares as [number, number, number];
    residual.evaluate(point, present);
    residual.vjp(point, present, slope);
    gemm('T', 'N', 1, v, v, 0, gramOfV);
    posvRight(gramOfV, shift * ofV, uSlope, uRight);
    copy(point, trial);
    axpy(-length, uRight, uNext);

    // V+ - V = (V (U - U+)^T U+ - (omega / L) G_V) (U+^T U+)^-1: as a difference it is free of the bias of the shift
    residual.vjp(trial, present, slope);
    gemm('T', 'N', length, uRight, uNext, 0, cross);
    gemm('T', 'N', 1, uNext, uNext, 0, gramOfU);
    gemm('N', 'N', 1, v, cross, -length, vSlope);
    posvRight(gramOfU, shift * ofU, vSlope, vRight);
    axpy(1, vRight, vNext);
  };
  /** Brings trial to the rank that its singular values show. */
  const truncate = (read: Float64Array, jump: number) => {
    const gram = (from: number) => matrix(r, r, read.slice(from, from + r * r));
    const found = estimateRank(gram(3), gram(3 + r * r), r, jump);
    if (found === undefined) return;
    state.rank = found.rank;
    device.write(turn, found.left.data);
    gemm('N', 'N', 1, uNext, turn, 0, uRight);
    device.write(turn, found.right.data);
    gemm('N', 'N', 1, vNext, turn, 0, vRight);
    copy(right, trial);
  };

  /** The numbers of the point itself. */
  const look = async () => {
    copy(point, trial);
    residual.evaluate(point, next);
    measure();
    state.squares = Array.from((await device.read(numbers)).subarray(0, 3));
  };

  return {
    state,
    init: look,
    async step() {
      const [square, ofU, ofV] = state.squares as [number, number, number];
      if (square === 0) return { stop: 'converged', rule: 'zero-residual' } as const;
      if (ofU === 0 && ofV === 0) return { stop: 'converged', rule: 'zero-gradient' } as const;
      move(state.omega / state.majorant);
      residual.evaluate(trial, next);
      measure();
      const read = await device.read(numbers);
      const ratio = Math.sqrt(read[0]! / square);
      if (!(ratio < 1)) {
        if (state.omega === 1) state.majorant *= 2;
        state.increment = Math.max(0.1 * (state.omega - 1), 0.1 * state.increment);
        state.omega = 1;
        return state.majorant > 2 ** 40 ? ({ stop: 'stalled', rule: 'precision-floor' } as const) : undefined;
      }
      if (ratio > settings.slow) {
        state.increment = Math.max(state.increment, 0.25 * (state.omega - 1));
        state.omega = Math.min(state.omega + state.increment, settings.maxRelaxation);
      }
      state.squares = Array.from(read.subarray(0, 3));
      const all = state.rank;
      if (settings.rankJump !== undefined && state.rank === r) truncate(read, settings.rankJump);
      copy(trial, point);
      if (state.rank < all) await look();
      return undefined;
    },
  };
}
