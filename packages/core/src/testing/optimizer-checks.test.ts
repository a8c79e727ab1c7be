import { describe, expect, it } from 'vitest';
import { descent, factorization, noisyMomentum } from '../../test/problems.ts';
import { errorCode, maxIterations, normals, solve, streamKey, type Optimizer, type Vec } from '../index.ts';
import { optimizerChecks, referenceBackend } from './index.ts';

const objective = factorization(4, 2);
const suite = (optimizer: Optimizer<'valueAndGradient'>) => optimizerChecks({ optimizer, objective, backend: referenceBackend(), seed: 3 });

describe.each([descent(0.02), noisyMomentum(0.02)])('$id', (optimizer) => {
  it.each(suite(optimizer))('$name', async ({ run }) => {
    await expect(Promise.resolve(run())).resolves.toBeUndefined();
  });
});

/** The names of the checks that a method fails. */
async function failures(optimizer: Optimizer<'valueAndGradient'>): Promise<string> {
  const failed: string[] = [];
  for (const { name, run } of suite(optimizer)) {
    try {
      await run();
    } catch (error) {
      expect(errorCode(error)).toMatch(/LOWLAND_E_/);
      failed.push(name);
    }
  }
  return failed.join('\n');
}

type Start = Optimizer<'valueAndGradient'>['start'];
const method = (start: Start, more: Partial<Optimizer<'valueAndGradient'>> = {}): Optimizer<'valueAndGradient'> => ({ ...descent(0.02), ...more, start });

describe('optimizerChecks finds', () => {
  it('nothing wrong with a right method', async () => {
    expect(await failures(descent(0.02))).toBe('');
  });

  it('momentum kept outside the state', async () => {
    const forgetful = method((context) => {
      const stepper = descent(0.02).start(context);
      const velocity = context.scratch();
      return {
        ...stepper,
        step() {
          context.device.kernels.scal(0.9, velocity);
          context.device.kernels.axpy(-0.01, stepper.state.gradient!, velocity);
          context.device.kernels.axpy(1, velocity, stepper.state.point);
          void stepper.step();
        },
      };
    });
    expect(await failures(forgetful)).toContain('rebuilt after every step');
  });

  it('an evaluation in start, which a resume repeats', async () => {
    const eager = method((context) => {
      const stepper = descent(0.02).start(context);
      context.problem.valueAndGradient(stepper.state.point, context.scratch(1), context.scratch());
      return stepper;
    });
    expect(await failures(eager)).toContain('same counts');
  });

  it('slots that lag behind the point', async () => {
    const late = method(({ problem, device, state }) => {
      const slots: { point: Vec; gradient: Vec; value: Vec } = { point: state(), gradient: state(), value: state(1) };
      const evaluate = () => { problem.valueAndGradient(slots.point, slots.value, slots.gradient); };
      return {
        state: slots,
        init: evaluate,
        step() {
          evaluate();
          device.kernels.axpy(-0.02, slots.gradient, slots.point);
        },
      };
    });
    expect(await failures(late)).toContain('slots true');
  });

  it('claims that do not hold', async () => {
    expect(await failures({ ...noisyMomentum(0.02), claims: ['deterministic'] })).toContain('same seed');
    expect(await failures({ ...descent(-0.001), claims: ['monotone'] })).toContain('never raises');
    expect(await failures({ ...noisyMomentum(0.02), readsPerStep: 1 })).toContain('reads no more');
    expect(await failures({ ...descent(0.02), options: { rule: () => 0 } })).toContain('plain and possible');
    expect(await failures({ ...descent(0.02), requires: ['lift'] as never })).toContain('plain and possible');
  });

  it('a method that rests at a saddle, against its claim', async () => {
    expect(await failures({ ...descent(0.02), claims: ['escapesSaddles'] })).toBe('leaves a strict saddle, as it claims');
  });

  it('no rise in the rounding of an exact fit', async () => {
    const f = new Float64Array(10);
    normals(streamKey(9, 'x'), f);
    const at = (i: number, j: number) => f[2 * i]! * f[2 * j]! + f[2 * i + 1]! * f[2 * j + 1]!;
    const exact = factorization(5, 2, Float64Array.from({ length: 25 }, (_, k) => at(k % 5, Math.floor(k / 5))));
    const optimizer: Optimizer<'valueAndGradient'> = { ...descent(0.1), claims: ['monotone'] };
    const values: number[] = [];
    await solve(exact, optimizer, { backend: referenceBackend(), seed: 3, stop: maxIterations(240), record: ({ value }) => values.push(value) });
    expect(values.some((value, k) => k > 0 && value > values[k - 1]! * (1 + 1e-12))).toBe(true);
    for (const { run } of optimizerChecks({ optimizer, objective: exact, backend: referenceBackend(), seed: 3, iterations: 60 })) {
      await expect(Promise.resolve(run())).resolves.toBeUndefined();
    }
  });

  it('memory of its own, and other bits each time', async () => {
    const keeper = method((context) => {
      context.device.memory().vector(1);
      return descent(0.02).start(context);
    });
    expect(await failures(keeper)).toMatch(/frees its memory[^]*async/);
    let calls = 0;
    const drifting = method((context) => {
      const stepper = descent(0.02).start(context);
      return { ...stepper, step: () => { context.device.kernels.scal(1 + 1e-6 * calls++, stepper.state.point); void stepper.step(); } };
    });
    expect(await failures(drifting)).toContain('same bits');
  });
});
