import { bind, type Device, type Measurements, type Objective, type Vec } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian } from '../../test/support.ts';
import { matrixSensing, symmetricSensing } from './sensing.ts';

const names = ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'blockGradient'] as const;
type Oracle = (typeof names)[number];
const onePass = ['residualAdjoint', 'seededResidualAdjoint', 'rankOneProducts'];

/** The device without the kernels of one pass. */
function composedOnly(device: Device): Device {
  const kernels = Object.fromEntries(Object.entries(device.kernels).filter(([name]) => !onePass.includes(name)));
  return Object.create(device, { kernels: { value: kernels } }) as Device;
}

/** Value, gradient, both and a Hessian-vector product at (x, v), the block gradients, and by which routes they come. */
function everything(objective: Objective<never>, device: Device, x: Float64Array, v: Float64Array) {
  const { problem, choices } = bind(objective as unknown as Objective<Oracle>, device, names);
  const memory = device.memory();
  const vector = (data: Float64Array): Vec => {
    const made = memory.vector(data.length);
    device.write(made, data);
    return made;
  };
  const into = (length: number, call: (out: Vec) => void): Float64Array => {
    const out = vector(new Float64Array(length).fill(NaN));
    call(out);
    return device.read(out) as Float64Array;
  };
  const [at, along] = [vector(x), vector(v)];
  const gradientToo = memory.vector(x.length);
  const results = {
    labels: choices.map(({ label }) => label),
    value: into(1, (out) => { problem.value(at, out); }),
    gradient: into(x.length, (out) => { problem.gradient(at, out); }),
    curve: into(x.length, (out) => { problem.hessianVectorProduct(at, along, out); }),
    both: into(1, (out) => { problem.valueAndGradient(at, out, gradientToo); }),
    bothGradient: device.read(gradientToo) as Float64Array,
    blocks: objective.layout.blocks.map(({ name }) => {
      const out = vector(x);
      problem.blockGradient(at, name, out);
      return device.read(out) as Float64Array;
    }),
  };
  memory[Symbol.dispose]();
  return results;
}

const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
const distance = (x: Float64Array, y: Float64Array) => norm(x.map((value, k) => value - y[k]!));

interface Case {
  readonly name: string;
  readonly objective: Objective<never>;
  /** sum of |A_k|_F^2 */
  readonly squares: number;
  /** Terms behind an entry of an adjoint and a product, together. */
  readonly steps: number;
}
const count = 150;
const values = gaussian(count, 'values');
const measured = (rows: number, cols: number, ensemble: Measurements['ensemble']): Omit<Measurements, 'linear'> => ({ rows, cols, values, ensemble });
const squaresOf = (x: Float64Array) => norm(x) ** 2;

function dense(rows: number, cols: number): readonly Case[] {
  const matrices = gaussian(count * rows * cols, 'matrices');
  const measurements = measured(rows, cols, { kind: 'dense', matrices });
  const common = { squares: squaresOf(matrices), steps: 2 * (count + rows * cols) };
  return [
    { name: 'dense', objective: matrixSensing({ measurements, rank: 3, lambda: 0.2 }) as Objective<never>, ...common },
    { name: 'dense, linear term', objective: matrixSensing({ measurements: { ...measurements, linear: gaussian(rows * cols, 'linear') }, rank: 2 }) as Objective<never>, ...common },
    ...(rows === cols ? [{ name: 'dense, X X^T', objective: symmetricSensing({ measurements, rank: 4 }) as Objective<never>, ...common }] : []),
  ];
}

function rankOne(rows: number, cols: number, twoSided: boolean): readonly Case[] {
  const [left, right] = [gaussian(count * rows, 'left'), gaussian(count * cols, 'right')];
  const measurements = measured(rows, cols, { kind: 'rank-one', left, ...(twoSided && { right }) });
  // |A_k|_F = |a_k| |b_k|
  const common = { squares: squaresOf(left) * squaresOf(twoSided ? right : left), steps: 2 * (count + 2 * (rows + cols)) };
  return [
    { name: `rank one, ${rows} x ${cols}`, objective: matrixSensing({ measurements, rank: 5, lambda: 0.2 }) as Objective<never>, ...common },
    ...(rows === cols ? [{ name: `rank one, X X^T, ${twoSided ? 'two vectors' : 'one vector'}`, objective: symmetricSensing({ measurements, rank: 4 }) as Objective<never>, ...common }] : []),
  ];
}

const cases: readonly Case[] = [...dense(13, 9), ...dense(11, 11), ...rankOne(13, 9, true), ...rankOne(11, 11, true), ...rankOne(12, 12, false)];

describe.each(['plain', 'wasm'] as const)('sensing in one pass over the measurements, %s kernels', (kernels) => {
  it.each(cases)('$name: as the composed routes, to rounding', ({ objective, squares, steps }) => {
    const device = cpu({ kernels }).open() as Device;
    const n = objective.layout.blocks.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
    const [x, v] = [gaussian(n, 'x'), gaussian(n, 'v')];
    const fused = everything(objective, device, x, v);
    const composed = everything(objective, composedOnly(device), x, v);
    expect(fused.labels).toEqual(names.map(() => 'fused'));
    expect(composed.labels).toEqual(names.map(() => 'composed'));
    // |a*(a(X)) - a*(b)| and its rounding: |A|_F (|A|_F |X|_F + |b|) times steps times 2^-53, from either route.
    const slope = 2 * Math.sqrt(squares) * (Math.sqrt(squares) * norm(x) ** 2 + norm(values));
    const near = (a: Float64Array, b: Float64Array, along: number) => { expect(distance(a, b)).toBeLessThanOrEqual(2 * steps * 2 ** -52 * slope * along); };
    near(fused.gradient, composed.gradient, norm(x));
    near(fused.curve, composed.curve, 3 * norm(v));
    near(fused.value, composed.value, norm(x) ** 2);
    fused.blocks.forEach((block, k) => { near(block, composed.blocks[k]!, norm(x)); });
    expect([fused.both, fused.bothGradient]).toEqual([fused.value, fused.gradient]);
    device[Symbol.dispose]();
  });
});
