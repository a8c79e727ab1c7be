import { bind, type Capability, type Device, type Objective, type Problem, type Vec } from '@lowland/core';
import { cpu, matrix, multiply, type CpuOptions } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, symmetricGaussian } from '../../test/support.ts';
import { matrixFactorization } from './asymmetric.ts';
import { symmetricFactorization } from './symmetric.ts';

const epsilon = 2 ** -52;
const names = ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'blockGradient'] as const;
type Oracle = (typeof names)[number];

/** The device without a kernel. */
function without(device: Device, name: string): Device {
  const kernels = Object.fromEntries(Object.entries(device.kernels).filter(([key]) => key !== name));
  return Object.create(device, { kernels: { value: kernels } }) as Device;
}

function open(options: CpuOptions = {}): Device {
  return cpu(options).open() as Device;
}

/** The oracles at a point, and by which routes they come. */
function oracles(objective: Objective<never>, device: Device) {
  const { problem, choices } = bind(objective as unknown as Objective<Oracle>, device, names);
  const { gradient, hessianVectorProduct, blockGradient, value, valueAndGradient } = problem as unknown as Required<Problem<never, Capability>>;
  const memory = device.memory();
  const vector = (data: Float64Array): Vec => {
    const x = memory.vector(data.length);
    device.write(x, data);
    return x;
  };
  const read = (x: Vec) => device.read(x) as Float64Array;
  const into = (length: number, call: (out: Vec) => void): Float64Array => {
    const out = vector(new Float64Array(length).fill(NaN));
    call(out);
    return read(out);
  };
  return {
    labels: choices.map(({ label }) => label),
    value: (x: Float64Array) => into(1, (out) => { value(vector(x), out); })[0]!,
    gradient: (x: Float64Array) => into(x.length, (out) => { gradient(vector(x), out); }),
    curve: (x: Float64Array, v: Float64Array) => into(x.length, (out) => { hessianVectorProduct(vector(x), vector(v), out); }),
    blocks: (x: Float64Array) => objective.layout.blocks.map(({ name }) => {
      const out = vector(x);
      blockGradient(vector(x), name, out);
      return read(out);
    }),
    both(x: Float64Array): { value: number; gradient: Float64Array } {
      const slope = memory.vector(x.length);
      const found = into(1, (out) => { valueAndGradient(vector(x), out, slope); })[0]!;
      return { value: found, gradient: read(slope) };
    },
  };
}

const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
const distance = (x: Float64Array, y: Float64Array) => norm(x.map((value, k) => value - y[k]!));

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
  readonly target: Float64Array;
  make(gram?: boolean): Objective<never>;
}
const asymmetric = (rows: number, cols: number, rank: number, balance: number, lambda: number): Case => {
  const target = gaussian(rows * cols, 'target');
  return {
    name: `${rows} x ${cols}, rank ${rank}, balance ${balance}, lambda ${lambda}`, rows, cols, rank, target,
    make: (gramFarFromOptimum = false) => matrixFactorization({ target: { rows, cols, values: target }, rank, balance, lambda, gramFarFromOptimum }) as Objective<never>,
  };
};
const symmetric = (n: number, rank: number, lambda: number): Case => {
  const target = symmetricGaussian(n, 'target');
  return {
    name: `symmetric ${n}, rank ${rank}, lambda ${lambda}`, rows: n, cols: n, rank, target,
    make: (gramFarFromOptimum = false) => symmetricFactorization({ target: { rows: n, cols: n, values: target }, rank, lambda, gramFarFromOptimum }) as Objective<never>,
  };
};
const cases = [asymmetric(1, 1, 1, 0, 0), asymmetric(33, 70, 3, 1 / 8, 0), asymmetric(90, 41, 10, 0, 0.5), symmetric(1, 1, 0), symmetric(67, 5, 0.25)];
const variables = ({ make }: Case) => make().layout.blocks.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

describe.each(['plain', 'wasm'] as const)('factorization in one pass over the target, %s kernels', (kernels) => {
  it.each(cases)('$name: as the composed routes, to rounding', (given) => {
    const device = open({ kernels });
    const [fused, composed] = [oracles(given.make(), device), oracles(given.make(), without(device, 'residualProducts'))];
    expect(fused.labels).toEqual(names.map(() => 'fused'));
    expect(composed.labels).toEqual(names.map(() => 'composed'));
    const n = variables(given);
    const [x, v] = [gaussian(n, 'point'), gaussian(n, 'direction')];
    // Both forms of the products are within (rows + cols + rank + 12) eps of the sizes of what they sum.
    const steps = given.rows + given.cols + given.rank + 12;
    const size = norm(x) ** 2 + norm(given.target);
    const near = (a: Float64Array, b: Float64Array, along: number) => { expect(distance(a, b)).toBeLessThanOrEqual(2 * steps * epsilon * size * along); };
    near(fused.gradient(x), composed.gradient(x), norm(x));
    near(fused.curve(x, v), composed.curve(x, v), norm(v));
    expect(Math.abs(fused.value(x) - composed.value(x))).toBeLessThanOrEqual(2 * steps * epsilon * size ** 2);
    fused.blocks(x).forEach((block, k) => { near(block, composed.blocks(x)[k]!, norm(x)); });
    // The pair is the value and the gradient, to the bit.
    expect(fused.both(x)).toEqual({ value: fused.value(x), gradient: fused.gradient(x) });
    device[Symbol.dispose]();
  });

  it('a point that is not finite gives a value that is not', () => {
    const device = open({ kernels });
    const { both } = oracles(cases[1]!.make(true), device);
    const x = gaussian(variables(cases[1]!), 'point');
    expect(both(x.with(3, NaN)).value).toBeNaN();
    expect(both(x.with(3, 1e200)).value).toBe(Infinity);
    device[Symbol.dispose]();
  });
});

