/* eslint-disable vitest/expect-expect -- the compiler asserts, at each ts-expect-error */
/** What the compiler refuses: a composition that cannot work is an error before anything runs. */
import { describe, expectTypeOf, it } from 'vitest';
import { analyse, bind, createPoint, iterate, solve } from './index.ts';
import type { Analysis, Backend, Capability, Closed, Context, DataMap, Definition, Objective, ObjectiveDefinition, Optimizer, Plugin, Problem, Route, Routes, Schema, Solution, Tracker, Vec } from './index.ts';

declare module './capability.ts' {
  interface CapabilityMap {
    /** As a third party would add it, naming '@lowland/core'. */
    curvatureBound(x: Vec, out: Vec): void;
  }
}

declare const backend: Backend;
declare function objective<P extends Capability>(...provides: P[]): Objective<P>;
declare function optimizer<R extends Capability, U extends Capability = never>(requires: R[], uses?: U[]): Optimizer<R, U>;
declare function analysis<R extends Capability>(...requires: R[]): Analysis<R, number>;

describe('solve', () => {
  it('takes an optimizer whose requirements are provided', () => {
    expectTypeOf(solve(objective('value', 'gradient', 'symmetry'), optimizer(['gradient']), { backend })).resolves.toEqualTypeOf<Solution>();
    void solve(objective('valueAndGradient', 'hessianVectorProduct'), optimizer(['valueAndGradient', 'hessianVectorProduct']), { backend });
    void solve(objective('value'), optimizer(['value'], ['truth', 'factors']), { backend });
  });

  it('refuses a missing capability', () => {
    // @ts-expect-error -- hessianVectorProduct is not provided
    void solve(objective('valueAndGradient'), optimizer(['valueAndGradient', 'hessianVectorProduct']), { backend });
    // @ts-expect-error -- gradient cannot be derived from the value
    void solve(objective('value'), optimizer(['gradient']), { backend });
    // @ts-expect-error -- nor the other way round
    void solve(objective('gradient'), optimizer(['valueAndGradient']), { backend });
    // @ts-expect-error -- the same through iterate
    void iterate(objective('value'), optimizer(['gradient']), { backend });
  });

  it('refuses a missing capability of a third party, and takes it where it is there', () => {
    void solve(objective('value', 'curvatureBound'), optimizer(['curvatureBound']), { backend });
    // @ts-expect-error -- curvatureBound is not provided
    void solve(objective('value', 'gradient'), optimizer(['curvatureBound']), { backend });
    // @ts-expect-error -- no such capability anywhere
    objective('nonsense');
  });

  it('lets value, gradient and the pair stand in for each other', () => {
    void solve(objective('valueAndGradient'), optimizer(['value', 'gradient']), { backend });
    void solve(objective('value', 'gradient'), optimizer(['valueAndGradient']), { backend });
    expectTypeOf<Closed<'valueAndGradient' | 'lift'>>().toEqualTypeOf<'valueAndGradient' | 'lift' | 'value' | 'gradient'>();
    expectTypeOf<Closed<'value' | 'gradient'>>().toEqualTypeOf<'value' | 'gradient' | 'valueAndGradient'>();
    expectTypeOf<Closed<'value'>>().toEqualTypeOf<'value'>();
  });

  it('needs a backend', () => {
    // @ts-expect-error -- core knows none
    void solve(objective('value'), optimizer(['value']), {});
  });

  it('takes what came by name and is checked at run time', () => {
    void solve(objective<Capability>(), optimizer<Capability>([]), { backend });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as a registry gives it
    void solve({} as Objective<any>, {} as Optimizer<any, any>, { backend });
  });
});

