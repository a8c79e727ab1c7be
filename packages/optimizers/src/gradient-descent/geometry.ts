/**
 * The geometry of a descent: which gradient is steepest, how long a vector is, how to walk along it.
 */
import { type AnyObjective, type Capability, type Context, type Definition, type Fact, type GeometryOps, type KernelName, type MaybePromise, options, type Part, type Refusal, type Vec } from '@lowland/core';

/** A part that gives methods their geometry. */
export interface Geometry<R extends Capability = never> extends Part<R> {
  readonly options: Readonly<Record<string, unknown>>;
  /** As in `Optimizer`. */
  readonly kernels?: readonly KernelName[];
  readonly needs?: readonly Fact[];
  readonly refuses?: (objective: AnyObjective) => Refusal | undefined;
  /** Reads that `refresh` makes. */
  readonly readsPerStep: number;
  start(context: Context<R>): BoundGeometry;
}

export interface BoundGeometry extends Omit<GeometryOps, 'gradient'> {
  /** Whether retract is x + alpha v and transport the identity. */
  readonly flat: boolean;
  /** The gradient in this geometry, from the Euclidean one: `euclidean` itself or a scratch vector, valid until the next call. */
  gradient(x: Vec, euclidean: Vec): Vec;
  /** Brings what depends on the value at the present point up to date; called once at the start of a step. */
  refresh?(value: Vec): MaybePromise<void>;
}

/** What a method in this geometry takes over from it: the kernels and the facts it needs, the objectives it refuses. */
export function limitsOf<R extends Capability>({ kernels, needs, refuses }: Geometry<R>): Pick<Geometry, 'kernels' | 'needs' | 'refuses'> {
  return { ...(kernels && { kernels }), ...(needs && { needs }), ...(refuses && { refuses }) };
}

/** Straight lines: out = x + alpha v, vectors carried unchanged. */
export function flatLines(context: Context<never>): Pick<BoundGeometry, 'flat' | 'retract' | 'transport'> {
  const { axpy, copy } = context.device.kernels;
  return {
    flat: true,
    retract(x, alpha, v, out) {
      if (out !== x) copy(x, out);
      axpy(alpha, v, out);
    },
    transport: (_x, _y, v, out) => copy(v, out),
  };
}

/** The inner product of the entries: <u, v> = sum u_i v_i. */
export function euclidean(): Geometry {
  return {
    id: 'euclidean',
    requires: [],
    options: {},
    readsPerStep: 0,
    start: (context) => ({
      ...flatLines(context),
      gradient: (_x, gradient) => gradient,
      inner: (_x, u, v, out, at) => context.device.kernels.dot(u, v, out, at),
    }),
  };
}

/** The geometry that the objective itself states: manifolds and quotients. */
export function ownGeometry(): Geometry<'geometry'> {
  return {
    id: 'own',
    requires: ['geometry'],
    options: {},
    readsPerStep: 0,
    start: (context) => {
      const { gradient, inner, retract, transport } = context.problem.geometry;
      const steepest = context.scratch();
      return {
        flat: false,
        inner,
        retract,
        transport,
        gradient(x, euclidean) {
          gradient(x, euclidean, steepest);
          return steepest;
        },
      };
    },
  };
}

export const euclideanDefinition = {
  apiVersion: 1,
  id: 'euclidean',
  summary: 'The inner product of the entries.',
  whenToUse: 'The default.',
  formula: '<u, v> = sum u_i v_i',
  requires: [],
  options: options({}),
  create: euclidean,
} as const satisfies Definition<object, Geometry>;

export const ownGeometryDefinition = {
  apiVersion: 1,
  id: 'own',
  summary: 'The geometry that the objective itself states: manifolds and quotients.',
  whenToUse: 'For objectives with a manifold or a quotient of their own.',
  requires: ['geometry'],
  options: options({}),
  create: ownGeometry,
} as const satisfies Definition<object, Geometry<'geometry'>>;