describe('gradients by Gram matrices far from the optimum', () => {
  const far = [asymmetric(60, 45, 4, 0, 0), asymmetric(90, 41, 10, 1 / 8, 0.5), symmetric(67, 5, 0)];
  /** A point whose product has about `ratio` times the norm of the target. */
  function at(given: Case, ratio: number): Float64Array {
    const x = gaussian(variables(given), 'point');
    return x.map((value) => value * Math.sqrt((ratio * norm(given.target)) / norm(product(given, x))));
  }
  function product({ rows, cols, rank }: Case, x: Float64Array): Float64Array {
    const u = matrix(rows, rank, x.subarray(0, rows * rank));
    return multiply(u, x.length === rows * rank ? u : matrix(cols, rank, x.subarray(rows * rank)), { transposeB: true }).data;
  }
  /** S = |U| |V| + |M|, with |V|. */
  function sizes({ rows, rank, target }: Case, x: Float64Array): { size: number; factor: number } {
    const [u, v] = [norm(x.subarray(0, rows * rank)), norm(x.subarray(x.length === rows * rank ? 0 : rows * rank))];
    return { size: u * v + norm(target), factor: Math.max(u, v) };
  }

  it.each(far)('$name: within the bound where they are used, the residual form to the bit where they are not', (given) => {
    const device = open();
    const [gram, residual] = [oracles(given.make(true), device), oracles(given.make(), device)];
    const { rows, cols, rank, target } = given;
    let [used, left] = [0, 0];
    for (const ratio of [1e-6, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1, 1.01, 1.2, 1.5, 2, 3, 10, 1e4]) {
      const x = at(given, ratio);
      const { size, factor } = sizes(given, x);
      const [slope, expected, both] = [gram.gradient(x), residual.gradient(x), gram.both(x)];
      const gap = Math.abs(norm(product(given, x)) - norm(target));
      expect(both.gradient).toEqual(slope);
      if (gap > 0.126 * size) {
        used++;
        expect(slope).not.toEqual(expected);
        const penalties = 16 * epsilon * norm(expected);
        expect(distance(slope, expected)).toBeLessThanOrEqual(4 * (rows + cols + rank + 12) * epsilon * size * factor + penalties);
        const c = rows + cols + (rows * rank) / 8 + rank ** 2 + 24;
        expect(Math.abs(both.value - residual.value(x))).toBeLessThanOrEqual(c * epsilon * (size ** 2 + residual.value(x)));
        expect(Math.abs(both.value - residual.value(x))).toBeLessThanOrEqual(128 * c * epsilon * residual.value(x));
      } else if (gap < 0.124 * size) {
        left++;
        expect(slope).toEqual(expected);
        expect(both).toEqual(residual.both(x));
      }
      expect(gram.value(x)).toBe(residual.value(x));
    }
    expect(used).toBeGreaterThan(3);
    expect(left).toBeGreaterThan(3);
    device[Symbol.dispose]();
  });

  it('the form depends on the point alone, and blocks take the form of the whole', () => {
    const device = open();
    const gram = oracles(far[0]!.make(true), device);
    const [outside, inside] = [at(far[0]!, 0.1), at(far[0]!, 1)];
    const first = gram.both(outside);
    gram.both(inside);
    expect(gram.both(outside)).toEqual(first);
    const split = 60 * 4;
    const [u, v] = gram.blocks(outside);
    expect(u!.subarray(0, split)).toEqual(first.gradient.subarray(0, split));
    expect(v!.subarray(split)).toEqual(first.gradient.subarray(split));
    device[Symbol.dispose]();
  });

  it('has the bits of the plain kernels on the vector ones, and is left out where the host has no part', () => {
    const x = at(far[0]!, 0.1);
    const [plain, simd] = (['plain', 'wasm'] as const).map((kernels) => {
      const device = open({ kernels });
      const result = oracles(far[0]!.make(true), device).both(x);
      device[Symbol.dispose]();
      return result;
    });
    expect(simd).toEqual(plain);
    const single = open({ dtype: 'f32' });
    expect(oracles(far[0]!.make(true), single).both(x)).toEqual(oracles(far[0]!.make(), single).both(x));
    single[Symbol.dispose]();
  });
});
