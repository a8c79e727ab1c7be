import { describe, expect, it } from 'vitest';
import { descent, doubleWell, factorization } from '../test/problems.ts';
import { createPoint, maxIterations, normals, plan, solve, startingPoint, type Checkpoint, type Initializer } from './index.ts';
import { asyncBackend, referenceBackend } from './testing/index.ts';

/** x = -grad f(z), z standard normal: a start that asks the objective. */
const downhill = (scale = 1): Initializer<'gradient'> => ({
  id: 'downhill',
  requires: ['gradient'],
  options: { scale },
  async point({ problem, device, scratch }, key) {
    const [x, out] = [scratch(), scratch()];
    const z = createPoint(problem.layout);
    normals(key, z.data);
    device.write(x, z.data);
    problem.gradient(x, out);
    device.kernels.scal(-scale, out);
    return createPoint(problem.layout, await device.read(out));
  },
});
const needsResidual: Initializer<'residual'> = { id: 'fitted', requires: ['residual'], options: {}, point: ({ problem }) => createPoint(problem.layout) };
const stop = maxIterations(3);
const json = (checkpoint: Checkpoint) => JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

describe('a run with an initializer', () => {
  it.each([['reference', referenceBackend], ['async', asyncBackend]] as const)('starts where it says, as startingPoint does: %s', async (_name, make) => {
    const backend = make();
    const problem = factorization(4, 2);
    const expected = await startingPoint(problem, downhill(), { backend, seed: 3 });
    const { point } = await solve(problem, descent(0.01), { backend, seed: 3, init: downhill(), stop: maxIterations(0) });
    expect(point.data).toEqual(expected.data);
    expect((await startingPoint(problem, downhill(), { backend, seed: 4 })).data).not.toEqual(expected.data);
    expect([backend.usage.live, backend.usage.devices]).toEqual([0, 0]);
  });

  it('counts its oracle calls with those of the driver', async () => {
    const { counts } = await solve(doubleWell(), descent(0.1), { backend: referenceBackend(), init: downhill(), stop: maxIterations(0) });
    expect(counts.driver['gradient']).toBe(1);
    expect(counts.method).toEqual({ valueAndGradient: 1 });
  });

  it('is named by its plan, and refused by name where the objective lacks something', async () => {
    const backend = referenceBackend();
    expect(plan(doubleWell(), descent(0.1), backend, { init: downhill() })).toMatchObject({ ok: true, init: 'downhill' });
    const refused = plan(doubleWell(), descent(0.1), backend, { init: needsResidual });
    expect(refused.refusals).toEqual([{ code: 'LOWLAND_E_CAPABILITY', message: expect.stringContaining('Initializer "fitted" needs residual') as string }]);
    await expect(solve(doubleWell(), descent(0.1), { backend, init: needsResidual })).rejects.toThrow(code('LOWLAND_E_CAPABILITY'));
    const special = { ...downhill(), kernels: ['host'] as const };
    expect(plan(factorization(4, 2), descent(0.1), asyncBackend(), { init: special }).refusals[0]?.code).toBe('LOWLAND_E_KERNEL');
  });

  it('takes no point beside it, and no point that does not fit', async () => {
    const backend = referenceBackend();
    await expect(solve(doubleWell(), descent(0.1), { backend, init: downhill(), point: doubleWell().initial(undefined as never) })).rejects.toThrow(code('LOWLAND_E_OPTIONS'));
    const elsewhere: Initializer = { id: 'elsewhere', requires: [], options: {}, point: () => createPoint({ blocks: [{ name: 'y', shape: [2] }] }) };
    await expect(solve(doubleWell(), descent(0.1), { backend, init: elsewhere })).rejects.toThrow(code('LOWLAND_E_SHAPE'));
    expect(backend.usage.live).toBe(0);
  });
});

describe('its checkpoint', () => {
  it('names it, goes on with or without it to the same bits, and keeps the name', async () => {
    const backend = referenceBackend();
    const whole = await solve(doubleWell(), descent(0.1), { backend, init: downhill(0.5), stop: maxIterations(6) });
    const checkpoint = json((await solve(doubleWell(), descent(0.1), { backend, init: downhill(0.5), stop })).checkpoint());
    expect(checkpoint.init).toEqual({ id: 'downhill', options: { scale: 0.5 } });
    for (const again of [{ init: downhill(0.5) }, {}]) {
      const end = await solve(doubleWell(), descent(0.1), { backend, resume: checkpoint, stop: maxIterations(6), ...again });
      expect(end.point.data).toEqual(whole.point.data);
      expect(end.counts.method).toEqual(whole.counts.method);
      expect(end.checkpoint().init).toEqual(checkpoint.init);
    }
  });

  it('is refused by a run that names another start', async () => {
    const backend = referenceBackend();
    const checkpoint = json((await solve(doubleWell(), descent(0.1), { backend, init: downhill(0.5), stop })).checkpoint());
    await expect(solve(doubleWell(), descent(0.1), { backend, resume: checkpoint, init: downhill(2) })).rejects.toThrow(code('LOWLAND_E_CHECKPOINT'));
    const plain = json((await solve(doubleWell(), descent(0.1), { backend, stop })).checkpoint());
    expect(plain).not.toHaveProperty('init');
    await expect(solve(doubleWell(), descent(0.1), { backend, resume: plain, init: downhill() })).rejects.toThrow(code('LOWLAND_E_CHECKPOINT'));
  });
});
