/**
 * An objective as functions of plain arrays, with dense matrices: what analyses are checked against.
 */
import { bind, type Capability, layoutLength, type Objective, type Problem, type Vec } from '@lowland/core';
import { cpu, matrix, type Matrix, multiply, thinSvd } from '@lowland/linalg';

export interface Dense extends Disposable {
  readonly size: number;
  readonly problem: Partial<Problem<Capability>>;
  value(x: Float64Array): number;
  gradient(x: Float64Array): Float64Array;
  /** Symmetrised, from its columns; `asymmetry` is the largest difference that was there. */
  hessian(x: Float64Array): Matrix & { readonly asymmetry: number };
  /** Directions that lead nowhere else: generators of the group, and normals of the manifold, as columns. */
  directions(x: Float64Array): Matrix;
  /** The point reached from x along v, on the manifold if there is one along the tangent part of v. */
  walk(x: Float64Array, v: Float64Array): Float64Array;
}

export function dense(objective: Objective<never>): Dense {
  const device = cpu().open();
  if (device instanceof Promise) throw new Error('the cpu opens at once');
  const binding = bind(objective, device, Object.keys(objective.routes) as never[]);
  const problem = binding.problem as unknown as Partial<Problem<Capability>>;
  const memory = device.memory();
  const size = layoutLength(objective.layout);
  const [at, along, image, slot] = [memory.vector(size), memory.vector(size), memory.vector(size), memory.vector(1)];
  const at1 = (x: Float64Array): Vec => {
    device.write(at, x);
    return at;
  };
  const columnsOf = (count: number, column: (k: number) => Float64Array): Matrix => {
    const out = matrix(size, count);
    for (let k = 0; k < count; k++) column(k).forEach((entry, i) => (out.data[i * count + k] = entry));
    return out;
  };
  const unit = (k: number): Float64Array => Float64Array.from({ length: size }, (_, i) => Number(i === k));
  return {
    size,
    problem,
    value(x) {
      problem.value!(at1(x), slot);
      return device.host!(slot)[0]!;
    },
    gradient(x) {
      problem.gradient!(at1(x), image);
      return device.host!(image).slice();
    },
    hessian(x) {
      const h = columnsOf(size, (k) => {
        device.write(along, unit(k));
        problem.hessianVectorProduct!(at1(x), along, image);
        return device.host!(image).slice();
      });
      let asymmetry = 0;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < i; j++) {
          const [a, b] = [h.data[i * size + j]!, h.data[j * size + i]!];
          asymmetry = Math.max(asymmetry, Math.abs(a - b));
          h.data[i * size + j] = h.data[j * size + i] = (a + b) / 2;
        }
      }
      return Object.assign(h, { asymmetry });
    },
    directions(x) {
      const { symmetry, geometry } = problem;
      const generators = columnsOf(symmetry?.dimension ?? 0, (k) => {
        symmetry!.generator(at1(x), k, image);
        return device.host!(image).slice();
      });
      if (objective.manifold === undefined) return generators;
      return columnsOf(size, (k) => {
        const e = unit(k);
        device.write(along, e);
        geometry!.transport(at1(x), at, along, image);
        const tangent = device.host!(image);
        return e.map((entry, i) => entry - tangent[i]!);
      });
    },
    walk(x, v) {
      if (objective.manifold === undefined) return x.map((entry, i) => entry + v[i]!);
      device.write(along, v);
      problem.geometry!.transport(at1(x), at, along, image);
      problem.geometry!.retract(at, 1, image, along);
      return device.host!(along).slice();
    },
    [Symbol.dispose]() {
      memory[Symbol.dispose]();
      binding[Symbol.dispose]();
      device[Symbol.dispose]();
    },
  };
}

export interface Span {
  readonly basis: readonly Float64Array[];
  /** The least singular value that was kept over the largest: the span is known to rounding over that. */
  readonly least: number;
}

/** Left singular vectors of the singular values above a relative cut, one for each cut, by one-sided Jacobi rotations (Hestenes 1958). */
export function spansOf(given: Matrix, cuts: readonly number[]): Span[] {
  const { rows, cols, data } = given;
  const a = Array.from({ length: cols }, (_, k) => Float64Array.from({ length: rows }, (_entry, i) => data[i * cols + k]!));
  const inner = (x: Float64Array, y: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += x[i]! * y[i]!;
    return sum;
  };
  for (let sweep = 0, turned = true; turned && sweep < 40; sweep++) {
    turned = false;
    for (let p = 0; p < cols; p++) {
      for (let q = p + 1; q < cols; q++) {
        const [x, y] = [a[p]!, a[q]!];
        const [xx, yy, xy] = [inner(x, x), inner(y, y), inner(x, y)];
        if (!(Math.abs(xy) > 1e-15 * Math.sqrt(xx * yy))) continue;
        turned = true;
        const theta = (yy - xx) / (2 * xy);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        for (let i = 0; i < rows; i++) {
          const [u, v] = [x[i]!, y[i]!];
          x[i] = c * (u - t * v);
          y[i] = c * (v + t * u);
        }
      }
    }
  }
  const sizes = a.map((column) => Math.sqrt(inner(column, column)));
  const most = Math.max(0, ...sizes);
  return cuts.map((cut) => {
    const kept = a.map((_, k) => k).filter((k) => sizes[k]! > cut * most);
    return { basis: kept.map((k) => a[k]!.map((entry) => entry / sizes[k]!)), least: Math.min(1, ...kept.map((k) => sizes[k]! / most)) };
  });
}

