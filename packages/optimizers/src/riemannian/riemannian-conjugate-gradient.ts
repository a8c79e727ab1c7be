import { type Capability, type Context, type Infer, number, type Optimizer, options, parseOptions, part } from '@lowland/core';
import { backtrack } from '@lowland/linalg';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { firstOrder, restsHere } from '../first-order.ts';
import { isRounding } from '../floor.ts';
import { type BoundGeometry, type Geometry, limitsOf, ownGeometry } from '../gradient-descent/geometry.ts';
import { geometries } from '../gradient-descent/gradient-descent.ts';
import { createLine } from '../line.ts';
import { type ConjugateState, moveAlong, noStepYet, standsAtFloor } from '../conjugate/last-step.ts';

const settings = {
  decrease: number({ above: 0, below: 0.5, default: 1e-4, summary: 'c in f(x+) <= f(x) + c t <grad, d>.' }),
  restart: number({ above: 0, default: 0.5, summary: 'Begins anew where |<g+, T g>| reaches this part of <g+, g+>.' }),
};
const settingsSchema = options(settings);
const schema = options({ ...settings, geometry: part(geometries, { default: 'own', summary: 'The manifold: the objective\'s own, or classes of factors.' }) });
type Settings = Infer<typeof settingsSchema>;

export interface RiemannianConjugateGradientOptions<G extends Capability = 'geometry'> extends Partial<Settings> {
  /** Default `ownGeometry`; `quotient` for factors. */
  readonly geometry?: Geometry<G>;
}

interface RiemannianState extends ConjugateState {
  /** <g, g> where the last step began, 0 before the first. */
  lastSquare: number;
}

type Required = 'valueAndGradient' | 'residual';

/**
 * Riemannian conjugate gradients for low-rank least squares: x+ = retract(x, t d), d+ = -g+ + beta T d, T the transport, with
 *
 *     beta = max(0, <g+, g+ - T g> / <g, g>)   (PR+),   0 where |<g+, T g>| >= restart <g+, g+>   (Powell 1977)
 *     t0   = -<g, d> / |J d|^2                 exact for the linearised residual: f = 1/2 |r|^2, J its derivative
 *
 * and t = t0 halved until f falls enough, which it hardly ever has to be. In the geometry of `fixedRank` this is LRGeomCG (Vandereycken
 * 2013, arXiv:1209.3834), in that of `quotient` R3MC in two factors (Mishra and Sepulchre 2014, arXiv:1306.2672; from memory there: the
 * restart). Every other function, and other rules for beta: `nonlinearConjugateGradient` in the same geometries.
 *
 * Three reads a step, and one a trial. Ends `stalled` by `precision-floor` or `line-search` when no trial along -g is accepted.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function riemannianConjugateGradient<G extends Capability = 'geometry'>({ geometry: chosen, ...given }: RiemannianConjugateGradientOptions<G> = {}): Optimizer<Required | G> {
  const parsed = parseOptions(settingsSchema, given, 'optimizer "riemannian-conjugate-gradient"');
  const geometry = chosen ?? (ownGeometry() as unknown as Geometry<G>);
  return {
    id: 'riemannian-conjugate-gradient',
    requires: ['valueAndGradient', 'residual', ...geometry.requires],
    options: { ...parsed, geometry: { id: geometry.id, options: geometry.options } },
    ...limitsOf(geometry),
    claims: ['monotone', 'deterministic'],
    readsPerStep: 4 + geometry.readsPerStep,
    start: (context) => start(context, geometry.start(context), parsed),
  };
}

export const riemannianConjugateGradientDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'riemannian-conjugate-gradient',
  summary: 'Conjugate gradients on matrices of fixed rank, with a first trial that is exact for linear residuals.',
  whenToUse: 'For completion and sensing of known rank without a penalty, from a spectral start: few iterations, hardly a trial more than one. With the geometry `quotient`, on factors, for large condition numbers.',
  formula: 'x+ = retract(x, t d), d+ = -grad f(x+) + beta T d, t = -<grad f, d> / |J d|^2',
  reference: 'Vandereycken 2013, arXiv:1209.3834; Mishra and Sepulchre 2014, arXiv:1306.2672',
  requires: ['valueAndGradient', 'residual', 'geometry'],
  options: schema,
  create: ({ geometry, ...given }) => riemannianConjugateGradient<Capability>({ ...given, geometry: createPart<Geometry<Capability>>(geometries, geometry) }),
};

function start(context: Context<Required>, geometry: BoundGeometry, { decrease, restart }: Settings) {
  const { device } = context;
  const { axpy, copy, dot, scal } = device.kernels;
  const { residual } = context.problem;
  const { state: slots, evaluate } = firstOrder(context);
  const { point, gradient, value } = slots;
  const [direction, before] = [context.state(), context.state()];
  const state: RiemannianState = Object.assign(slots, { direction, before, lastSquare: 0, ...noStepYet });
  const line = createLine<Required>(context, geometry, state);
  const image = context.scratch(residual.length);
  const products = context.scratch(3);

  /** The accepted step along the direction, from the trial that is exact for a linear residual. */
  const search = async () => {
    residual.jvp(point, direction, image);
    dot(image, image, products, 0);
    const sample = await line.start(direction, 1);
    if (!(sample.slope < 0)) return { sample };
    const square = await device.scalar(products, 0);
    return { sample, found: await backtrack(line.at, sample, -sample.slope / square, { decrease, dtype: device.dtype }) };
  };

  return {
    state,
    init: evaluate,
    async step() {
      await geometry.refresh?.(value);
      const steepest = geometry.gradient(point, gradient);
      geometry.inner(point, steepest, steepest, products, 0);
      geometry.inner(point, steepest, before, products, 1);
      dot(gradient, gradient, products, 2);
      const [gg = NaN, bg = NaN, square = NaN] = await device.read(products);
      if (gg === 0) return restsHere;
      const rounding = isRounding(square, state.largest, device.dtype);
      if (standsAtFloor(state, square, device)) return { stop: 'stalled', rule: 'precision-floor' } as const;
      const beta = state.lastSquare > 0 && Math.abs(bg) < restart * gg ? Math.max(0, (gg - bg) / state.lastSquare) : 0;
      scal(beta, direction);
      axpy(-1, steepest, direction);
      let { sample, found } = await search();
      if (found?.accepted === undefined && beta > 0) {
        copy(steepest, direction);
        scal(-1, direction);
        ({ sample, found } = await search());
      }
      if (found === undefined) return restsHere;
      if (found.accepted === undefined) return { stop: 'stalled', rule: rounding ? 'precision-floor' : found.failure } as const;
      moveAlong(line, state, steepest, device, found.accepted, sample);
      state.lastSquare = gg;
      return undefined;
    },
  };
}
