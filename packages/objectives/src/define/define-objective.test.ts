import { bind, createPoint, errorCode, fingerprint, layoutLength, plan, streamKey, taylorSlopes, type Capability, type Device, type Objective, type Vec } from '@lowland/core';
import { asyncBackend, objectiveChecks, referenceBackend } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, largest, probe } from '../../test/support.ts';
import type { Blocks } from './blocks.ts';
import { defineObjective, type BlockHessian } from './define-objective.ts';

/** 1/2 |a b^T - M|_F^2 with vectors a and b. */
const [rows, cols] = [4, 3];
const target = gaussian(rows * cols, 'target');
type Shape = Record<'a' | 'b', readonly number[]>;
type Two = Blocks<Shape>;
const entry = (a: Float64Array, b: Float64Array, i: number, j: number): number => a[i]! * b[j]! - target[i * cols + j]!;
const cells = (visit: (i: number, j: number) => void): void => {
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) visit(i, j);
};
const curvature: BlockHessian<Shape> = ({ a, b }, { a: da, b: db }, out) => {
  cells((i, j) => {
    const change = da[i]! * b[j]! + a[i]! * db[j]!;
    out.a[i]! += change * b[j]! + entry(a, b, i, j) * db[j]!;
    out.b[j]! += change * a[i]! + entry(a, b, i, j) * da[i]!;
  });
};
const rankOne = {
  id: 'rank-one',
  blocks: { a: [rows], b: [cols] },
  value: ({ a, b }: Two) => {
    let sum = 0;
    cells((i, j) => (sum += entry(a, b, i, j) ** 2 / 2));
    return sum;
  },
  gradient: ({ a, b }: Two, out: Two) => {
    cells((i, j) => {
      out.a[i]! += entry(a, b, i, j) * b[j]!;
      out.b[j]! += entry(a, b, i, j) * a[i]!;
    });
  },
} as const;

const analytic = defineObjective({
  ...rankOne,
  data: fingerprint(target),
  hessianVectorProduct: curvature,
  residual: {
    length: rows * cols,
    evaluate: ({ a, b }, out) => cells((i, j) => (out[i * cols + j] = entry(a, b, i, j))),
    jvp: ({ a, b }, { a: da, b: db }, out) => cells((i, j) => (out[i * cols + j] = da[i]! * b[j]! + a[i]! * db[j]!)),
    vjp: ({ a, b }, w, out) =>
      cells((i, j) => {
        out.a[i]! += w[i * cols + j]! * b[j]!;
        out.b[j]! += w[i * cols + j]! * a[i]!;
      }),
  },
  symmetry: {
    group: 'GL(1)',
    dimension: 1,
    generator: ({ a, b }, _k, out) => {
      out.a.set(a);
      b.forEach((entry, j) => (out.b[j] = -entry));
    },
  },
});
const plain = defineObjective(rankOne);
const differences = defineObjective({ ...rankOne, hessianVectorProduct: 'finite-difference' });

