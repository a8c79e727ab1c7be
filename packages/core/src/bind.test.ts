import { describe, expect, it } from 'vitest';
import { descent, doubleWell, factorization, noisyMomentum } from '../test/problems.ts';
import { analyse, baseKernelNames, bind, createPoint, gradientNorm, gradientTolerance, maxIterations, plan, solve, type Analysis, type Capability, type Constraints, type Objective, type Optimizer, type Tracker, type Vec } from './index.ts';
import { countedProblem, type Tally, totals } from './counting.ts';
import { asyncBackend, referenceBackend } from './testing/index.ts';

const needs = <R extends Capability>(...requires: R[]): Optimizer<R> => ({ ...(descent(0.1) as unknown as Optimizer<R>), requires });

describe('bind', () => {
  it('derives value and gradient from the pair, and the pair from its halves', async () => {
    const backend = referenceBackend();
    const device = await backend.open();
    const values = async (objective: Objective<never>, data: number[]) => {
      using binding = bind(objective as unknown as Objective<'valueAndGradient'>, device, ['value', 'gradient', 'valueAndGradient']);
      using memory = device.memory();
      const [x, g, both] = [memory.vector(data.length), memory.vector(data.length), memory.vector(data.length)];
      const [value, valueToo] = [memory.vector(1), memory.vector(1)];
      device.write(x, Float64Array.from(data));
      binding.problem.value(x, value);
      binding.problem.gradient(x, g);
      binding.problem.valueAndGradient(x, valueToo, both);
      expect(await device.read(valueToo)).toEqual(await device.read(value));
      expect(await device.read(both)).toEqual(await device.read(g));
      return [await device.scalar(value), ...(await device.read(g))];
    };
    expect(await values(doubleWell() as never, [2, 3])).toEqual([6.75, 6, 3]);
    // f = (x^2 - 1)^2 / 4 again, as a 1 x 1 factorisation
    expect(await values(factorization(1, 1, Float64Array.of(1)) as never, [2])).toEqual([2.25, 6]);
    expect(backend.usage.live).toBe(0);
  });

  it('derives products with several directions, which count one by one', async () => {
    const backend = referenceBackend();
    const device = await backend.open();
    {
      using binding = bind(factorization(2, 1), device, ['hessianVectorProduct', 'hessianVectorProducts']);
      using memory = device.memory();
      const [x, v, out] = [memory.vector(2), memory.vector(6), memory.vector(6)];
      device.write(x, Float64Array.of(1, 2));
      device.write(v, Float64Array.of(1, 0, 0, 1, 2, -1));
      const tally: Tally = new Map();
      const { hessianVectorProducts } = countedProblem(binding.problem, device, ['hessianVectorProducts'], tally);
      hessianVectorProducts(x, v, out);
      expect(totals(tally)).toEqual({ hessianVectorProduct: 3 });
      const one = memory.vector(2);
      binding.problem.hessianVectorProduct(x, device.view(v, 4, 2), one);
      const all = await device.read(out);
      expect(all.subarray(4)).toEqual(await device.read(one));
      // symmetric
      expect(all[1]).toBe(all[2]);
    }
    expect(backend.usage.live).toBe(0);
  });

  it('binds to a backend too, and closes what it opened', async () => {
    const backend = asyncBackend();
    const binding = await bind(factorization(3, 1), backend, ['gradient', 'factors']);
    expect(binding.problem.factors.pairs).toEqual([['X', 'X']]);
    expect(binding.problem.device.dtype).toBe('f32');
    expect(backend.usage).toMatchObject({ devices: 1 });
    binding[Symbol.dispose]();
    expect(backend.usage).toMatchObject({ devices: 0, live: 0 });
  });

  it('takes the first route that the device can serve', async () => {
    const taken: string[] = [];
    const route = (name: string, kernels: readonly string[]) => ({ kernels: kernels as never, label: 'composed' as const, bind: () => (taken.push(name), () => undefined) });
    const objective = { ...doubleWell(), routes: { value: [route('gpu', ['nowhere']), route('host', ['host']), route('base', [])] } } as unknown as Objective<'value'>;
    for (const backend of [referenceBackend(), asyncBackend()]) (await bind(objective, backend, ['value']))[Symbol.dispose]();
    expect(taken).toEqual(['host', 'base']);
  });

  it('says whether the objective or the kernels are missing, and frees everything', async () => {
    const backend = asyncBackend();
    await expect(bind(doubleWell(), backend, ['value'])).rejects.toMatchObject({ code: 'LOWLAND_E_KERNEL' });
    await expect(bind(doubleWell() as unknown as Objective<Capability>, backend, ['symmetry'])).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
    const throwing = { ...factorization(3, 1), upload: () => { throw new Error('boom'); } };
    await expect(bind(throwing, backend, ['value'])).rejects.toThrow('boom');
    expect(backend.usage).toMatchObject({ devices: 0, live: 0 });
  });
});

