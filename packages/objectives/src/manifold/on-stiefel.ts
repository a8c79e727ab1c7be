import { createPoint, layoutLength, LowlandError, normals, type AnyObjective, type Capability, type CapabilityMap, type Device, type Memory, type Objective, type Point, type Route, type Routes, type StreamKey, type Vec } from '@lowland/core';

import { once } from '../factored/once.ts';
import { together, type Oracle, type Together } from './oracle-routes.ts';
import { bindStiefel, geometryKernels, matrixViews, nearestOrthonormal, stiefelManifold, tangentKernels, type BoundStiefel } from './stiefel.ts';

/** What an objective has on a manifold: what it had, made tangent, and a geometry. */
export type OnManifold<P extends Capability> = 'value' | 'gradient' | 'valueAndGradient' | 'geometry' | Extract<P, 'hessianVectorProduct' | 'residual'>;

interface Uploaded {
  readonly inner: unknown;
  readonly stiefel: () => BoundStiefel;
}

/**
 * The same objective on matrices with orthonormal columns: min f(X) subject to X^T X = I, for any objective with one real block
 * X, n x p with p <= n, that gives value and gradient.
 *
 *     grad f(X) = P G,   Hess f(X)[V] = P (D^2 f[P V] - P V sym(X^T G)),   P Z = Z - X sym(X^T Z),   G the Euclidean gradient
 *
 * Both are tangent and in the metric tr U^T V; Hessian-vector products (where the objective has them) see of any V the tangent part.
 * Methods walk by `geometry`, along polar factors: those that know straight lines alone are refused by `plan`. Starts are the polar
 * factors of the objective's own. A Hessian-vector product costs what the objective's does and a gradient.
 *
 * Source: Edelman, Arias, Smith 1998 (arXiv physics/9806030); Absil, Mahony, Trumpf 2013, doi:10.1007/978-3-642-40020-9_39, for the Hessian.
 *
 * @throws LOWLAND_E_LAYOUT unless the objective has one real block of two dimensions, at least as many rows as columns
 * @throws LOWLAND_E_CAPABILITY when it gives no value or no gradient
 * @throws LOWLAND_E_MANIFOLD when it lives on a manifold already
 */
export function onStiefel<P extends Capability>(objective: Objective<P>): Objective<OnManifold<P>> {
  const [block, second] = objective.layout.blocks;
  const [n = 0, p = 1] = block?.shape ?? [];
  if (block === undefined || second !== undefined || block.complex === true || block.shape.length > 2 || p > n) {
    throw new LowlandError('LOWLAND_E_LAYOUT', `The Stiefel manifold takes one real block with at least as many rows as columns; "${objective.id}" has ${objective.layout.blocks.map(({ name, shape, complex }) => `${name} ${shape.join(' x ')}${complex ? ' complex' : ''}`).join(', ')}.`);
  }
  return onOrthonormal(objective, 'Stiefel', n, p);
}

/**
 * The same objective on the unit sphere: min f(x) subject to |x| = 1, all blocks together, complex ones as twice as many reals.
 * As `onStiefel` for a single column: grad f = g - <x, g> x, Hess f[v] = P (D^2 f[P v] - <x, g> P v), steps (x + t v)/|x + t v|.
 *
 * @throws LOWLAND_E_CAPABILITY, LOWLAND_E_MANIFOLD as `onStiefel`
 */
export function onSphere<P extends Capability>(objective: Objective<P>): Objective<OnManifold<P>> {
  return onOrthonormal(objective, 'sphere', layoutLength(objective.layout), 1);
}