/** Eigenvalues of a symmetric matrix on the complement of orthonormal columns, ascending, by Jacobi's method. */
export function eigenvaluesOff(basis: readonly Float64Array[], h: Matrix): number[] {
  const n = h.rows;
  const a = Array.from({ length: n }, (_, i) => h.data.slice(i * n, (i + 1) * n));
  const size = Math.sqrt(h.data.reduce((sum, entry) => sum + entry * entry, 0));
  if (size === 0) return new Array<number>(n - basis.length).fill(0);
  const shift = 4 * size;
  for (const q of basis) {
    const hq = a.map((row) => row.reduce((sum, entry, k) => sum + entry * q[k]!, 0));
    const qhq = hq.reduce((sum, entry, k) => sum + entry * q[k]!, 0);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i]![j]! += -hq[i]! * q[j]! - q[i]! * hq[j]! + (qhq + shift) * q[i]! * q[j]!;
  }
  return jacobi(a).sort((p, q) => p - q).slice(0, n - basis.length);
}

function jacobi(a: Float64Array[]): number[] {
  const n = a.length;
  const total = a.reduce((sum, row) => sum + row.reduce((s, entry) => s + entry * entry, 0), 0);
  for (let sweep = 0; sweep < 40; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p]![q]!;
        off += apq * apq;
        if (apq === 0) continue;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k]![p]!, a[k]![q]!];
          a[k]![p] = c * x - s * y;
          a[k]![q] = s * x + c * y;
        }
        const [rowP, rowQ] = [a[p]!, a[q]!];
        for (let k = 0; k < n; k++) {
          const [x, y] = [rowP[k]!, rowQ[k]!];
          rowP[k] = c * x - s * y;
          rowQ[k] = s * x + c * y;
        }
      }
    }
    if (off <= 1e-30 * total) break;
  }
  return a.map((row, i) => row[i]!);
}

/** An orthonormal basis of the columns of a matrix, row by row. */
export function orthonormalOf(x: Float64Array, cols: number): { x: Float64Array; least: number } {
  const { u, s } = thinSvd(matrix(x.length / cols, cols, x.slice()));
  return { x: u.data, least: s[cols - 1]! / s[0]! };
}

/** Layers of equal hidden width h: S^1/N V^T, S^1/N, …, U S^1/N of the h leading singular triples of their product. */
export function balancedLayers(x: Float64Array, shapes: readonly (readonly [number, number])[]): { x: Float64Array; least: number } {
  let offset = 0;
  const [first, ...others] = shapes.map(([rows, cols]) => matrix(rows, cols, x.slice(offset, (offset += rows * cols))));
  const { u, s, v } = thinSvd(others.reduce((product, layer) => multiply(layer, product), first!));
  const root = (k: number): number => s[k]! ** (1 / shapes.length);
  const layers = shapes.map(([rows, cols], at) =>
    Float64Array.from({ length: rows * cols }, (_, k) => {
      const [i, j] = [Math.floor(k / cols), k % cols];
      if (at === 0) return root(i) * v.data[j * v.cols + i]!;
      return at === shapes.length - 1 ? root(j) * u.data[i * u.cols + j]! : i === j ? root(i) : 0;
    }),
  );
  return { x: Float64Array.from(layers.flatMap((layer) => [...layer])), least: s[shapes[0]![0] - 1]! / s[0]! };
}

/**
 * U S^1/2, V S^1/2 from the singular values above a relative cut of the dense product, as many columns as the factors have. `least` is the last
 * of them over the first: singular vectors are known to rounding over that.
 */
export function balancedOf(left: Matrix, right: Matrix, cut: number): { left: Matrix; right: Matrix; least: number } {
  const { u, s, v } = thinSvd(multiply(left, right, { transposeB: true }));
  const rank = s.slice(0, left.cols).filter((value) => value > cut * s[0]!).length;
  const side = (q: Matrix): Matrix => {
    const out = matrix(q.rows, left.cols);
    for (let i = 0; i < q.rows; i++) for (let k = 0; k < rank; k++) out.data[i * left.cols + k] = q.data[i * q.cols + k]! * Math.sqrt(s[k]!);
    return out;
  };
  return { left: side(u), right: side(v), least: rank === 0 ? 1 : s[rank - 1]! / s[0]! };
}