describe('analyse and bind', () => {
  const point = createPoint({ blocks: [] });

  it('refuse a missing capability too', () => {
    expectTypeOf(analyse(objective('lift', 'value'), analysis('lift'), point, backend)).resolves.toEqualTypeOf<number>();
    // @ts-expect-error -- lift is not provided
    void analyse(objective('value'), analysis('lift'), point, backend);
    void bind(objective('valueAndGradient'), backend, ['gradient']);
    // @ts-expect-error -- symmetry is not provided
    void bind(objective('valueAndGradient'), backend, ['symmetry']);
  });

  it('give the capabilities that were asked for, those only used perhaps', async () => {
    const binding = await bind(objective('valueAndGradient', 'symmetry'), backend, ['gradient']);
    expectTypeOf(binding.problem.gradient).toEqualTypeOf<(x: Vec, out: Vec) => void>();
    expectTypeOf(binding.problem).not.toHaveProperty('symmetry');
    expectTypeOf<Problem<'value', 'truth'>['truth']>().toExtend<object | undefined>();
    expectTypeOf<Context<'value', 'truth'>['problem']['value']>().toBeFunction();
    expectTypeOf<undefined>().toExtend<Context<'value', 'truth'>['problem']['truth']>();
  });
});

describe('an objective', () => {
  it('cannot claim a capability without a route', () => {
    expectTypeOf<{ value: [] }>().not.toExtend<Routes<'value' | 'gradient', null>>();
    expectTypeOf<{ value: []; gradient: [] }>().toExtend<Routes<'value' | 'gradient', null>>();
  });

  it('has routes that bind the capability they are for, with kernels that exist', () => {
    interface Made<K, V> {
      kernels: K[];
      label: 'composed';
      bind: () => V;
    }
    expectTypeOf<Made<'gemm' | 'host', { pairs: [['U', 'V']] }>>().toExtend<Route<'factors', null>>();
    expectTypeOf<Made<'gemm', { pairs: [['U']] }>>().not.toExtend<Route<'factors', null>>();
    expectTypeOf<Made<'nowhere', { pairs: [['U', 'V']] }>>().not.toExtend<Route<'factors', null>>();
  });

  it('serves where fewer capabilities are asked for', () => {
    expectTypeOf<Objective<'value' | 'gradient'>>().toExtend<Objective<'value'>>();
    expectTypeOf<Objective<'value'>>().not.toExtend<Objective<'value' | 'gradient'>>();
  });
});

describe('a plugin', () => {
  interface Settings {
    readonly size: number;
  }
  const create = (_: Settings, { rows, values }: DataMap['matrix']): Objective<'value' | 'symmetry'> => ({ rows, values }) as never;

  it('holds objectives that provide a few capabilities and take one form of data, without a cast', () => {
    const written: ObjectiveDefinition<Settings, 'matrix', 'value' | 'symmetry'> = { apiVersion: 1, id: 'a', summary: '', data: 'matrix', options: {} as Schema<Settings>, create };
    const inferred = { apiVersion: 1, id: 'b', summary: '', data: 'matrix', options: {} as Schema<Settings>, create } as const satisfies ObjectiveDefinition<Settings, 'matrix'>;
    const plugin: Plugin = { apiVersion: 1, name: 'a', version: '1', objectives: [written, inferred] };
    const data: DataMap['matrix'] = { rows: 1, cols: 1, values: new Float64Array(1) };
    void solve(inferred.create({ size: 1 }, data), optimizer(['value']), { backend });
    // @ts-expect-error -- the definition knows that there is no gradient
    void solve(inferred.create({ size: 1 }, data), optimizer(['gradient']), { backend });
    // @ts-expect-error -- nor does an objective take another form of data
    written.create({ size: 1 }, undefined);
    // by name nothing is known: checked at run time
    void solve(plugin.objectives![0]!.create({}, data), optimizer(['gradient']), { backend });
  });

  it('holds definitions of every option and capability', () => {
    const definition = {} as Definition<{ readonly step: number }, Optimizer<'gradient'>>;
    expectTypeOf({ apiVersion: 1, name: 'a', version: '1', optimizers: [definition] } as const).toExtend<Plugin>();
    expectTypeOf({ apiVersion: 1, name: 'a', version: '1', trackers: [{} as Definition<object, Tracker<'value', number>>] } as const).toExtend<Plugin>();
    expectTypeOf({ apiVersion: 2, name: 'a', version: '1' } as const).not.toExtend<Plugin>();
  });
});