function onOrthonormal<P extends Capability>(objective: Objective<P>, name: 'Stiefel' | 'sphere', n: number, p: number): Objective<OnManifold<P>> {
  const any = objective as AnyObjective;
  const { layout } = objective;
  if (objective.manifold !== undefined) {
    throw new LowlandError('LOWLAND_E_MANIFOLD', `"${objective.id}" lives on a manifold already (${objective.manifold.name}).`);
  }
  for (const needed of ['value', 'gradient'] as const) {
    if (together(any, [needed]).length > 0) continue;
    throw new LowlandError('LOWLAND_E_CAPABILITY', `"${objective.id}" gives no ${needed}, which its ${name} form needs.`, { details: { capability: needed } });
  }
  /** The routes of a capability that is made of oracles of the objective. */
  const route = <K extends Capability, N extends Oracle>(
    names: readonly N[],
    make: (oracles: { readonly [M in N]: CapabilityMap[M] }, stiefel: BoundStiefel, scratch: () => Vec) => CapabilityMap[K],
  ): readonly Route<K, Uploaded>[] =>
    together(any, names).map((way: Together<N>) => ({
      kernels: [...new Set([...way.kernels, ...tangentKernels])],
      label: way.label,
      bind: (data, device, memory) => make(way.bind(data.inner, device, memory), data.stiefel(), () => memory.vector(n * p)),
    }));

  const routes = {
    value: route<'value', 'value'>(['value'], ({ value }) => value),
    gradient: route<'gradient', 'gradient'>(['gradient'], ({ gradient }, { project }, scratch) => {
      const euclidean = scratch();
      return (x, out) => {
        gradient(x, euclidean);
        project(x, euclidean, out);
      };
    }),
    valueAndGradient: route<'valueAndGradient', 'valueAndGradient'>(['valueAndGradient'], ({ valueAndGradient }, { project }, scratch) => {
      const euclidean = scratch();
      return (x, value, out) => {
        valueAndGradient(x, value, euclidean);
        project(x, euclidean, out);
      };
    }),
    hessianVectorProduct: route<'hessianVectorProduct', 'gradient' | 'hessianVectorProduct'>(['gradient', 'hessianVectorProduct'], ({ gradient, hessianVectorProduct }, { project, bend }, scratch) => {
      const [euclidean, tangent, product] = [scratch(), scratch(), scratch()];
      return (x, v, out) => {
        gradient(x, euclidean);
        project(x, v, tangent);
        hessianVectorProduct(x, tangent, product);
        bend(x, euclidean, tangent, product);
        project(x, product, out);
      };
    }),
    residual: route<'residual', 'residual'>(['residual'], ({ residual }, { project }, scratch) => {
      const tangent = scratch();
      return {
        length: residual.length,
        evaluate: (x, out) => { residual.evaluate(x, out); },
        jvp(x, v, out) {
          project(x, v, tangent);
          residual.jvp(x, tangent, out);
        },
        vjp(x, w, out) {
          residual.vjp(x, w, tangent);
          project(x, tangent, out);
        },
      };
    }),
    geometry: [{ kernels: geometryKernels, label: 'composed', bind: ({ stiefel }: Uploaded) => stiefel() }] as readonly Route<'geometry', Uploaded>[],
  };
  const offered = Object.fromEntries(Object.entries(routes).filter(([, list]) => list.length > 0)) as unknown as Routes<OnManifold<P>, Uploaded>;
  return {
    id: `${objective.id}-on-${name.toLowerCase()}`,
    layout,
    manifold: stiefelManifold(name, n, p),
    ...(objective.scale !== undefined && { scale: objective.scale }),
    options: objective.options,
    get data() {
      // undefined where the objective has no data
      return objective.data!;
    },
    routes: offered,
    upload: (device: Device, memory: Memory): Uploaded => ({
      inner: objective.upload(device, memory),
      stiefel: once(() => bindStiefel(n, p, matrixViews(device, layout, n, p), device, memory)),
    }),
    bytes: (dtype) => objective.bytes(dtype) + (dtype === 'f64' ? 8 : 4) * 7 * n * p,
    initial: (key) => orthonormalStart(objective.initial(key), key, n, p),
  };
}

/** The polar factor of the start; where that spans too little, of iid normals. */
function orthonormalStart(start: Point, key: StreamKey, n: number, p: number): Point {
  const found = nearestOrthonormal(start, n, p);
  if (found !== undefined) return found;
  const drawn = createPoint(start.layout);
  normals(key, drawn.data);
  return nearestOrthonormal(drawn, n, p)!;
}
