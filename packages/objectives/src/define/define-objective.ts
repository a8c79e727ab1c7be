import { createPoint, layoutLength, LowlandError, normals, type Capability, type Objective, type Route, type Routes, type StreamKey, type Truth } from '@lowland/core';

import { blockViews, layoutOf, onSteadyMemory, pointBlocks, type Blocks, type Shapes } from './blocks.ts';
import { factsOf, isGeneralLinear, statesOptimum } from '../factored/facts.ts';
import { centralDifference } from './central-difference.ts';
import { hostEnsemble } from './host-ensemble.ts';

/** out = Hess f(x)[v]; `out` arrives as zeros. */
export type BlockHessian<S extends Shapes> = (x: Blocks<S>, v: Blocks<S>, out: Blocks<S>) => void;

/** f = 1/2 |r|^2: r, its derivative along v, and the transpose of the derivative (`out` of which arrives as zeros). */
export interface BlockResidual<S extends Shapes> {
  readonly length: number;
  /** Of r as a polynomial in the variables, where it is one. */
  readonly degree?: number;
  evaluate(x: Blocks<S>, out: Float64Array): void;
  jvp(x: Blocks<S>, v: Blocks<S>, out: Float64Array): void;
  vjp(x: Blocks<S>, w: Float64Array, out: Blocks<S>): void;
}

/** The group that leaves f unchanged. A finite one has no directions: dimension 0. */
export interface BlockSymmetry<S extends Shapes> {
  readonly group: string;
  readonly dimension: number;
  /** out = the k-th generator's direction at x; `out` arrives as zeros. Left out where `dimension` is 0. */
  readonly generator?: (x: Blocks<S>, k: number, out: Blocks<S>) => void;
}

/** What `defineObjective` needs. Functions read the blocks and never write them. */
export interface ObjectiveFunctions<S extends Shapes> {
  readonly id: string;
  /** Shapes by name: `{ U: [5, 2], V: [4, 2] }`. Functions get each block as its numbers, row-major. */
  readonly blocks: S;
  /** f(x); +Infinity outside a domain. */
  readonly value: (x: Blocks<S>) => number;
  /** out = grad f(x); `out` arrives as zeros, so that a gradient may be added up. */
  readonly gradient: (x: Blocks<S>, out: Blocks<S>) => void;
  /** Both at once, where they share work: writes the gradient, returns f(x). Default: one after the other. */
  readonly valueAndGradient?: (x: Blocks<S>, gradient: Blocks<S>) => number;
  readonly hessianVectorProduct?: BlockHessian<S> | 'finite-difference';
  readonly residual?: BlockResidual<S>;
  readonly symmetry?: BlockSymmetry<S>;
  readonly truth?: Truth;
  /** Writes the default start from the stream; default: iid standard normals. */
  readonly start?: (key: StreamKey, out: Blocks<S>) => void;
  /** The scale factor in words. */
  readonly scale?: string;
  /** Plain JSON that a checkpoint names the problem by. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** `fingerprint` of the data behind the functions, if any: a checkpoint is then refused by other data. */
  readonly data?: string;
}

/** What an objective offers beside value and gradient: the optional functions that were given. */
type Given<D> = Extract<{ [K in keyof D]: undefined extends D[K] ? never : K }[keyof D], 'hessianVectorProduct' | 'residual' | 'symmetry' | 'truth'>;

/**
 * An objective from plain functions of its blocks, for a problem of one's own:
 *
 *     defineObjective({ id, blocks: { x: [2] }, value: ({ x }) => …, gradient: ({ x }, out) => …, hessianVectorProduct: … })
 *
 * It offers what it is given, and the `ensemble` that follows from the gradient. `hessianVectorProduct: 'finite-difference'` asks for central differences of the
 * gradient, good to about ten digits fewer than an analytic one; plans say so. Functions run on the host, so synchronous f64
 * devices alone can bind it. Test the derivatives with `taylorSlopes`.
 *
 * @throws LOWLAND_E_SHAPE when there is no block, or one whose sizes are no positive integers
 * @throws LOWLAND_E_OPTIONS when a symmetry with directions comes without its generator
 */
