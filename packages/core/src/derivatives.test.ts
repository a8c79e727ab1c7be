import { describe, expect, it } from 'vitest';
import { doubleWell, factorization } from '../test/problems.ts';
import { bind, createPoint, normals, streamKey, taylorSlopes, type Device, type Memory, type Objective, type Vec } from './index.ts';
import { asyncBackend, referenceBackend } from './testing/index.ts';

const gaussian = (n: number, seed: number) => {
  const out = new Float64Array(n);
  normals(streamKey(seed, 'test'), out);
  return out;
};

type Smooth = Objective<'value' | 'gradient' | 'hessianVectorProduct'>;

async function test(objective: Smooth, backend = referenceBackend(), seed = 1) {
  const n = objective.layout.blocks[0]!.shape.reduce((a, b) => a * b, 1);
  using binding = await bind(objective, backend, ['value', 'gradient', 'hessianVectorProduct']);
  const tests = await taylorSlopes(binding.problem, createPoint(objective.layout, gaussian(n, seed)), gaussian(n, seed + 100));
  return Object.fromEntries(tests.map((one) => [one.name, one]));
}

/** The double well with one oracle changed. */
function changed(name: 'value' | 'gradient' | 'hessianVectorProduct', change: (out: Float64Array) => void): Smooth {
  const objective = doubleWell();
  const [route] = objective.routes[name];
  const bindRight = route!.bind as (...args: unknown[]) => (...vectors: Vec[]) => void;
  const wrong = {
    ...route,
    bind: (data: never, device: { host(x: Vec): Float64Array }, memory: never) => {
      const right = bindRight(data, device, memory);
      return (...vectors: Vec[]) => {
        right(...vectors);
        change(device.host(vectors.at(-1)!));
      };
    },
  };
  return { ...objective, routes: { ...objective.routes, [name]: [wrong] } } as Smooth;
}

describe('taylorSlopes', () => {
  it('passes right derivatives at the expected order', async () => {
    const backend = referenceBackend();
    for (let seed = 0; seed < 30; seed++) {
      const tests = await test(factorization(4, 2) as unknown as Smooth, backend, seed);
      expect(Object.values(tests).map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass']);
      expect(tests['gradient']?.slope).toBeCloseTo(2, 1);
      expect(tests['hessian']?.slope).toBeGreaterThan(2.9);
      expect(tests['hessian-gradient']?.slope).toBeCloseTo(2, 1);
    }
    expect(backend.usage.live).toBe(0);
  });

  it('tells a gross error in f32 too', async () => {
    const scaled = factorization(4, 2);
    const [route] = scaled.routes.valueAndGradient;
    const wrong = {
      ...route!,
      bind: (data: never, device: Device, memory: Memory) => {
        const right = route!.bind(data, device, memory);
        return (x: Vec, value: Vec, gradient: Vec) => {
          right(x, value, gradient);
          device.kernels.scal(1.2, gradient);
        };
      },
    };
    const backend = asyncBackend({ reads: 'microtask' });
    expect((await test(scaled as unknown as Smooth, backend))['gradient']?.verdict).toBe('pass');
    expect((await test({ ...scaled, routes: { ...scaled.routes, valueAndGradient: [wrong] } } as unknown as Smooth, backend))['gradient']?.verdict).toBe('fail');
  });

  it.each([1e-2, 1e-4, 1e-5])('finds relative errors of %d', async (error) => {
    const scaled = (out: Float64Array) => out.forEach((x, i) => (out[i] = x * (1 + error)));
    expect((await test(changed('gradient', scaled)))['gradient']).toMatchObject({ verdict: 'fail', expected: 2 });
    expect((await test(changed('gradient', scaled)))['gradient']?.slope).toBeLessThan(1.9);
    const hessian = await test(changed('hessianVectorProduct', scaled));
    expect(hessian['gradient']?.verdict).toBe('pass');
    expect(hessian['hessian-gradient']?.verdict).toBe('fail');
    if (error >= 1e-4) expect(hessian['hessian']?.verdict).toBe('fail');
  });

  it('finds a wrong entry orthogonal to the direction only in the gradient test', async () => {
    const objective = changed('hessianVectorProduct', (out) => (out[1] = out[1]! + 0.5));
    expect((await test(objective))['hessian-gradient']?.verdict).toBe('fail');
  });

  it('is at the floor where there is only rounding to see, and fails on what is not finite', async () => {
    // a quadratic: y alone moves
    const objective = doubleWell() as unknown as Smooth;
    using binding = await bind(objective, referenceBackend(), ['value', 'gradient', 'hessianVectorProduct']);
    const tests = await taylorSlopes(binding.problem, createPoint(objective.layout, Float64Array.of(0.5, 2)), Float64Array.of(0, 1));
    expect(tests.map(({ verdict }) => verdict)).toEqual(['pass', 'floor', 'floor']);
    expect((await test(changed('value', (out) => out.fill(Number.NaN))))['gradient']?.verdict).toBe('fail');
  });

  it('leaves out steps beyond a domain, and fails where there is none', async () => {
    const log: Objective<'value' | 'gradient'> = {
      ...doubleWell(),
      routes: {
        value: [{ kernels: ['host'], label: 'composed', bind: (_data, device) => (x, out) => { device.host!(out)[0] = barrier(device.host!(x)[0]!); } }],
        gradient: [{ kernels: ['host'], label: 'composed', bind: (_data, device) => (x, out) => { device.host!(out).set([-1 / device.host!(x)[0]!, 0]); } }],
      },
    };
    const barrier = (x: number) => (x > 0 ? -Math.log(x) : Infinity);
    using binding = await bind(log, referenceBackend(), ['value', 'gradient']);
    const along = async (x: number) => (await taylorSlopes(binding.problem, createPoint(log.layout, Float64Array.of(x, 0)), Float64Array.of(-1, 0)))[0]!;
    const inside = await along(0.5);
    expect(inside.verdict).toBe('pass');
    expect(inside.steps[0]).toBeLessThan(1);
    expect((await along(-1)).verdict).toBe('fail');
  });

  it('tests the gradient alone without a Hessian, and refuses other lengths', async () => {
    const objective = doubleWell();
    using binding = await bind(objective, referenceBackend(), ['value', 'gradient']);
    const point = createPoint(objective.layout, Float64Array.of(1, 2));
    expect((await taylorSlopes(binding.problem, point, Float64Array.of(1, 1))).map(({ name }) => name)).toEqual(['gradient']);
    await expect(taylorSlopes(binding.problem, point, Float64Array.of(1))).rejects.toMatchObject({ code: 'LOWLAND_E_SHAPE' });
  });
});
