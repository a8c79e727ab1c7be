import { type Capability, choice, type Context, type Infer, number, type Optimizer, options, parseOptions, part, type Vec } from '@lowland/core';
import { wolfeSearch } from '@lowland/linalg';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { isRounding } from '../floor.ts';
import { firstOrder, restsHere } from '../first-order.ts';
import { type BoundGeometry, euclidean, type Geometry, limitsOf } from '../gradient-descent/geometry.ts';
import { geometries } from '../gradient-descent/gradient-descent.ts';
import { createLine } from '../line.ts';
import { type ConjugateState, moveAlong, noStepYet, standsAtFloor } from './last-step.ts';
import { type ConjugateProducts, conjugations } from './conjugations.ts';

const settings = {
  conjugation: choice(['hager-zhang', 'polak-ribiere'], { default: 'hager-zhang', summary: 'beta: CG_DESCENT with its truncation, or Polak-Ribière, at least zero.' }),
  decrease: number({ above: 0, below: 0.5, default: 1e-4, summary: 'c1 of the strong Wolfe conditions.' }),
  curvature: number({ above: 0, below: 1, default: 0.4, summary: 'c2 of the strong Wolfe conditions.' }),
};
const settingsSchema = options(settings);
const schema = options({ ...settings, geometry: part(geometries, { default: 'euclidean', summary: 'Which gradient is steepest.' }) });
type Settings = Infer<typeof settingsSchema>;

export interface NonlinearConjugateGradientOptions<G extends Capability = never> extends Partial<Settings> {
  /** Default `euclidean`. */
  readonly geometry?: Geometry<G>;
}