describe('plan', () => {
  it('shows routes and kernels, is plain JSON, and is what runs', async () => {
    const backend = referenceBackend();
    const shown = plan(factorization(4, 2), descent(0.1), backend);
    expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
    expect(shown).toMatchObject({ ok: true, objective: 'tiny-factorization', optimizer: 'descent', backend: 'reference', dtype: 'f64', variables: 8, readsPerStep: 0, refusals: [], warnings: [] });
    expect(shown.capabilities).toEqual([
      { name: 'valueAndGradient', need: 'required', route: 'composed', kernels: ['gemm', 'copy', 'dot', 'scal'] },
      { name: 'value', need: 'driver', route: 'derived', kernels: ['gemm', 'copy', 'dot', 'scal'] },
      { name: 'gradient', need: 'driver', route: 'derived', kernels: ['gemm', 'copy', 'dot', 'scal'] },
    ]);
    const solution = await solve(factorization(4, 2), descent(0.1), { backend, stop: maxIterations(1) });
    expect(solution.plan).toEqual(shown);
  });

  const codes = (shown: ReturnType<typeof plan>) => shown.refusals.map(({ code }) => code);

  it('refuses a capability that the objective lacks, or whose kernels the backend lacks', async () => {
    expect(codes(plan(doubleWell(), needs('symmetry'), referenceBackend()))).toEqual(['LOWLAND_E_CAPABILITY']);
    expect(codes(plan(doubleWell(), needs('value'), asyncBackend()))).toEqual(['LOWLAND_E_KERNEL']);
    expect(codes(plan(doubleWell(), { ...descent(0.1), kernels: ['nowhere' as never] }, referenceBackend()))).toEqual(['LOWLAND_E_KERNEL']);
    const backend = referenceBackend();
    await expect(solve(doubleWell(), needs('symmetry') as unknown as Optimizer<'value'>, { backend })).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY', details: { plan: { ok: false } } });
    const tracker: Tracker<'symmetry', number> = { id: 't', requires: ['symmetry'], start: () => () => 0 };
    expect(plan(doubleWell(), descent(0.1), backend, { trackers: [tracker] }).refusals[0]?.message).toContain('Tracker "t" needs symmetry');
    expect(backend.usage).toMatchObject({ devices: 0, live: 0 });
  });

  it('refuses an objective that does not state the facts a method needs, once it has what they are about', async () => {
    const backend = referenceBackend();
    const method = { ...descent(0.1), needs: ['optimum', 'GL(r)'] as const };
    const { refusals } = plan(doubleWell(), method, backend);
    expect(refusals).toMatchObject([{ code: 'LOWLAND_E_SYMMETRY', message: expect.stringMatching(/^Optimizer "descent" needs GL\(r\), .* which objective "double-well" is not\. /) as string }]);
    const { facts: _, ...silent } = doubleWell();
    expect(codes(plan(silent, method, backend))).toEqual(['LOWLAND_E_OPTIMUM', 'LOWLAND_E_SYMMETRY']);
    await expect(solve(silent, method, { backend })).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIMUM', details: { plan: { ok: false } } });
    expect(codes(plan(silent, { ...method, requires: ['symmetry'] } as never, backend))).toEqual(['LOWLAND_E_CAPABILITY']);
  });

  it('goes without what is only used, and says so', () => {
    const uses = { ...descent(0.1), uses: ['truth', 'symmetry'] as const } as Optimizer<'valueAndGradient', 'truth' | 'symmetry'>;
    const shown = plan(doubleWell(), uses, referenceBackend());
    expect(shown.ok).toBe(true);
    expect(shown.capabilities).toContainEqual({ name: 'truth', need: 'used', route: 'fused', kernels: [] });
    expect(shown.capabilities.find(({ name }) => name === 'symmetry')).toMatchObject({ need: 'used', route: 'missing' });
    expect(shown.warnings).toEqual(['"descent" goes without symmetry: objective "double-well" does not provide symmetry.']);
  });

  it('refuses tolerances below 8 u G with that floor', () => {
    const backend = asyncBackend();
    const at = (stop: ReturnType<typeof gradientNorm>, gradientScale?: number) =>
      plan(factorization(4, 2), descent(0.1), backend, { stop, ...(gradientScale !== undefined && { gradientScale }) });
    expect(at(gradientTolerance(1e-10)).refusals).toMatchObject([{ code: 'LOWLAND_E_PRECISION', reachable: 8 * 2 ** -24 }]);
    expect(codes(at(gradientTolerance(1e-6)))).toEqual([]);
    expect(at(gradientNorm(1e-10), 3).refusals).toMatchObject([{ code: 'LOWLAND_E_PRECISION', reachable: 24 * 2 ** -24 }]);
    expect(codes(at(gradientNorm(1e-10), 1e-5))).toEqual([]);
    expect(at(gradientNorm(1e-10))).toMatchObject({ ok: true, warnings: [expect.stringContaining('not known before the start')] });
    expect(codes(plan(factorization(4, 2), descent(0.1), referenceBackend(), { stop: gradientTolerance(1e-16) }))).toEqual(['LOWLAND_E_PRECISION']);
    expect(plan(factorization(4, 2), descent(0.1), backend)).toMatchObject({ ok: true, warnings: [] });
  });

  it('refuses more memory than there is, and complex factors in a real solve', () => {
    const small = referenceBackend({ limits: { bytes: 500, bufferBytes: 1e9 } });
    expect(plan(factorization(4, 2), descent(0.1), small)).toMatchObject({ ok: false, bytes: 8 * (3 * 16 + 3 * 8), refusals: [{ code: 'LOWLAND_E_MEMORY', reachable: 500 }] });
    const narrow = referenceBackend({ limits: { bytes: 1e9, bufferBytes: 63 } });
    expect(codes(plan(factorization(4, 2), descent(0.1), narrow))).toEqual(['LOWLAND_E_MEMORY']);
    const complex = { ...doubleWell(), layout: { blocks: [{ name: 'x', shape: [1], complex: true as const }] } };
    expect(codes(plan(complex, { ...descent(0.1), kernels: ['posvRight'] }, referenceBackend()))).toEqual(['LOWLAND_E_COMPLEX']);
    expect(codes(plan(complex, descent(0.1), referenceBackend()))).toEqual([]);
  });

  it('warns about finite differences, and about rules that see nothing', () => {
    const objective = { ...doubleWell(), routes: { value: doubleWell().routes.value.map((route) => ({ ...route, label: 'finite-difference' as const })) } } as unknown as Objective<'value'>;
    const shown = plan(objective, needs('value'), referenceBackend());
    expect(shown.warnings).toEqual([
      'value comes from finite differences: inexact.',
      'A stopping rule looks at the gradient, which "double-well" does not give here: it works only if the method keeps it in its state.',
    ]);
  });
});

