/** Small objectives and methods for core's own tests; real ones live in packages that core may not import. */
import type { Device, Mat, Memory, Objective, Optimizer, State, Vec } from '../src/index.ts';
import { createPoint, normals } from '../src/index.ts';

type DoubleWell = 'value' | 'gradient' | 'hessianVectorProduct' | 'truth';

/** f = (x^2 - 1)^2 / 4 + y^2 / 2 in plain TypeScript: minima (+-1, 0), saddle (0, 0). */
export function doubleWell(): Objective<DoubleWell, Device> {
  const layout = { blocks: [{ name: 'x', shape: [2] }] };
  const array = (device: Device, x: Vec) => device.host!(x);
  return {
    id: 'double-well',
    layout,
    options: {},
    upload: (device) => device,
    bytes: () => 0,
    initial: () => createPoint(layout, Float64Array.of(0.3, 1)),
    routes: {
      value: [
        {
          kernels: ['host'],
          label: 'fused',
          bind: (_, device) => (x, out) => {
            const a = array(device, x);
            array(device, out)[0] = (a[0]! * a[0]! - 1) ** 2 / 4 + (a[1]! * a[1]!) / 2;
          },
        },
      ],
      gradient: [
        {
          kernels: ['host'],
          label: 'fused',
          bind: (_, device) => (x, out) => {
            const a = array(device, x);
            const g = array(device, out);
            g[0] = a[0]! * (a[0]! * a[0]! - 1);
            g[1] = a[1]!;
          },
        },
      ],
      hessianVectorProduct: [
        {
          kernels: ['host'],
          label: 'fused',
          bind: (_, device) => (x, v, out) => {
            const a = array(device, x);
            const d = array(device, v);
            const h = array(device, out);
            h[0] = (3 * a[0]! * a[0]! - 1) * d[0]!;
            h[1] = d[1]!;
          },
        },
      ],
      truth: [{ kernels: [], label: 'fused', bind: () => ({ optimum: 0 }) }],
    },
    facts: ['optimum'],
  };
}

interface FactorData {
  readonly target: Mat;
  readonly residual: Mat;
  readonly scratch: Vec;
}

/** f = 1/4 |X X^T - M|^2 of base kernels, n x r. Gradient (X X^T - M) X. Needs no kernel beyond the base set. */
export function factorization(n: number, r: number, target?: Float64Array) {
  const layout = { blocks: [{ name: 'X', shape: [n, r] }] };
  const m = target ?? Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? Math.max(0, r - k / (n + 1)) : 0));
  const residualAt = ({ target: goal, residual }: FactorData, device: Device, x: Vec): Mat => {
    const X = device.blocks(x, layout)['X']!;
    device.kernels.copy(goal, residual);
    device.kernels.gemm('N', 'T', 1, X, X, -1, residual);
    return X;
  };
  const objective: Objective<'valueAndGradient' | 'hessianVectorProduct' | 'symmetry' | 'factors' | 'blockGradient', FactorData> = {
    id: 'tiny-factorization',
    layout,
    options: { n, r },
    data: `tiny-${String(n)}`,
    bytes: (dtype) => (dtype === 'f64' ? 8 : 4) * 3 * n * n,
    initial: (key) => {
      const point = createPoint(layout);
      normals(key, point.data);
      return point;
    },
    upload: (device: Device, memory: Memory) => {
      const goal = memory.vector(n * n);
      device.write(goal, m);
      return {
        target: device.matrix(goal, 0, n, n),
        residual: device.matrix(memory.vector(n * n), 0, n, n),
        scratch: memory.vector(n * n),
      };
    },
    routes: {
      valueAndGradient: [
        {
          kernels: ['gemm', 'copy', 'dot', 'scal'],
          label: 'composed',
          bind: (data, device) => (x, value, gradient) => {
            const X = residualAt(data, device, x);
            device.kernels.dot(data.residual, data.residual, value);
            device.kernels.scal(0.25, value);
            device.kernels.gemm('N', 'N', 1, data.residual, X, 0, device.blocks(gradient, layout)['X']!);
          },
        },
      ],
      blockGradient: [
        {
          kernels: ['gemm', 'copy'],
          label: 'composed',
          bind: (data, device) => (x, block, out) => {
            const X = residualAt(data, device, x);
            device.kernels.gemm('N', 'N', 1, data.residual, X, 0, device.blocks(out, layout)[block]!);
          },
        },
      ],
      hessianVectorProduct: [
        {
          kernels: ['gemm', 'copy', 'fill'],
          label: 'composed',
          bind: (data, device) => {
            const change = device.matrix(data.scratch, 0, n, n);
            return (x, v, out) => {
              const X = residualAt(data, device, x);
              const V = device.blocks(v, layout)['X']!;
              const H = device.blocks(out, layout)['X']!;
              device.kernels.gemm('N', 'N', 1, data.residual, V, 0, H);
              device.kernels.gemm('N', 'T', 1, V, X, 0, change);
              device.kernels.gemm('N', 'T', 1, X, V, 1, change);
              device.kernels.gemm('N', 'N', 1, change, X, 1, H);
            };
          },
        },
      ],
      factors: [{ kernels: [], label: 'composed', bind: () => ({ pairs: [['X', 'X']] as const }) }],
      symmetry: [
        {
          kernels: ['gemm'],
          label: 'composed',
          bind: (_, device, memory) => {
            const pairs: [number, number][] = [];
            for (let i = 0; i < r; i++) for (let j = i + 1; j < r; j++) pairs.push([i, j]);
            const generators = pairs.map(([i, j]) => {
              const skew = new Float64Array(r * r);
              skew[i * r + j] = 1;
              skew[j * r + i] = -1;
              const vector = memory.vector(r * r);
              device.write(vector, skew);
              return device.matrix(vector, 0, r, r);
            });
            return {
              group: `O(${String(r)})`,
              dimension: generators.length,
              generator: (x, k, out) => {
                device.kernels.gemm('N', 'N', 1, device.blocks(x, layout)['X']!, generators[k]!, 0, device.blocks(out, layout)['X']!);
              },
            };
          },
        },
      ],
    },
  };
  return objective;
}