export function defineObjective<const S extends Shapes, const D>(
  functions: D & ObjectiveFunctions<S>,
): Objective<'value' | 'gradient' | 'valueAndGradient' | 'ensemble' | Given<D>> {
  const { id, value, gradient, valueAndGradient, hessianVectorProduct, residual, symmetry, truth, start, scale, options = {}, data }: ObjectiveFunctions<S> = functions;
  const layout = layoutOf(functions.blocks);
  const views = blockViews<S>(layout);
  const size = layoutLength(layout);
  if (symmetry !== undefined && symmetry.dimension > 0 && symmetry.generator === undefined) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The group ${symmetry.group} has ${symmetry.dimension} directions; give their generator, or dimension 0 for a finite group.`);
  }
  const differences = hessianVectorProduct === 'finite-difference';

  const routes: Partial<Routes<Capability, undefined>> = {
    value: host((_data, device) => (x, out) => {
      const result = onSteadyMemory(device, x, () => value(views(x, device)));
      device.host!(out)[0] = result;
    }),
    gradient: host((_data, device) => (x, out) => {
      onSteadyMemory(device, x, () => {
        device.host!(out).fill(0);
        gradient(views(x, device), views(out, device));
      });
    }),
    valueAndGradient: host((_data, device) => (x, valueOut, out) => {
      const result = onSteadyMemory(device, x, () => {
        device.host!(out).fill(0);
        const [at, to] = [views(x, device), views(out, device)];
        if (valueAndGradient !== undefined) return valueAndGradient(at, to);
        gradient(at, to);
        return value(at);
      });
      device.host!(valueOut)[0] = result;
    }),
    ensemble: host((_data, device) => {
      // As `valueAndGradient` above: an ensemble takes the steps that a run takes.
      const slope = (at: Blocks<S>, to: Blocks<S>) => (valueAndGradient === undefined ? gradient(at, to) : void valueAndGradient(at, to));
      const known = new WeakMap<Float64Array, Blocks<S>>();
      const blocksOf = (data: Float64Array) => {
        const blocks = known.get(data) ?? pointBlocks<S>({ layout, data });
        known.set(data, blocks);
        return blocks;
      };
      return hostEnsemble(size, (x, out) => { slope(blocksOf(x), blocksOf(out)); }, device);
    }),
    ...(hessianVectorProduct !== undefined && {
      hessianVectorProduct: host<'hessianVectorProduct'>((_data, device, memory) => {
        if (differences) return centralDifference(gradient, views, device, memory, size);
        return (x, v, out) => {
          onSteadyMemory(device, x, () => {
            device.host!(out).fill(0);
            hessianVectorProduct(views(x, device), views(v, device), views(out, device));
          });
        };
      }, differences ? 'finite-difference' : 'composed'),
    }),
    ...(residual !== undefined && {
      residual: host<'residual'>((_data, device) => ({
        length: residual.length,
        ...(residual.degree !== undefined && { degree: residual.degree }),
        evaluate(x, out) {
          onSteadyMemory(device, x, () => { residual.evaluate(views(x, device), device.host!(out)); });
        },
        jvp(x, v, out) {
          onSteadyMemory(device, x, () => { residual.jvp(views(x, device), views(v, device), device.host!(out)); });
        },
        vjp(x, w, out) {
          onSteadyMemory(device, x, () => {
            device.host!(out).fill(0);
            residual.vjp(views(x, device), device.host!(w), views(out, device));
          });
        },
      })),
    }),
    ...(symmetry !== undefined && {
      symmetry: host<'symmetry'>((_data, device) => ({
        group: symmetry.group,
        dimension: symmetry.dimension,
        generator: (x, k, out) => {
          onSteadyMemory(device, x, () => {
            device.host!(out).fill(0);
            symmetry.generator!(views(x, device), k, views(out, device));
          });
        },
      })),
    }),
    ...(truth !== undefined && { truth: host<'truth'>(() => truth) }),
  };

  return {
    id,
    layout,
    ...(scale !== undefined && { scale }),
    options,
    ...(data !== undefined && { data }),
    routes: routes as never,
    facts: factsOf({ optimum: truth !== undefined && statesOptimum(truth), 'GL(r)': isGeneralLinear(symmetry?.group) }),
    upload: () => undefined,
    bytes: (dtype) => (differences ? 2 : 0) * size * (dtype === 'f64' ? 8 : 4),
    initial(key) {
      const point = createPoint(layout);
      if (start === undefined) normals(key, point.data);
      else start(key, pointBlocks<S>(point));
      return point;
    },
  };
}

/** One route, on devices whose numbers the host can reach. */
function host<K extends Capability>(bind: Route<K, undefined>['bind'], label: Route<K, undefined>['label'] = 'composed'): readonly Route<K, undefined>[] {
  return [{ kernels: ['host'], label, bind }];
}