describe('analyse', () => {
  const values: Analysis<'value' | 'gradient', number> = {
    id: 'value',
    requires: ['value', 'gradient'],
    dtype: 'f64',
    async run({ problem, device, scratch, random }, x: Vec, host) {
      const out = scratch(1);
      problem.value(x, out);
      return (await device.scalar(out)) + host.data.length + random('a', 2).index;
    },
  };

  it('binds anew at a host point and frees everything', async () => {
    const backend = referenceBackend();
    const objective = doubleWell();
    const point = createPoint(objective.layout, Float64Array.of(2, 3));
    expect(await analyse(objective, values, point, backend)).toBe(6.75 + 2 + 2);
    await expect(analyse(objective, { ...values, run: () => { throw new Error('boom'); } }, point, backend)).rejects.toThrow('boom');
    expect(backend.usage).toMatchObject({ devices: 0, live: 0 });
  });

  it('refuses another number type, a missing capability and a foreign point', async () => {
    const backend = asyncBackend();
    const objective = factorization(3, 1);
    const point = createPoint(objective.layout);
    await expect(analyse(objective, values, point, backend)).rejects.toMatchObject({ code: 'LOWLAND_E_DTYPE' });
    await expect(analyse(objective, values, createPoint({ blocks: [] }), referenceBackend())).rejects.toMatchObject({ code: 'LOWLAND_E_SHAPE' });
    const lift: Analysis<'lift', number> = { id: 'l', requires: ['lift'], dtype: 'any', run: () => 0 };
    await expect(analyse(objective as unknown as Objective<'lift'>, lift, point, backend)).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
    const hidden = { ...referenceBackend(), kernels: new Set(baseKernelNames) };
    await expect(analyse(objective, values, point, hidden)).rejects.toMatchObject({ code: 'LOWLAND_E_KERNEL' });
    expect(await analyse(objective, { ...values, dtype: 'any' }, point, backend)).toBeGreaterThan(0);
    expect(backend.usage).toMatchObject({ devices: 0, live: 0 });
  });
});

