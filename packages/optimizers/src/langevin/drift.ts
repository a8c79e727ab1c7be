/**
 * Antisymmetric drifts J of nonreversible Langevin dynamics: -(I + J) grad f keeps the density exp(-beta f), since J grad f has no
 * divergence and is tangent to the level sets of f.
 */
import { type Capability, type Context, type Definition, type Infer, LowlandError, number, options, parseOptions, type Part, type Vec } from '@lowland/core';

/** A part that gives an antisymmetric J, constant in x. */
export interface AntisymmetricDrift<R extends Capability = never> extends Part<R> {
  readonly options: Readonly<Record<string, unknown>>;
  /** a, where J = a [[0, I], [-I, 0]]: ensembles know drifts of this form. */
  readonly strength?: number;
  /** Gives a function that adds alpha J v to `out`. */
  start(context: Context<R>, v: Vec, out: Vec): (alpha: number) => void;
}

/** J = 0: the reversible dynamics. */
export function noDrift(): AntisymmetricDrift {
  return { id: 'none', requires: [], options: {}, strength: 0, start: () => () => undefined };
}

const rotationSchema = options({ strength: number({ default: 1, summary: 'a' }) });

/**
 * J = a [[0, I], [-I, 0]], the first half of the variables against the second; a variable left over has none. In two variables every
 * antisymmetric J is of this form.
 */
export function rotation(given: { readonly strength?: number } = {}): AntisymmetricDrift {
  const { strength } = parseOptions(rotationSchema, given, 'drift "rotation"');
  return {
    id: 'rotation',
    requires: [],
    options: { strength },
    strength,
    start({ device }, v, out) {
      const half = Math.floor(v.length / 2);
      const { axpy } = device.kernels;
      const [first, second] = [device.view(v, 0, half), device.view(v, half, half)];
      const [firstOut, secondOut] = [device.view(out, 0, half), device.view(out, half, half)];
      return (alpha) => {
        axpy(alpha * strength, second, firstOut);
        axpy(-alpha * strength, first, secondOut);
      };
    },
  };
}

/**
 * J = (A - A^T) / 2 for any square matrix A of as many rows as there are variables, row-major: any antisymmetric J. Two products with A
 * a step, n^2 numbers of memory.
 *
 * @throws LOWLAND_E_SHAPE at the start of a run when A does not have n^2 entries
 */
export function antisymmetricPart(entries: readonly number[]): AntisymmetricDrift {
  return {
    id: 'antisymmetric-part',
    requires: [],
    options: { entries },
    start(context, v, out) {
      const { device } = context;
      const { gemv } = device.kernels;
      const n = v.length;
      if (entries.length !== n * n) {
        throw new LowlandError('LOWLAND_E_SHAPE', `A drift matrix for ${n} variables has ${n * n} entries; ${entries.length} were given.`);
      }
      const store = context.state(n * n);
      device.write(store, Float64Array.from(entries));
      const a = device.matrix(store, 0, n, n);
      return (alpha) => {
        gemv('N', alpha / 2, a, v, 1, out);
        gemv('T', -alpha / 2, a, v, 1, out);
      };
    },
  };
}

export const noDriftDefinition = {
  apiVersion: 1,
  id: 'none',
  summary: 'No drift beside the gradient: the reversible dynamics.',
  whenToUse: 'The default: detailed balance holds.',
  formula: 'J = 0',
  requires: [],
  options: options({}),
  create: noDrift,
} as const satisfies Definition<object, AntisymmetricDrift>;

export const rotationDefinition = {
  apiVersion: 1,
  id: 'rotation',
  summary: 'Turns the first half of the variables against the second.',
  whenToUse: 'To leave basins sooner at the same temperature; raise `strength` and lower the step.',
  formula: 'J = a [[0, I], [-I, 0]]',
  requires: [],
  options: rotationSchema,
  create: rotation,
} as const satisfies Definition<Infer<typeof rotationSchema>, AntisymmetricDrift>;
