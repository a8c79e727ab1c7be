import { bind, type Capability, type DataMap, type Device, type Objective, type Problem, type Vec } from '@lowland/core';
import { cpu, type CpuOptions } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian } from '../../test/support.ts';
import { matrixCompletion, type MatrixCompletionOptions } from './completion.ts';
import { generateEntries } from './generate.ts';

const names = ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'blockGradient', 'blockSolve'] as const;
type Oracle = (typeof names)[number];
const observed = ['observedResidual', 'observedProduct', 'observedCurvature', 'observedCurvatureProduct'];

const open = (options: CpuOptions = {}): Device => cpu(options).open() as Device;
/** The device without these kernels. */
function without(device: Device, lacking: readonly string[]): Device {
  const kernels = Object.fromEntries(Object.entries(device.kernels).filter(([name]) => !lacking.includes(name)));
  return Object.create(device, { kernels: { value: kernels } }) as Device;
}

/** All oracles at one point, and by which routes they come. */
function everything(objective: Objective<never>, device: Device) {
  const { problem, choices } = bind(objective as unknown as Objective<Oracle>, device, names);
  const oracles = problem as unknown as Required<Problem<never, Capability>>;
  const memory = device.memory();
  const size = objective.layout.blocks.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  const vector = (data: Float64Array): Vec => {
    const x = memory.vector(data.length);
    device.write(x, data);
    return x;
  };
  const into = (length: number, call: (out: Vec) => void): Float64Array => {
    const out = vector(new Float64Array(length).fill(NaN));
    call(out);
    return device.read(out) as Float64Array;
  };
  const [x, v] = [vector(gaussian(size, 'point')), vector(gaussian(size, 'direction'))];
  const blocks = (call: (out: Vec, block: string) => void) => ['U', 'V'].map((block) => {
    const out = vector(gaussian(size, 'block'));
    call(out, block);
    return device.read(out) as Float64Array;
  });
  const slope = memory.vector(size);
  const result = {
    value: into(1, (out) => { oracles.value(x, out); }),
    gradient: into(size, (out) => { oracles.gradient(x, out); }),
    both: into(1, (out) => { oracles.valueAndGradient(x, out, slope); }),
    slope: device.read(slope) as Float64Array,
    curvature: into(size, (out) => { oracles.hessianVectorProduct(x, v, out); }),
    blocks: blocks((out, block) => { oracles.blockGradient(x, block, out); }),
    solved: blocks((out, block) => { oracles.blockSolve(x, block, out); }),
  };
  memory[Symbol.dispose]();
  return { labels: Object.fromEntries(choices.map(({ name, label }) => [name, label])), ...result };
}

/** Random cells, with weights if wanted, 0 among them. */
function cells(rows: number, cols: number, share: number, weighted: boolean): DataMap['entries'] {
  const { data } = generateEntries({ rows, cols, rank: 1, density: share, noise: 1 }, 5);
  const count = data.values.length;
  return weighted ? { ...data, weights: gaussian(count, 'weights').map((w) => Math.max(0, w)) } : data;
}
const cases: readonly (readonly [string, MatrixCompletionOptions])[] = [
  ['few cells, so that rows and columns are empty', { entries: cells(40, 50, 0.02, false), rank: 3 }],
  ['weights', { entries: cells(33, 21, 0.4, true), rank: 10 }],
  ['a penalty and means of rows and columns', { entries: cells(20, 35, 0.5, false), rank: 7, lambda: 0.5, center: 'bias' }],
  ['weights, a penalty, rank above the small ones', { entries: cells(80, 75, 0.3, true), rank: 70, lambda: 2, center: 'none' }],
  ['rows longer than what goes together', { entries: cells(4, 400, 1, false), rank: 4 }],
  ['one row', { entries: cells(1, 9, 0.8, true), rank: 1 }],
  ['one cell', { entries: cells(1, 1, 1, false), rank: 1, center: 'none' }],
];

const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
const distance = (x: Float64Array, y: Float64Array) => norm(x.map((value, k) => value - y[k]!));

describe.each(['plain', 'wasm'] as const)('completion along compressed rows and columns, %s kernels', (kernels) => {
  it.each(cases)('%s: gradients of the composed routes to the bit, the rest to rounding', (_name, options) => {
    const device = open({ kernels });
    const objective = matrixCompletion(options) as Objective<never>;
    const [fused, composed] = [everything(objective, device), everything(objective, without(device, observed))];
    for (const name of ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'blockGradient']) {
      expect([name, fused.labels[name], composed.labels[name]]).toEqual([name, 'fused', 'composed']);
    }
    expect(fused.gradient).toEqual(composed.gradient);
    expect(fused.blocks).toEqual(composed.blocks);
    expect([fused.both, fused.slope]).toEqual([fused.value, fused.gradient]);
    const steps = options.entries.values.length + 2 * options.rank + 8;
    expect(Math.abs(fused.value[0]! - composed.value[0]!)).toBeLessThanOrEqual(steps * 2 ** -52 * composed.value[0]!);
    // A sum of at most `steps` terms on either side, whose sizes no cancellation makes much larger than the result at random points.
    expect(distance(fused.curvature, composed.curvature)).toBeLessThanOrEqual(64 * steps * 2 ** -52 * norm(composed.curvature));
    device[Symbol.dispose]();
  });
});

it.each(cases)('%s: vector kernels have the bits of the plain ones, solves of blocks included', (_name, options) => {
  const [plain, simd] = (['plain', 'wasm'] as const).map((kernels) => {
    const device = open({ kernels });
    const result = everything(matrixCompletion(options) as Objective<never>, device);
    device[Symbol.dispose]();
    return result;
  });
  expect(simd).toEqual(plain);
});

it.each(cases)('%s: single precision, within it', (_name, options) => {
  const [double, single] = (['f64', 'f32'] as const).map((dtype) => {
    const device = open({ dtype });
    const result = everything(matrixCompletion({ ...options, lambda: 1 }) as Objective<never>, device);
    device[Symbol.dispose]();
    return result;
  });
  const near = (a: Float64Array, b: Float64Array) => { expect(distance(a, b)).toBeLessThan(1e-4 * (1 + norm(b))); };
  for (const name of ['value', 'gradient', 'curvature'] as const) near(single![name], double![name]);
  single!.solved.forEach((block, k) => { near(block, double!.solved[k]!); });
});