describe.each<[string, Objective<never>]>([
  ['with everything', analytic],
  ['value and gradient alone', plain],
  ['value and gradient at once', defineObjective({ ...rankOne, valueAndGradient: (x, out) => (rankOne.gradient(x, out), rankOne.value(x)) })],
])('an objective of one\'s own, %s', (_name, objective) => {
  it.each(objectiveChecks({ objective, backend: cpu(), seed: 2 }).map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});

it('offers what it was given, and ensembles of it', () => {
  expect(Object.keys(plain.routes)).toEqual(['value', 'gradient', 'valueAndGradient', 'ensemble']);
  expect(Object.keys(analytic.routes)).toEqual(['value', 'gradient', 'valueAndGradient', 'ensemble', 'hessianVectorProduct', 'residual', 'symmetry']);
});

it('states what it was given as facts, and lacks the others', () => {
  expect(plain.facts).toEqual([]);
  expect(defineObjective({ ...rankOne, truth: {} }).facts).toEqual([]);
  expect(defineObjective({ ...rankOne, truth: { optimum: 0 } }).facts).toEqual(['optimum']);
  const group = (name: string) => defineObjective({ ...rankOne, symmetry: { group: name, dimension: 0 } }).facts;
  expect([group('GL(2)'), group('O(2)'), group('GL(2) x GL(3)')]).toEqual([['GL(r)'], [], []]);
});

const wants = (name: Capability) => ({ id: 'wanting', requires: [name], options: {}, readsPerStep: 0, start: () => ({ state: {} as never, step: () => undefined }) });

it('says in the plan that Hessian-vector products are differences', () => {
  const seen = plan(differences, wants('hessianVectorProduct'), cpu());
  expect(seen.capabilities[0]).toMatchObject({ name: 'hessianVectorProduct', route: 'finite-difference', kernels: ['host'] });
  expect(seen.warnings).toEqual(['hessianVectorProduct comes from finite differences: inexact.']);
});

it('is refused where the host cannot reach the numbers, with that reason', () => {
  const { refusals } = plan(plain, wants('gradient'), asyncBackend({ extra: hostKernels }));
  expect(refusals[0]).toMatchObject({ code: 'LOWLAND_E_KERNEL', message: expect.stringContaining('host') as string });
});

it('takes differences that are good to nine digits, and zero along zero', () => {
  const [exact, approximate] = [probe(analytic), probe(differences)];
  for (let k = 0; k < 20; k++) {
    const [x, v] = [gaussian(7, 'x', k), gaussian(7, 'v', k).map((value) => 1e3 ** (k % 3) * value)];
    const h = exact.curve(x, v);
    expect(largest(approximate.curve(x, v).map((value, i) => value - h[i]!))).toBeLessThan(1e-9 * largest(h));
  }
  expect(approximate.curve(gaussian(7, 'x'), new Float64Array(7))).toEqual(new Float64Array(7));
});

it('fails the Taylor test where the gradient is wrong', async () => {
  const wrong = defineObjective({ ...rankOne, gradient: (x, out) => { rankOne.gradient(x, out); out.a[0]! *= 1.001; } });
  const tests = await taylorSlopes(probe(wrong).problem as never, createPoint(wrong.layout, gaussian(7, 'x')), gaussian(7, 'v'));
  expect(tests[0]!.verdict).toBe('fail');
});

it('starts where it is told to', () => {
  const objective = defineObjective({ ...rankOne, start: (_key, out) => { out.a.fill(1); out.b[2] = 4; } });
  expect([...objective.initial(streamKey(0, 'init')).data]).toEqual([1, 1, 1, 1, 0, 0, 4]);
});

it.each([
  [{}, 'LOWLAND_E_SHAPE'],
  [{ a: [] }, 'LOWLAND_E_SHAPE'],
  [{ a: [2, 0] }, 'LOWLAND_E_SHAPE'],
  [{ a: [2.5] }, 'LOWLAND_E_SHAPE'],
])('refuses blocks %j', (blocks, code) => {
  let caught: unknown;
  try {
    defineObjective({ id: 'bad', blocks: blocks, value: () => 0, gradient: () => undefined });
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});

it('refuses a group with directions and no generator', () => {
  expect(() => defineObjective({ ...rankOne, symmetry: { group: 'GL(1)', dimension: 1 } })).toThrow('generator');
});

it('computes on a device that makes its views anew at each look', async () => {
  using binding = await bind(plain, referenceBackend({ extra: hostKernels }), ['value']);
  const { device, value } = binding.problem;
  using memory = device.memory();
  const [x, out] = [memory.vector(layoutLength(plain.layout)), memory.vector(1)];
  device.write(x, gaussian(x.length, 'view', 1));
  value(x, out);
  expect(await device.scalar(out)).toBe(probe(plain).value(gaussian(x.length, 'view', 1)));
});

it('is right where functions move the memory of the device while they run', () => {
  const device = cpu().open() as Device;
  const memory = device.memory();
  const vector = (...numbers: number[]) => {
    const x = memory.vector(numbers.length);
    device.write(x, Float64Array.from(numbers));
    return x;
  };
  const [x, v, w] = [vector(3, 2), vector(1, 10), vector(7)];
  const read = (call: (out: Vec) => void, length = 2): number[] => {
    const out = vector(...new Array<number>(length).fill(-1));
    moves = 1;
    call(out);
    return [...device.host!(out)];
  };
  /** In the middle of a call the memory grows, as it does below decompositions. */
  const grow = (): void => {
    const held = device.host!(x);
    if (moves-- > 0) while (device.host!(x) === held) memory.vector(2 ** 16);
  };
  let moves = 0;
  const objective = defineObjective({
    id: 'moving',
    blocks: { x: [2] },
    value: ({ x }) => (grow(), x[0]! ** 2 * x[1]!),
    gradient: ({ x }, out) => {
      grow();
      out.x[0]! += 2 * x[0]! * x[1]!;
      out.x[1]! += x[0]! ** 2;
    },
    hessianVectorProduct: ({ x }, { x: v }, out) => {
      grow();
      out.x[0]! += 2 * (x[1]! * v[0]! + x[0]! * v[1]!);
      out.x[1]! += 2 * x[0]! * v[0]!;
    },
    residual: {
      length: 1,
      evaluate: ({ x }, out) => (grow(), out.fill(x[0]!)),
      jvp: (_x, { x: v }, out) => (grow(), out.fill(v[0]!)),
      vjp: (_x, w, out) => (grow(), (out.x[1]! += w[0]!)),
    },
    symmetry: { group: 'R', dimension: 1, generator: ({ x }, _k, out) => (grow(), (out.x[0]! += x[1]!)) },
  });
  const { problem } = bind(objective, device, ['value', 'gradient', 'valueAndGradient', 'ensemble', 'hessianVectorProduct', 'residual', 'symmetry']);
  expect(read((out) => { problem.value(x, out); }, 1)).toEqual([18]);
  expect(read((out) => { problem.gradient(x, out); })).toEqual([12, 9]);
  expect(read((out) => { problem.hessianVectorProduct(x, v, out); })).toEqual([64, 6]);
  expect(read((out) => { problem.residual.evaluate(x, out); }, 1)).toEqual([3]);
  expect(read((out) => { problem.residual.jvp(x, v, out); }, 1)).toEqual([1]);
  expect(read((out) => { problem.residual.vjp(x, w, out); })).toEqual([0, 7]);
  expect(read((out) => { problem.symmetry.generator(x, 0, out); })).toEqual([2, 0]);
  // The gradient moves the memory, then the value reads what is gone.
  const slope = vector(0, 0);
  expect(read((out) => { problem.valueAndGradient(x, out, slope); }, 1)).toEqual([18]);
  expect([...device.host!(slope)]).toEqual([12, 9]);
  memory[Symbol.dispose]();
});

it('hands on what functions throw', () => {
  const objective = defineObjective({ ...rankOne, value: () => { throw new Error('mine'); } });
  expect(() => probe(objective as never).value(new Float64Array(rows + cols))).toThrow('mine');
});
