import { boolean, type Capability, type Context, type Infer, integer, number, type Optimizer, options, parseOptions, part, unitRoundoff } from '@lowland/core';
import { truncatedCgWork, truncatedConjugateGradient } from '@lowland/linalg';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { isRounding } from '../floor.ts';
import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { type BoundGeometry, euclidean, type Geometry, limitsOf } from '../gradient-descent/geometry.ts';
import { geometries } from '../gradient-descent/gradient-descent.ts';
import { curvatureSearch } from './negative-curvature.ts';

const settings = {
  maxRadius: number({ above: 0, summary: 'Largest radius; else the length of the point, which may double in a step.' }),
  radius: number({ above: 0, summary: 'First radius; else an eighth of the length of the start, from zero of the square root of the number of variables.' }),
  acceptance: number({ min: 0, below: 0.25, default: 0.1, summary: 'A step is taken when the value falls by more than this part of the prediction.' }),
  kappa: number({ above: 0, below: 1, default: 0.1, summary: 'Inner iterations stop at |r| <= |g| min(|g|^theta, kappa).' }),
  theta: number({ min: 0, default: 1, summary: 'The order of convergence is 1 + theta.' }),
  maxInner: integer({ min: 1, summary: 'Most inner iterations; else the number of variables.' }),
  escape: boolean({ default: false, summary: 'Looks for negative curvature where gradients are small, leaves strict saddles, and ends by itself.' }),
  tolerance: number({ above: 0, default: 1e-6, summary: 'With `escape`: ends where |g| <= tolerance |g|_max and no curvature is negative; looks from 10 times that on.' }),
};
const settingsSchema = options(settings);
const schema = options({ ...settings, geometry: part(geometries, { default: 'euclidean', summary: 'How lengths are measured, and along what to walk.' }) });
type Settings = Infer<typeof settingsSchema>;

export interface TrustRegionOptions<G extends Capability = never> extends Partial<Settings> {
  /** Default `euclidean`. */
  readonly geometry?: Geometry<G>;
}

interface TrustRegionState extends FirstOrderState {
  radius: number;
  /** The largest squared gradient norm met. */
  largest: number;
  /** Looks for negative curvature, each from another random vector. */
  looks: number;
  /** |f| at the start: what the rounding of values near zero hangs on. */
  startValue: number;
}