describe('oracles', () => {
  it('get every argument through the counters', async () => {
    const given: unknown[][] = [];
    const lagrangian: Constraints['lagrangian'] = (...args) => void given.push(args);
    const unused = () => undefined;
    const nothing = () => { throw new Error('not asked for'); };
    const base = doubleWell();
    const constraints: Constraints = { length: 1, evaluate: unused, jvp: unused, vjp: unused, multipliers: unused, augmented: nothing, lagrangian };
    const objective: Objective<'constraints' | 'value' | 'gradient'> = { ...base, routes: { ...base.routes, constraints: [{ kernels: [], label: 'fused', bind: () => constraints }] } };
    const method: Optimizer<'constraints'> = {
      id: 'five',
      requires: ['constraints'],
      options: {},
      readsPerStep: 0,
      start: ({ problem, state }) => {
        const point = state();
        return { state: { point }, step: () => { problem.constraints.lagrangian(point, point, 3, point, point); } };
      },
    };
    const { counts } = await solve(objective, method, { backend: referenceBackend(), stop: maxIterations(1) });
    expect(given.map((args) => [args.length, args[2], args[4] === args[0]])).toEqual([[5, 3, true]]);
    expect(counts.method).toEqual({ 'constraints.lagrangian': 1 });
  });
});

describe('reads', () => {
  it('are counted with those of the method', async () => {
    const backend = asyncBackend();
    const solution = await solve(factorization(4, 1), noisyMomentum(0.01), { backend, stop: maxIterations(5), every: 100 });
    expect(solution.counts.reads).toBeLessThanOrEqual(5 * 2 + 3);
    expect(solution.counts.reads).toBeGreaterThanOrEqual(10);
  });
});
