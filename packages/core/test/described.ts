/** Problems with the capabilities that describe: for testing the suite that checks them. */
import type { Capability, CapabilityMap, Objective, Point, Route } from '../src/index.ts';
import { blockOf, createPoint } from '../src/index.ts';
import { factorization } from './problems.ts';

type Described = Objective<Capability, never>;

/** A route that needs no kernel. */
export const described = <K extends Capability>(make: CapabilityMap[K]): readonly Route<K, never>[] => [{ kernels: [], label: 'composed', bind: () => make }];

const squared = (x: Float64Array) => x.reduce((sum, a) => sum + a * a, 0);

/** 1/4 |X X^T - M|^2, M = diag(r, …, 1, 0, …), with everything that is known about it. */
export function describedFactorization(n: number, r: number): Described {
  const base = factorization(n, r);
  const target = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? Math.max(0, r - k / (n + 1)) : 0));
  /** (X X^T - M) / sqrt 2, so that phi = 1/2 |rho|^2 = 1/4 |X X^T - M|^2 */
  const rho = (point: Point) => {
    const X = blockOf(point, 'X');
    const cols = X.length / n;
    return target.map((m, k) => {
      let sum = 0;
      for (let j = 0; j < cols; j++) sum += X[Math.floor(k / n) * cols + j]! * X[(k % n) * cols + j]!;
      return (sum - m) * Math.SQRT1_2;
    });
  };
  const gradientNormAt = (point: Point) => 2 * Math.sqrt(squared(rho(point))) * Math.sqrt(squared(point.data)) + 1;
  const routes = {
    ...base.routes,
    lift: described<'lift'>({
      kind: 'psd',
      rows: n,
      cols: n,
      penalty: 0,
      lowerBound: 0,
      smoothness: 0.5,
      hasLinearTerm: false,
      leastSquares: true,
      attained: true,
      at(point) {
        const residual = rho(point);
        const value = squared(residual) / 2;
        const apply = (v: Float64Array, out: Float64Array) => {
          for (let i = 0; i < n; i++) out[i] = residual.subarray(i * n, i * n + n).reduce((sum, a, j) => sum + a * Math.SQRT1_2 * v[j]!, 0);
        };
        return { value, absoluteSum: value, terms: n * n, residual, data: target.map((m) => m * Math.SQRT1_2), apply, gram: (out) => { out.set(residual.map((a) => a * Math.SQRT1_2)); }, maxRowCount: n, gradientRounding: 0 };
      },
    }),
    smoothness: described<'smoothness'>({ constant: 0.5 }),
    target: described<'target'>({
      symmetric: true,
      rows: n,
      cols: n,
      data: target,
      at(point) {
        const value = squared(rho(point)) / 2;
        return { value, absoluteSum: value, terms: n * n };
      },
    }),
    scale: described<'scale'>({ zeroValue: squared(target) / 4, gradient: gradientNormAt, hessianLipschitz: (point) => 6 * Math.sqrt(squared(point.data)) }),
    truth: described<'truth'>({
      optimum: 0,
      distance: (point) => Math.sqrt(2 * squared(rho(point))),
      *stationaryPoints() {
        yield createPoint(base.layout);
        yield createPoint(base.layout, base.layout.blocks[0]!.shape.length === 2 ? Float64Array.from({ length: n * r }, (_, k) => (k === 0 ? Math.sqrt(r) : 0)) : undefined);
      },
    }),
    grow: described<'grow'>({ objective: (rank) => describedGrown(n, rank, target, base.data!) }),
    predict: [
      {
        kernels: ['sddmm'],
        label: 'composed',
        bind: (_: never, device) => (x, row, col, out) => {
          const X = device.blocks(x, base.layout)['X']!;
          device.kernels.sddmm(row, col, X, X, out);
        },
      },
    ] satisfies readonly Route<'predict', never>[],
  };
  return { ...base, facts: ['optimum'], routes } as unknown as Described;
}

function describedGrown(n: number, rank: number, target: Float64Array, data: string): Described {
  return { ...factorization(n, rank, target), data, routes: { ...describedFactorization(n, rank).routes, ...factorization(n, rank, target).routes } } as unknown as Described;
}

