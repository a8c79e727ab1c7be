/** What the golden tests share: an objective bound to the cpu, its oracles as functions of plain arrays, dense Hessians. */
import { bind, normals, streamKey, type Capability, type Objective, type Problem, type Vec } from '@lowland/core';
import { cpu, matrix, symmetricEigen, type Matrix } from '@lowland/linalg';

export function gaussian(length: number, purpose: string, index = 0): Float64Array {
  const out = new Float64Array(length);
  normals(streamKey(7, purpose, index), out);
  return out;
}

export function symmetricGaussian(n: number, purpose: string): Float64Array {
  const g = gaussian(n * n, purpose);
  return g.map((value, k) => (value + g[(k % n) * n + Math.floor(k / n)]!) / 2);
}

/** A random orthogonal n x n matrix (columns of eigenvectors of a Gaussian one). */
export function orthogonal(n: number, purpose: string): Matrix {
  return symmetricEigen(matrix(n, n, symmetricGaussian(n, purpose))).vectors;
}

export interface Probe {
  readonly size: number;
  value(x: Float64Array): number;
  gradient(x: Float64Array): Float64Array;
  curve(x: Float64Array, v: Float64Array): Float64Array;
  hessian(x: Float64Array): Matrix;
  /** Eigenvalues of the Hessian, ascending. */
  spectrum(x: Float64Array): number[];
  problem: Problem<never, Capability>;
  vector(data: Float64Array): Vec;
  zeros(length: number): Vec;
  read(x: Vec): Float64Array;
}

/** Everything that the objective offers, on the cpu. */
export function probe(objective: Objective<never>): Probe {
  const device = cpu().open();
  if (device instanceof Promise) throw new Error('the cpu opens at once');
  const memory = device.memory();
  const names = Object.keys(objective.routes) as never[];
  const problem = bind(objective, device, names).problem as unknown as Probe['problem'];
  const size = objective.layout.blocks.reduce((sum, block) => sum + block.shape.reduce((product, side) => product * side, 1), 0);
  const zeros = (length: number): Vec => memory.vector(length);
  const vector = (data: Float64Array): Vec => {
    const x = zeros(data.length);
    device.write(x, data);
    return x;
  };
  const read = (x: Vec): Float64Array => device.read(x) as Float64Array;
  const curve = (x: Float64Array, v: Float64Array): Float64Array => {
    const out = zeros(size);
    problem.hessianVectorProduct!(vector(x), vector(v), out);
    return read(out);
  };
  const hessian = (x: Float64Array): Matrix => {
    const h = matrix(size, size);
    for (let k = 0; k < size; k++) h.data.set(curve(x, Float64Array.from({ length: size }, (_, i) => Number(i === k))), k * size);
    return h;
  };
  return {
    size,
    problem,
    zeros,
    vector,
    read,
    curve,
    hessian,
    value(x) {
      const out = zeros(1);
      problem.value!(vector(x), out);
      return read(out)[0]!;
    },
    gradient(x) {
      const out = zeros(size);
      problem.gradient!(vector(x), out);
      return read(out);
    },
    spectrum: (x) => [...symmetricEigen(hessian(x)).values].reverse(),
  };
}

export function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}

export function largest(a: Iterable<number>): number {
  let most = 0;
  for (const value of a) most = Math.max(most, Math.abs(value));
  return most;
}

/** The largest difference of two lists, ascending order first. */
export function listDistance(a: Iterable<number>, b: Iterable<number>): number {
  const [x, y] = [[...a].sort((p, q) => p - q), [...b].sort((p, q) => p - q)];
  return x.length === y.length ? largest(x.map((value, k) => value - y[k]!)) : Infinity;
}