/** x <- x - step grad f(x), without a read: sync on every device. */
export function descent(step: number): Optimizer<'valueAndGradient'> {
  return {
    id: 'descent',
    requires: ['valueAndGradient'],
    options: { step },
    readsPerStep: 0,
    claims: ['deterministic'],
    start({ problem, device, state }) {
      const slots = { point: state(), gradient: state(), value: state(1) };
      const evaluate = () => {
        problem.valueAndGradient(slots.point, slots.value, slots.gradient);
      };
      return {
        state: slots,
        init: evaluate,
        step() {
          device.kernels.axpy(-step, slots.gradient, slots.point);
          evaluate();
        },
      };
    },
  };
}

/** Heavy ball with a noise kick, a list slot, numbers and a swap of handles; asynchronous by two reads. */
export function noisyMomentum(step: number): Optimizer<'valueAndGradient'> {
  return {
    id: 'noisy-momentum',
    requires: ['valueAndGradient'],
    options: { step },
    readsPerStep: 2,
    start({ problem, device, state, scratch, random }) {
      const history: Vec[] = [state(), state()];
      const slots: State & { history: Vec[]; k: number; best: number; gradient: Vec; value: Vec; odd: boolean; note: string } = {
        point: state(),
        gradient: state(),
        value: state(1),
        history,
        k: 0,
        best: Number.POSITIVE_INFINITY,
        odd: false,
        note: 'start',
      };
      let next = scratch();
      const noise = scratch();
      const { kernels } = device;
      const evaluate = () => {
        problem.valueAndGradient(slots.point, slots.value, slots.gradient);
      };
      return {
        state: slots,
        init: evaluate,
        async step() {
          const [velocity, older] = slots.history as [Vec, Vec];
          kernels.normal(random('kick', slots.k), noise);
          kernels.copy(velocity, older);
          kernels.scal(0.5, older);
          kernels.axpy(-step, slots.gradient, older);
          kernels.axpy(step / 100, noise, older);
          slots.history = [older, velocity];
          kernels.copy(slots.point, next);
          kernels.axpy(1, older, next);
          [slots.point, next] = [next, slots.point];
          evaluate();
          slots.best = Math.min(slots.best, await device.scalar(slots.value));
          slots.note = (await device.scalar(slots.gradient)) > 0 ? 'up' : 'down';
          slots.odd = !slots.odd;
          slots.k++;
        },
      };
    },
  };
}
