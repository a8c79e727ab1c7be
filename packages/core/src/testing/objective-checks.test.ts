import { describe, expect, it } from 'vitest';
import { coupled, described, describedFactorization } from '../../test/described.ts';
import { doubleWell, factorization } from '../../test/problems.ts';
import { errorCode, type Capability, type CapabilityMap, type Device, type Memory, type Objective, type Route, type Vec } from '../index.ts';
import { asyncBackend, objectiveChecks, referenceBackend } from './index.ts';

type Any = Objective<Capability>;

describe.each([
  ['factorization', factorization(4, 2)],
  ['described factorization', describedFactorization(5, 2)],
  ['double well', doubleWell()],
  ['two coupled blocks', coupled(4)],
])('%s', (_, objective) => {
  const others = objective.id === 'double-well' ? [] : [asyncBackend({ reads: 'microtask' })];
  it.each(objectiveChecks({ objective: objective, backend: referenceBackend(), others }))('$name', async ({ run }) => {
    await expect(Promise.resolve(run())).resolves.toBeUndefined();
  });
});

/** The names of the checks that a changed objective fails. */
async function failures(objective: unknown, others = [asyncBackend({ reads: 'microtask' })]): Promise<string> {
  const failed: string[] = [];
  for (const { name, run } of objectiveChecks({ objective: objective as Any, backend: referenceBackend(), others })) {
    try {
      await run();
    } catch (error) {
      expect(errorCode(error)).toMatch(/LOWLAND_E_(CHECK|ALIAS|SHAPE|CAPABILITY)/);
      failed.push(name);
    }
  }
  return failed.join('\n');
}

/** An objective with one capability wrapped on its device. */
function wrapped<K extends Capability>(objective: unknown, name: K, change: (right: CapabilityMap[K], device: Device, memory: Memory) => CapabilityMap[K]): Any {
  const any = objective as Any;
  const routes = any.routes[name].map((route: Route<K, unknown>): Route<K, unknown> => ({ ...route, bind: (data, device, memory) => change(route.bind(data, device, memory), device, memory) }));
  return { ...any, routes: { ...any.routes, [name]: routes } };
}

const tiny = () => factorization(4, 2);
const whole = () => describedFactorization(4, 2);