/**
 * Nonlinear conjugate gradients: x+ = retract(x, t d), d+ = -g+ + beta T d, with T the transport to x+, y = g+ - T g, and every
 * product that of the geometry at x+,
 *
 *     polak-ribiere   beta = max(0, <g+, y> / <g, g>)                         (Polak and Ribière 1969; Gilbert and Nocedal 1992)
 *     hager-zhang     beta = max(<y - 2 T d <y,y> / <T d,y>, g+> / <T d,y>, 0.4 <T d,T g> / <T d,T d>)
 *
 * (Hager and Zhang 2005, doi:10.1137/030601880; 2013, SIAM J. Optim. 23). t comes from a strong Wolfe search that begins where
 * the last step would fall as far, and turns to slopes once values cannot tell. A direction that is not one of descent is replaced
 * by -g+.
 *
 * Two reads an iteration and one a trial. When a search fails, steepest descent is tried once; then the run ends `stalled`, by the
 * rule `precision-floor` (also where the gradient is rounding) or `line-search`. It also ends at the `precision-floor` when `atFloor`
 * says that it stands there.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function nonlinearConjugateGradient<G extends Capability = never>({
  geometry: chosen,
  ...given
}: NonlinearConjugateGradientOptions<G> = {}): Optimizer<'valueAndGradient' | G> {
  const parsed = parseOptions(settingsSchema, given, 'optimizer "nonlinear-conjugate-gradient"');
  const geometry = chosen ?? euclidean();
  return {
    id: 'nonlinear-conjugate-gradient',
    requires: ['valueAndGradient', ...geometry.requires],
    options: { ...parsed, geometry: { id: geometry.id, options: geometry.options } },
    ...limitsOf(geometry),
    claims: ['monotone', 'deterministic'],
    readsPerStep: 3 + geometry.readsPerStep,
    start: (context) => start(context, geometry.start(context), parsed),
  };
}

export const nonlinearConjugateGradientDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'nonlinear-conjugate-gradient',
  summary: 'Conjugate gradients for any smooth function: two vectors of memory, in any geometry.',
  whenToUse: 'When memory is scarce, and in geometries, where it follows a retraction; else `lbfgs`.',
  formula: 'x+ = x + t d, d+ = -grad f(x+) + beta d',
  reference: 'Polak and Ribière 1969; Gilbert and Nocedal 1992, doi:10.1137/0802003; Hager and Zhang 2005, doi:10.1137/030601880',
  requires: ['valueAndGradient'],
  options: schema,
  create: ({ geometry, ...given }) =>
    nonlinearConjugateGradient<Capability>({ ...given, geometry: createPart<Geometry<Capability>>(geometries, geometry) }),
};

function start(context: Context<'valueAndGradient'>, geometry: BoundGeometry, { conjugation, decrease, curvature }: Settings) {
  const { device } = context;
  const { axpy, copy, dot, scal } = device.kernels;
  const { state: slots, evaluate } = firstOrder(context);
  const { point, gradient, value } = slots;
  const direction = context.state();
  const before = context.state();
  const state: ConjugateState = Object.assign(slots, { direction, before, ...noStepYet });
  const line = createLine(context, geometry, state);
  const products = context.scratch(7);
  const wolfe = { decrease, curvature, dtype: device.dtype };

  /** The products that beta is made of, and |grad f|^2. */
  const readProducts = async (steepest: Vec): Promise<ConjugateProducts & { readonly square: number }> => {
    geometry.inner(point, steepest, steepest, products, 0);
    geometry.inner(point, before, steepest, products, 1);
    geometry.inner(point, before, before, products, 2);
    geometry.inner(point, direction, steepest, products, 3);
    geometry.inner(point, direction, before, products, 4);
    geometry.inner(point, direction, direction, products, 5);
    dot(gradient, gradient, products, 6);
    const [gg = NaN, bg = NaN, bb = NaN, dg = NaN, db = NaN, dd = NaN, square = NaN] = await device.read(products);
    return { gg, bg, bb, dg, db, dd, square };
  };
  /** A first step along -g, where the slope is -<g,g>: it moves the point by a hundredth of its length, or the value by about as much. */
  const firstStep = async (f: number, slope: number): Promise<number> => {
    geometry.inner(point, point, point, products, 0);
    const length = await device.scalar(products);
    if (length > 0) return 0.01 * Math.sqrt(length / -slope);
    return f === 0 ? 1 / Math.sqrt(-slope) : (0.01 * Math.abs(f)) / -slope;
  };

  /** The accepted search, from the conjugate direction if it is one of descent, else along -g. */
  const search = async (steepest: Vec, beta: number | undefined) => {
    if (beta !== undefined) {
      scal(beta, direction);
      axpy(-1, steepest, direction);
      const sample = await line.start(direction, 1);
      if (sample.slope < 0) {
        const found = await wolfeSearch(line.at, sample, (state.lastStep * state.lastSlope) / sample.slope, wolfe);
        if (found.accepted !== undefined) return { sample, found };
      }
    }
    copy(steepest, direction);
    scal(-1, direction);
    const sample = await line.start(direction, 1);
    if (sample.slope === 0) return { sample };
    return { sample, found: await wolfeSearch(line.at, sample, await firstStep(sample.value, sample.slope), wolfe) };
  };

  return {
    state,
    init: evaluate,
    async step() {
      await geometry.refresh?.(value);
      const steepest = geometry.gradient(point, gradient);
      let beta: number | undefined;
      let rounding = false;
      if (state.lastStep > 0) {
        const found = await readProducts(steepest);
        rounding = isRounding(found.square, state.largest, device.dtype);
        if (standsAtFloor(state, found.square, device)) return { stop: 'stalled', rule: 'precision-floor' } as const;
        if (found.gg === 0) return restsHere;
        beta = conjugations[conjugation](found);
      }
      const { sample, found } = await search(steepest, beta);
      if (found === undefined) return restsHere;
      if (found.accepted === undefined) return { stop: 'stalled', rule: rounding ? 'precision-floor' : found.failure } as const;
      moveAlong(line, state, steepest, device, found.accepted, sample);
      return undefined;
    },
  };
}