/**
 * Trust-region Newton method with truncated conjugate gradients (Steihaug 1983; Conn, Gould and Toint 2000; the constants of
 * Absil, Baker and Gallivan 2007, doi:10.1007/s10208-005-0179-9): s about argmin <g, s> + 1/2 <s, H s> over |s| <= radius;
 * rho = (f(x) - f(retract(x, s))) / predicted decides on the step and the next radius. Both sides of rho get 1e3 eps max(|f|, eps |f(x_0)|)
 * added, so that rounding cannot refuse good steps. With theta = 0 no step depends on the unit of the data. Converges quadratically where the Hessian is definite off the symmetry
 * orbit, so a few steps polish what another method found.
 *
 * Where the predicted decrease is below 4 eps |f|, or the gradient is rounding, values cannot tell: there a step is taken when the gradient shrinks,
 * and the run ends `stalled` by `precision-floor` when it does not; by `radius` where it is the radius that allows no more, as at the end of the
 * domain of f.
 *
 * The geometry is that of lengths and of the way back to the points. With that of a manifold (`ownGeometry`) it is the Riemannian trust-region
 * method: objectives on manifolds give Riemannian gradients and Hessians. With a metric on straight lines (`scaled`, `quotient`) the
 * inner iteration is preconditioned by it; H stays the Euclidean Hessian, which is that of f along straight lines, so steps converge as fast.
 *
 * With `escape`, where |g| <= 10 tolerance |g|_max the least curvature is sought first, by Lanczos from a random vector (50 products at most), and
 * where it is negative the step goes along it to the boundary, downhill (Sun, Qu and Wright 2018, arXiv:1602.06664, in their code); ends
 * `converged` by `second-order-stationary`. Without, starts of zero gradient are left alone, saddles included.
 *
 * Two reads an inner iteration, three a step, and one a product of the search.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function trustRegion<G extends Capability = never>({ geometry: chosen, ...given }: TrustRegionOptions<G> = {}): Optimizer<'valueAndGradient' | 'hessianVectorProduct' | G> {
  const parsed = parseOptions(settingsSchema, given, 'optimizer "trust-region"');
  const geometry = chosen ?? euclidean();
  return {
    id: 'trust-region',
    requires: ['valueAndGradient', 'hessianVectorProduct', ...geometry.requires],
    options: { ...parsed, geometry: { id: geometry.id, options: geometry.options } },
    ...limitsOf(geometry),
    claims: parsed.escape ? ['escapesSaddles'] : ['deterministic'],
    readsPerStep: 5 + geometry.readsPerStep,
    start: (context) => start(context, geometry.start(context), parsed),
  };
}

export const trustRegionDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'trust-region',
  summary: 'Newton steps by truncated conjugate gradients inside a trust region: few steps, quadratic at the end.',
  whenToUse: 'When a certified minimum is wanted or the problem is ill-conditioned: it leaves saddles and converges quadratically. Needs Hessian-vector products.',
  formula: 'x+ = x + s, s about argmin <g, s> + 1/2 <s, H s> over |s| <= radius',
  reference: 'Steihaug 1983, doi:10.1137/0720042; Absil, Baker and Gallivan 2007, doi:10.1007/s10208-005-0179-9',
  requires: ['valueAndGradient', 'hessianVectorProduct'],
  options: schema,
  create: ({ geometry, ...given }) => trustRegion<Capability>({ ...given, geometry: createPart<Geometry<Capability>>(geometries, geometry) }),
};

function start(
  context: Context<'valueAndGradient' | 'hessianVectorProduct'>,
  geometry: BoundGeometry,
  { kappa, theta, acceptance, maxInner, escape, tolerance, ...radii }: Settings,
) {
  const { device } = context;
  const { copy, dot } = device.kernels;
  const { hessianVectorProduct, valueAndGradient } = context.problem;
  const { state: slots, evaluate } = firstOrder(context);
  const { point, value, gradient } = slots;
  const eps = 2 * unitRoundoff[device.dtype];
  const state: TrustRegionState = Object.assign(slots, { radius: radii.radius ?? NaN, largest: 0, startValue: 0, looks: 0 });
  const cg = { kappa, theta, maxIterations: maxInner ?? point.length };
  const work = truncatedCgWork((length) => context.scratch(length));
  const trial = context.scratch();
  const trialGradient = context.scratch();
  const numbers = context.scratch(5);
  const trialValue = device.view(numbers, 0, 1);
  const presentValue = device.view(numbers, 3, 1);
  const hessian = (v: typeof point, out: typeof point) => { hessianVectorProduct(point, v, out); };
  const precondition = (r: typeof point) => geometry.gradient(point, r);
  const search = escape ? curvatureSearch(context, geometry, point, hessian, 50) : undefined;

  /** With `escape`, where the gradient is small: the step along negative curvature, or that there is none and nothing left to do. */
  const lookDown = async () => {
    if (search === undefined) return undefined;
    dot(gradient, gradient, numbers, 2);
    const square = await device.scalar(numbers, 2);
    const largest = Math.max(state.largest, square);
    if (!(square <= 100 * tolerance * tolerance * largest)) return undefined;
    const model = await search.look(state.looks++, gradient, state.radius, work.step);
    return model ?? (square <= tolerance * tolerance * largest ? 'done' : undefined);
  };

  return {
    state,
    async init() {
      evaluate();
      await geometry.refresh?.(value);
      geometry.inner(point, point, point, numbers, 1);
      copy(value, trialValue);
      const [start = NaN, square = NaN] = await device.read(numbers);
      state.startValue = Math.abs(start);
      if (Number.isNaN(state.radius)) state.radius = Math.sqrt(square > 0 ? square : point.length) / 8;
      state.radius = Math.min(state.radius, radii.maxRadius ?? Infinity);
    },
    async step() {
      await geometry.refresh?.(value);
      const down = await lookDown();
      if (down === 'done') return { stop: 'converged', rule: 'second-order-stationary' } as const;
      const model = down ?? await truncatedConjugateGradient({ device, gradient, hessian, radius: state.radius, precondition }, work, cg);
      if (model.iterations === 0 && model.length === 0) return restsHere;

      geometry.retract(point, 1, work.step, trial);
      valueAndGradient(trial, trialValue, trialGradient);
      dot(trialGradient, trialGradient, numbers, 1);
      dot(gradient, gradient, numbers, 2);
      copy(value, presentValue);
      geometry.inner(point, point, point, numbers, 4);
      const [after = NaN, newSquare = NaN, oldSquare = NaN, before = NaN, pointSquare = NaN] = await device.read(numbers);

      const accept = () => {
        copy(trial, point);
        copy(trialValue, value);
        copy(trialGradient, gradient);
      };
      state.largest = Math.max(state.largest, oldSquare);
      const gradientIsRounding = isRounding(oldSquare, state.largest, device.dtype);
      const valueRounding = 4 * eps * Math.abs(before);
      if (model.decrease <= valueRounding || (down === undefined && gradientIsRounding)) {
        const held = !gradientIsRounding && Math.sqrt(oldSquare) * state.radius <= 2 * valueRounding;
        if (!(newSquare < oldSquare)) return { stop: 'stalled', rule: held ? 'radius' : 'precision-floor' } as const;
        accept();
        return undefined;
      }
      const slack = 1e3 * eps * Math.max(Math.abs(before), eps * state.startValue);
      const rho = (before - after + slack) / (model.decrease + slack);
      if (!(rho >= 0.25)) state.radius /= 4;
      else if (rho > 0.75 && (model.stop === 'boundary' || model.stop === 'negative-curvature')) {
        state.radius = Math.min(2 * state.radius, radii.maxRadius ?? Math.max(state.radius, Math.sqrt(pointSquare)));
      }
      if (rho > acceptance) accept();
      return undefined;
    },
  };
}
