import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { descent, factorization } from '../test/problems.ts';
import { capture, decodeState, encodeState } from './checkpoint.ts';
import { maxIterations, solve, type Optimizer, type State, type Vec } from './index.ts';
import { asyncBackend, referenceBackend } from './testing/index.ts';

async function bench() {
  const device = await referenceBackend().open();
  const memory = device.memory();
  const vector = (...data: number[]) => {
    const vec = memory.vector(data.length);
    device.write(vec, Float64Array.from(data));
    return vec;
  };
  const roundTrip = async (from: State, into: State) => {
    decodeState(JSON.parse(JSON.stringify(encodeState(await capture(from, device)))), into, device, memory);
    return into;
  };
  return { device, memory, vector, roundTrip, read: async (x: unknown) => Array.from(await device.read(x as Vec)) };
}

describe('a state as JSON', () => {
  it('keeps every number to the bit, and texts, flags and lists of any depth', async () => {
    const { vector, roundTrip, read } = await bench();
    const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 0.1, -1e308];
    const state: State = { point: vector(...odd), numbers: odd, note: 'vector', flag: false, nested: [[1, [vector(3)]], 'x', true], count: -0 };
    const back = await roundTrip(state, { point: vector(...odd.map(() => 0)) });
    expect(await read(back.point)).toEqual(odd);
    expect(back['numbers']).toEqual(odd);
    expect([back['note'], back['flag'], back['count']]).toEqual(['vector', false, -0]);
    const nested = back['nested'] as [[number, [Vec]], string, boolean];
    expect(nested[0][0]).toBe(1);
    expect(await read(nested[0][1][0])).toEqual([3]);
    expect(nested.slice(1)).toEqual(['x', true]);
  });

  it('writes into the vectors that are there, and asks for those that are not', async () => {
    const { vector, roundTrip, read } = await bench();
    const into: State = { point: vector(0, 0), history: [vector(0)], gone: 5 };
    const [point, first] = [into.point, (into['history'] as Vec[])[0]!];
    await roundTrip({ point: vector(1, 2), history: [vector(3), vector(4)], best: vector(5, 6) }, into);
    expect(into.point).toBe(point);
    const history = into['history'] as Vec[];
    expect(history[0]).toBe(first);
    expect([await read(history[0]), await read(history[1]), await read(into['best'])]).toEqual([[3], [4], [5, 6]]);
    expect(into['gone']).toBeUndefined();
  });

  it('keeps one vector in two slots one, and two that began as one apart', async () => {
    const { device, vector, roundTrip, read } = await bench();
    const shared = vector(1, 2);
    const one = await roundTrip({ point: shared, best: shared }, { point: vector(0, 0), best: vector(0, 0) });
    expect(one['best']).toBe(one.point);
    const both = vector(0, 0);
    const two = await roundTrip({ point: vector(1, 2), best: vector(3, 4) }, { point: both, best: both });
    expect([await read(two.point), await read(two['best'])]).toEqual([[1, 2], [3, 4]]);
    device.kernels.fill(two.point, 9);
    expect(await read(two['best'])).toEqual([3, 4]);
  });

  it('is what it was when captured, though the run goes on', async () => {
    const { device, vector, read } = await bench();
    const list = [vector(1)];
    const state: State = { point: list[0]!, list };
    const captured = await capture(state, device);
    list.push(vector(7));
    device.kernels.fill(state.point, 5);
    const encoded = encodeState(captured) as { point: unknown; list: unknown[] };
    expect(encoded.list).toHaveLength(1);
    expect(encoded.list[0]).toEqual({ same: 0 });
    expect(await read(state.point)).toEqual([5]);
  });
});

describe('promises of another realm', () => {
  it('are awaited: the driver asks for then, not for the class', async () => {
    const foreign = runInNewContext('(value) => Promise.resolve(value)') as (value?: unknown) => Promise<undefined>;
    expect(foreign()).not.toBeInstanceOf(Promise);
    const method: Optimizer<'valueAndGradient'> = {
      ...descent(0.05),
      start(context) {
        const stepper = descent(0.05).start(context);
        let waiting = 0;
        return {
          ...stepper,
          step() {
            expect(waiting++).toBe(0);
            void stepper.step();
            return foreign().then(() => {
              waiting--;
            });
          },
        };
      },
    };
    for (const backend of [referenceBackend(), asyncBackend()]) {
      const solution = await solve(factorization(3, 1), method, { backend, stop: maxIterations(5) });
      expect(solution.iterations).toBe(5);
    }
  });
});
