/**
 * f on a grid of a plane where it is no polynomial: all at once where the objective can, else point by point.
 */
import { bind, type Backend, type Capability, type Context, type Dtype, errorCode, type Objective, type Point, type Vec } from '@lowland/core';

import type { Section } from './critical-points.ts';

/** How the values of a grid were evaluated. */
export interface Evaluation {
  /** `plane`: from six products with the data for the whole grid; `points`: the objective at every point. */
  readonly by: 'plane' | 'points';
  /** In what the values were computed; f32 keeps about six digits of the largest. */
  readonly dtype: Dtype;
  /** The largest difference to f itself, in f64, at the corners, the middle and half-way between (of a line at its ends and middle); null by points. */
  readonly deviation: number | null;
}

/** Values of an objective on planes, wherever they are computed. */
export interface PlaneEvaluator {
  readonly dtype: Dtype;
  /** f at centre + s u + t v for each pair (s, t) of `at`; without v on a line. */
  values(centre: Point, directions: readonly Float64Array[], at: Float64Array): Promise<Float64Array>;
}

/**
 * Values on planes computed on a backend, such as a GPU's, whatever the analysis runs on: for `SliceOptions.evaluator`.
 *
 * @returns undefined where the objective has no `planeValues`, or the backend not their kernels
 */
export function planeEvaluator(objective: Objective<Capability>, backend: Backend): PlaneEvaluator | undefined {
  const { planeValues: routes = [] } = objective.routes as Partial<typeof objective.routes>;
  if (!routes.some(({ kernels }) => kernels.every((kernel) => backend.kernels.has(kernel)))) return undefined;
  return {
    dtype: backend.dtype,
    async values(centre, directions, at) {
      using binding = await bind(objective, backend, ['planeValues']);
      const { device, planeValues } = binding.problem;
      using memory = device.memory();
      const upload = (data: Float64Array): Vec => {
        const vector = memory.vector(data.length);
        device.write(vector, data);
        return vector;
      };
      const [u, v = new Float64Array(centre.data.length)] = directions;
      const out = memory.vector(at.length / 2);
      planeValues(upload(centre.data), upload(u!), upload(v), upload(at), out);
      return await device.read(out);
    },
  };
}

/** What rounding may do to a value, relative to the largest, before the objective is asked at every point instead. */
const allowed: Readonly<Record<Dtype, number>> = { f64: 1e-9, f32: 1e-4 };

/** f at (s[j], t[i]) in place i s.length + j; on a line t is [0]. */
export async function gridValues(
  context: Context<'value', 'planeValues'>, host: Point, section: Section, hosts: readonly Float64Array[], s: Float64Array, t: Float64Array, evaluator: PlaneEvaluator | undefined,
): Promise<{ readonly values: Float64Array; readonly evaluation: Evaluation }> {
  const { problem, device, scratch } = context;
  const [x, value] = [scratch(), scratch(1)];
  const valueAt = async (i: number, j: number): Promise<number> => {
    section.place([s[j]!, t[i]!], x);
    problem.value(x, value);
    return device.scalar(value);
  };
  const at = new Float64Array(2 * s.length * t.length);
  for (let k = 0; 2 * k < at.length; k++) {
    at[2 * k] = s[k % s.length]!;
    at[2 * k + 1] = t[Math.floor(k / s.length)]!;
  }
  /** What a look at f itself says of values. */
  const deviationOf = async (values: Float64Array): Promise<{ readonly deviation: number; readonly size: number }> => {
    let [deviation, size] = [0, 0];
    for (const i of marks(t.length)) {
      for (const j of marks(s.length)) {
        const [f, found] = [await valueAt(i, j), values[i * s.length + j]!];
        if (Number.isFinite(f)) size = Math.max(size, Math.abs(f));
        if (f !== found) deviation = Math.max(deviation, Number.isFinite(found - f) ? Math.abs(found - f) : Infinity);
      }
    }
    return { deviation, size };
  };
  const own: PlaneEvaluator | undefined = problem.planeValues && {
    dtype: device.dtype,
    values: async () => {
      const out = scratch(at.length / 2);
      const points = scratch(at.length);
      device.write(points, at);
      section.place([0, 0], x);
      problem.planeValues!(x, section.directions[0]!, section.directions[1] ?? scratch(), points, out);
      return await device.read(out);
    },
  };
  for (const { dtype, values: evaluate } of [evaluator, own].filter((one) => one !== undefined)) {
    const values = await evaluate(host, hosts, at).catch(withoutMemory);
    if (values === undefined) continue;
    const { deviation, size } = await deviationOf(values);
    if (deviation <= allowed[dtype] * size) return { values, evaluation: { by: 'plane', dtype, deviation } };
  }
  const values = new Float64Array(s.length * t.length);
  for (let i = 0; i < t.length; i++) for (let j = 0; j < s.length; j++) values[i * s.length + j] = await valueAt(i, j);
  return { values, evaluation: { by: 'points', dtype: device.dtype, deviation: null } };
}

/** Ends and middle. */
const marks = (count: number): readonly number[] => [...new Set([0, Math.floor(count / 2), count - 1])];

/** Six numbers for each datum may be too many: then there are no values. */
function withoutMemory(error: unknown): undefined {
  if (errorCode(error) !== 'LOWLAND_E_MEMORY') throw error;
}