/** f = 1/2 |x - a|^2 + 1/2 |x - y|^2 over two blocks: solved block by block, with its residual (x - a, x - y). */
export function coupled(n: number): Objective<'value' | 'gradient' | 'hessianVectorProduct' | 'blockGradient' | 'blockSolve' | 'residual', { goal: ReturnType<Parameters<Described['upload']>[1]['vector']> }> {
  const layout = { blocks: [{ name: 'x', shape: [n] }, { name: 'y', shape: [n] }] };
  interface Data { goal: ReturnType<Parameters<Described['upload']>[1]['vector']> }
  const route = <K extends Capability>(bind: Route<K, Data>['bind']): readonly Route<K, Data>[] => [{ kernels: ['copy', 'axpy', 'scal', 'dot'], label: 'composed', bind }];
  const residual = route<'residual'>(({ goal }, device) => {
    const { kernels } = device;
    const halves = (v: Parameters<typeof device.blocks>[0]) => [device.view(v, 0, n), device.view(v, n, n)] as const;
    const jvp: CapabilityMap['residual']['jvp'] = (_, v, out) => {
      const [[x, y], [first, second]] = [halves(v), halves(out)];
      kernels.copy(x, first);
      kernels.copy(x, second);
      kernels.axpy(-1, y, second);
    };
    return {
      length: 2 * n,
      jvp,
      evaluate: (at, out) => {
        jvp(at, at, out);
        kernels.axpy(-1, goal, halves(out)[0]);
      },
      vjp: (_, w, out) => {
        const [[first, second], [x, y]] = [halves(w), halves(out)];
        kernels.copy(first, x);
        kernels.axpy(1, second, x);
        kernels.copy(second, y);
        kernels.scal(-1, y);
      },
    };
  });
  const bindResidual = residual[0]!.bind;
  return {
    id: 'coupled',
    layout,
    options: { n },
    bytes: () => 0,
    initial: () => createPoint(layout, Float64Array.from({ length: 2 * n }, (_, i) => Math.cos(i))),
    upload: (device, memory) => {
      const goal = memory.vector(n);
      device.write(goal, Float64Array.from({ length: n }, (_, i) => i + 1));
      return { goal };
    },
    routes: {
      residual,
      value: route<'value'>((data, device, memory) => {
        const r = memory.vector(2 * n);
        const { evaluate } = bindResidual(data, device, memory);
        return (x, out) => {
          evaluate(x, r);
          device.kernels.dot(r, r, out);
          device.kernels.scal(0.5, out);
        };
      }),
      gradient: route<'gradient'>((data, device, memory) => {
        const r = memory.vector(2 * n);
        const { evaluate, vjp } = bindResidual(data, device, memory);
        return (x, out) => {
          evaluate(x, r);
          vjp(x, r, out);
        };
      }),
      hessianVectorProduct: route<'hessianVectorProduct'>((data, device, memory) => {
        const r = memory.vector(2 * n);
        const { jvp, vjp } = bindResidual(data, device, memory);
        return (x, v, out) => {
          jvp(x, v, r);
          vjp(x, r, out);
        };
      }),
      blockGradient: route<'blockGradient'>((data, device, memory) => {
        const [r, whole] = [memory.vector(2 * n), memory.vector(2 * n)];
        const { evaluate, vjp } = bindResidual(data, device, memory);
        return (x, block, out) => {
          evaluate(x, r);
          vjp(x, r, whole);
          device.kernels.copy(device.blocks(whole, layout)[block]!, device.blocks(out, layout)[block]!);
        };
      }),
      blockSolve: route<'blockSolve'>(({ goal }, device, memory) => {
        const solution = memory.vector(n);
        return (at, block, out) => {
          const { x, y } = device.blocks(at, layout);
          device.kernels.copy(block === 'x' ? y! : x!, solution);
          if (block === 'x') {
            device.kernels.axpy(1, goal, solution);
            device.kernels.scal(0.5, solution);
          }
          device.kernels.copy(solution, device.blocks(out, layout)[block]!);
        };
      }),
    },
  };
}