describe('objectiveChecks finds', () => {
  it('a gradient that is a little off', async () => {
    const off = wrapped(tiny(), 'valueAndGradient', (right, { kernels }) => (x, value, gradient) => {
      right(x, value, gradient);
      kernels.scal(1.001, gradient);
    });
    expect(await failures(off)).toContain('second power');
  });

  it('products with several directions, and values on planes, that are not those one by one', async () => {
    const adding = <K extends Capability>(name: K, make: (device: Device) => CapabilityMap[K]): Any => {
      const any = tiny() as Any;
      const route: Route<K, unknown> = { kernels: ['copy', 'fill'], label: 'composed', bind: (_, device) => make(device) };
      return { ...any, routes: { ...any.routes, [name]: [route] } };
    };
    expect(await failures(adding('hessianVectorProducts', ({ kernels }) => (_, directions, out) => { kernels.copy(directions, out); }))).toContain('several directions');
    expect(await failures(adding('planeValues', ({ kernels }) => (_x, _u, _v, _at, out) => { kernels.fill(out, 1); }))).toContain('on a plane');
  });

  it('a Hessian without symmetry', async () => {
    const off = wrapped(tiny(), 'hessianVectorProduct', (right, device) => (x, v, out) => {
      right(x, v, out);
      device.kernels.axpy(1e-3, device.view(v, 0, 1), device.view(out, 1, 1));
    });
    expect(await failures(off)).toMatch(/third[^]*linear and symmetric/);
  });

  it('an oracle that adds to its result, changes its input, or leaves memory behind', async () => {
    const adds = wrapped(tiny(), 'hessianVectorProduct', (right, device, memory) => {
      const own = memory.vector(8);
      return (x, v, out) => {
        right(x, v, own);
        device.kernels.axpy(1, own, out);
      };
    });
    expect(await failures(adds)).toContain('overwrites its result');
    const changes = wrapped(tiny(), 'hessianVectorProduct', (right, device) => (x, v, out) => {
      right(x, v, out);
      device.kernels.scal(2, v);
    });
    expect(await failures(changes)).toContain('keeps its input');
    const leaks = wrapped(tiny(), 'factors', (right, device) => {
      device.memory().vector(1);
      return right;
    });
    expect(await failures(leaks)).toContain('frees it');
  });

  it('routes that differ, and devices that do', async () => {
    const [route] = tiny().routes.hessianVectorProduct;
    const double: typeof route = {
      ...route!,
      bind: (data, device, memory) => {
        const right = route!.bind(data, device, memory);
        return (x: Vec, v: Vec, out: Vec) => {
          right(x, v, out);
          device.kernels.scal(1 + 1e-8, out);
        };
      },
    };
    const two = { ...tiny(), routes: { ...tiny().routes, hessianVectorProduct: [route!, double] } };
    expect(await failures(two)).toBe('route 2 of hessianVectorProduct (composed) gives what its first (composed) gives');
    const device = wrapped(tiny(), 'hessianVectorProduct', (right, { kernels, dtype }) => (x, v, out) => {
      right(x, v, out);
      if (dtype === 'f32') kernels.scal(1.01, out);
    });
    expect(await failures(device)).toBe('gives the same numbers on "async"');
  });

  it('a wrong symmetry, block gradient or factor', async () => {
    const symmetric = wrapped(tiny(), 'symmetry', (right, { kernels }) => ({ ...right, dimension: 1, generator: (x, _, out) => { kernels.copy(x, out); } }));
    expect(await failures(symmetric)).toContain('symmetry directions');
    const block = wrapped(tiny(), 'blockGradient', (right, { kernels }) => (x, name, out) => {
      right(x, name, out);
      kernels.scal(2, out);
    });
    expect(await failures(block)).toContain('blockGradient is that block');
    const factors = { ...tiny(), routes: { ...tiny().routes, factors: described<'factors'>({ pairs: [['X', 'Y']] }) } };
    expect(await failures(factors)).toContain('factors name blocks');
  });

  it('a block solve that does not minimise, or writes elsewhere', async () => {
    const half = wrapped(coupled(3), 'blockSolve', (right, device) => (x, name, out) => {
      right(x, name, out);
      if (name === 'x') device.kernels.scal(0.9, device.view(out, 0, 3));
    });
    expect(await failures(half)).toContain('blockSolve minimises');
    const elsewhere = wrapped(coupled(3), 'blockSolve', (right) => (x, _, out) => { right(x, 'x', out); });
    expect(await failures(elsewhere)).toContain('blockSolve minimises');
    const wide = wrapped(coupled(3), 'blockGradient', (right, device) => (x, name, out) => {
      right(x, name, out);
      device.kernels.fill(device.view(out, 0, 1), 0);
    });
    expect(await failures(wide)).toContain('blockGradient');
  });

  it('a residual whose adjoint or derivative is wrong', async () => {
    const adjoint = wrapped(coupled(3), 'residual', (right, { kernels }) => ({ ...right, vjp: (x, w, out) => { right.vjp(x, w, out); kernels.scal(2, out); } }));
    expect(await failures(adjoint)).toContain('the residual has the derivative');
    const derivative = wrapped(coupled(3), 'residual', (right, { kernels }) => ({
      ...right,
      jvp: (x, v, out) => { right.jvp(x, v, out); kernels.scal(2, out); },
      vjp: (x, w, out) => { right.vjp(x, w, out); kernels.scal(2, out); },
    }));
    expect(await failures(derivative)).toContain('the residual has the derivative');
  });

  const changedDescription = <K extends Capability>(name: K, change: (right: CapabilityMap[K]) => CapabilityMap[K]) => failures(wrapped(whole(), name, change), []);

  it('a lift with another value, gradient, Gram matrix or smoothness', async () => {
    expect(await changedDescription('lift', (lift) => ({ ...lift, at: (x) => ({ ...lift.at(x), value: 0.9 * lift.at(x).value }) }))).toContain('value of f at balanced');
    expect(await changedDescription('lift', (lift) => ({ ...lift, at: (x) => ({ ...lift.at(x), value: 1.1 * lift.at(x).value, absoluteSum: 2 * lift.at(x).value }) }))).toContain('value of f at balanced');
    expect(await changedDescription('lift', (lift) => ({ ...lift, penalty: 0.1 }))).toMatch(/value of f[^]*chain rule/);
    const doubled: CapabilityMap['lift'] extends infer L ? (lift: L) => L : never = (lift) => ({
      ...lift,
      at(x) {
        const lifted = lift.at(x);
        return { ...lifted, apply: (v, out, t) => { lifted.apply(v, out, t); out.forEach((a, i) => (out[i] = 2 * a)); } };
      },
    });
    expect(await changedDescription('lift', doubled)).toMatch(/chain rule[^]*gram/);
    expect(await changedDescription('lift', (lift) => ({ ...lift, smoothness: 0.01 }))).toContain('smoothness');
    expect(await changedDescription('smoothness', () => ({ constant: 0.4 }))).toContain('that of the lift');
    expect(await changedDescription('lift', (lift) => ({ ...lift, lowerBound: 1e9 }))).toContain('value of f at balanced');
  });

  it('a target, scale, prediction, growth or truth that is not so', async () => {
    expect(await changedDescription('target', (target) => ({ ...target, data: target.data.map((_, k) => k) }))).toContain('target');
    expect(await changedDescription('target', (target) => ({ ...target, rows: 3 }))).toContain('target');
    expect(await changedDescription('scale', (scale) => ({ ...scale, zeroValue: 2 * scale.zeroValue }))).toContain('scale');
    expect(await changedDescription('scale', (scale) => ({ ...scale, gradient: () => 1e-3 }))).toContain('scale');
    expect(await changedDescription('scale', (scale) => ({ ...scale, hessianLipschitz: () => 1e-3 }))).toContain('scale');
    expect(await changedDescription('predict', (predict) => (x, row, col, out) => { predict(x, col, row, out); predict(x, row, row, out); })).toContain('predict');
    expect(await changedDescription('grow', ({ objective }) => ({ objective: (rank) => ({ ...objective(rank), data: 'other' }) }))).toContain('grown');
    expect(await changedDescription('grow', () => ({ objective: (rank) => ({ ...whole(), ...factorization(4, rank, new Float64Array(16)), routes: { ...whole().routes, ...factorization(4, rank, new Float64Array(16)).routes } }) as never }))).toContain('grown');
    expect(await changedDescription('truth', (truth) => ({ ...truth, optimum: 1e6 }))).toContain('truth');
    expect(await changedDescription('truth', (truth) => ({ ...truth, stationaryPoints: () => [whole().initial({ seed: 1, purpose: 2, index: 3 })] }))).toContain('truth');
    expect(await changedDescription('truth', (truth) => ({ ...truth, distance: () => Number.NaN }))).toContain('truth');
  });

  it('facts that do not hold, and facts that it keeps to itself', async () => {
    const { facts: _, ...silent } = doubleWell();
    expect(await failures(silent, [])).toContain('states the facts');
    expect(await failures({ ...tiny(), facts: ['penalty'] }, [])).toContain('states the facts');
  });

  it('a start that changes, blocks of one name, options that are no JSON, routes that nothing serves', async () => {
    let calls = 0;
    expect(await failures({ ...tiny(), initial: (key: never) => tiny().initial({ ...(key as object), index: calls++ } as never) }, [])).toContain('finite start');
    const twice = { ...coupled(2), layout: { blocks: [{ name: 'x', shape: [2] }, { name: 'x', shape: [2] }] } };
    expect(objectiveChecks({ objective: twice, backend: referenceBackend() })[0]!.run).toThrow(/not unique/);
    expect(await failures({ ...tiny(), options: { f: Number.NaN } }, [])).toContain('plain where it must');
    expect(await failures({ ...tiny(), options: { target: new Float64Array(2) } }, [])).toContain('plain where it must');
    expect(await failures({ ...tiny(), bytes: () => Number.NaN }, [])).toContain('finite bytes');
    expect(await failures({ ...tiny(), routes: { ...tiny().routes, lift: [{ kernels: ['nowhere'], label: 'fused', bind: () => null }] } }, [])).toContain('binds everything');
  });
});
