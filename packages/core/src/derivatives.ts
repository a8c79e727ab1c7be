/**
 * Whether derivatives are right, by the order at which Taylor remainders vanish.
 *
 * Along x + t v the remainder of a right derivative falls with a known power of t, one of a wrong derivative more slowly:
 *
 *     gradient          |f(x + tv) - f(x) - t <g, v>|                     slope 2
 *     hessian           |f(x + tv) - f(x) - t <g, v> - t^2/2 <v, Hv>|     slope 3
 *     hessian-gradient  |grad f(x + tv) - g - t Hv|                       slope 2
 *
 * After `checkgradient` and `checkhessian` of Manopt (Boumal, Mishra, Absil, Sepulchre, JMLR 15, 2014).
 */
import type { GeometryOps, Problem } from './capability.ts';
import type { MaybePromise, Vec } from './device.ts';
import { LowlandError } from './errors.ts';
import { layoutLength, type Point } from './layout.ts';
import { unitRoundoff } from './plan.ts';

/** One Taylor test as numbers, for a table or a plot. */
export interface TaylorTest {
  readonly name: 'gradient' | 'hessian' | 'hessian-gradient';
  readonly expected: 2 | 3;
  /** t, falling. */
  readonly steps: readonly number[];
  readonly remainders: readonly number[];
  /** What rounding alone may leave at each step. */
  readonly floors: readonly number[];
  /** Fitted over `window`; NaN where the remainder has no two decades above the floor. */
  readonly slope: number;
  /** First and last index into `steps` that the slope was fitted over: the lowest two decades above the floor. */
  readonly window: readonly [first: number, last: number] | undefined;
  /** `floor`: there was only rounding to see, as for the Hessian of a quadratic. */
  readonly verdict: 'pass' | 'floor' | 'fail';
}

const perDecade = 4;
const decades = { from: 1, to: -15 };
/** From here down a remainder is rounding alone: it measures the floor. */
const noiseBelow = 1e-13;
/** A domain that ends nearer than this leaves too few steps to test. */
const nearest = 1e-6;

/**
 * Tests the value, gradient and, where bound, Hessian-vector product of a problem at a host point along a direction,
 * which is scaled to the length of the point (to 1 at the origin).
 *
 * A test passes with slope >= expected - 0.1 over the lowest two decades above the rounding floor, or if it is at the
 * floor; larger slopes are right too. Steps out of the domain, to where f is infinite, and larger ones are
 * not counted; a domain that ends within 1e-6 fails. The floor is 8 epsilon times the sum of the terms, or what the smallest steps show.
 * In f32 two decades above the floor reach steps of order 1, where higher orders bend the slope: use an f64 device.
 *
 * With `along` the steps go along its retraction of the direction, made tangent by its transport, and gradients are carried back: the tests of
 * the Riemannian gradient, and of the Hessian where the retraction is of second order. Where it is not defined, NaN, is outside the domain.
 * Slopes are fitted over one and a half decades then, and pass from expected - 0.4 on: a wrong derivative is off by 1.
 *
 * @throws LOWLAND_E_SHAPE when point or direction have another length than the problem
 */
export async function taylorSlopes(
  problem: Problem<'value' | 'gradient', 'hessianVectorProduct'>,
  point: Point,
  direction: Float64Array,
  along?: GeometryOps,
): Promise<readonly TaylorTest[]> {
  const { device } = problem;
  const n = layoutLength(problem.layout);
  if (point.data.length !== n || direction.length !== n) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Point and direction need ${String(n)} numbers; they have ${String(point.data.length)} and ${String(direction.length)}.`);
  }
  const memory = device.memory();
  try {
    const [x, v, out, value] = [memory.vector(n), memory.vector(n), memory.vector(n), memory.vector(1)];
    const [base, carried] = along === undefined ? [] : [memory.vector(n), memory.vector(n)];
    const valueAt = async (at: Vec) => {
      problem.value(at, value);
      return await device.scalar(value);
    };
    const gradientAt = async (at: Vec) => {
      problem.gradient(at, out);
      return await device.read(out);
    };
    const scale = (norm(point.data) || 1) / (norm(direction) || 1);
    device.write(x, point.data);
    device.write(v, direction.map((entry) => scale * entry));
    if (along !== undefined) {
      device.kernels.copy(x, base!);
      device.kernels.copy(v, out);
      along.transport(base!, base!, out, v);
    }
    // as the device rounded them
    const [x0, v0] = [await device.read(x), await device.read(v)];
    const f = await valueAt(x);
    const g = await gradientAt(x);
    const { hessianVectorProduct } = problem;
    hessianVectorProduct?.(x, v, out);
    const hv = hessianVectorProduct && (await read(device.read(out)));

    const gv = inner(g, v0);
    const vhv = hv ? inner(v0, hv) : 0;
    const epsilon = 2 * unitRoundoff[device.dtype];
    const rows: Row[] = [];
    for (let k = decades.from * perDecade; k >= decades.to * perDecade; k--) {
      const t = 10 ** (k / perDecade);
      if (along === undefined) device.write(x, x0.map((entry, i) => entry + t * v0[i]!));
      else along.retract(base!, t, v, x);
      const moved = await valueAt(x);
      // outside the domain: the test begins at the first step from which on all are within
      if ((moved === Infinity || (along !== undefined && Number.isNaN(moved))) && Number.isFinite(f)) {
        rows.length = 0;
        continue;
      }
      const first = moved - f - t * gv;
      const terms = Math.abs(moved) + Math.abs(f) + t * Math.abs(gv) + norm(g) * norm(x0);
      const row: Row = { t, gradient: [Math.abs(first), 8 * epsilon * terms] };
      if (hv) {
        let gradient = await gradientAt(x);
        if (along !== undefined) {
          along.transport(x, base!, out, carried!);
          gradient = await device.read(carried!);
        }
        const size = norm(gradient) + norm(g) + t * norm(hv) + (norm(hv) * norm(x0)) / (norm(v0) || 1);
        row.hessian = [Math.abs(first - (t * t * vhv) / 2), 8 * epsilon * (terms + (t * t * Math.abs(vhv)) / 2)];
        row['hessian-gradient'] = [norm(gradient.map((entry, i) => entry - g[i]! - t * hv[i]!)), 8 * epsilon * size];
      }
      rows.push(row);
    }
    // along curves higher orders bend slopes from shorter steps on
    const fit = along === undefined ? { span: 2 * perDecade, slack: 0.1 } : { span: 1.5 * perDecade, slack: 0.4 };
    const tests = [judge('gradient', 2, rows, fit)];
    return hv ? [...tests, judge('hessian', 3, rows, fit), judge('hessian-gradient', 2, rows, fit)] : tests;
  } finally {
    memory[Symbol.dispose]();
  }
}

type Row = { readonly t: number } & Partial<Record<TaylorTest['name'], readonly [remainder: number, floor: number]>>;

const read = async <T>(value: MaybePromise<T>): Promise<T> => await value;
const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, entry, i) => sum + entry * b[i]!, 0);
const norm = (a: Float64Array): number => Math.sqrt(inner(a, a));

function judge(name: TaylorTest['name'], expected: 2 | 3, rows: readonly Row[], { span, slack }: { readonly span: number; readonly slack: number }): TaylorTest {
  const steps = rows.map(({ t }) => t);
  const remainders = rows.map((row) => row[name]![0]);
  const noise = Math.max(...remainders.filter((_, i) => steps[i]! < noiseBelow));
  const floors = rows.map((row) => Math.max(row[name]![1], noise));
  const seen = { name, expected, steps, remainders, floors };
  if (!(steps[0]! >= nearest) || !remainders.every(Number.isFinite)) return { ...seen, slope: Number.NaN, window: undefined, verdict: 'fail' };

  // steps fall: the run of remainders clear of the floor ends before the first that is not
  const clear = remainders.findIndex((remainder, i) => !(remainder > 10 * floors[i]!));
  const last = (clear < 0 ? remainders.length : clear) - 1;
  const first = last - span;
  if (first < 0) return { ...seen, slope: Number.NaN, window: undefined, verdict: 'floor' };
  const slope = fittedSlope(steps.slice(first, last + 1), remainders.slice(first, last + 1));
  return { ...seen, slope, window: [first, last], verdict: slope >= expected - slack ? 'pass' : 'fail' };
}

/** The median slope of log remainder over log step between any two points (Theil, Sen): a change of sign on the way does not bend it. */
function fittedSlope(steps: readonly number[], remainders: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < steps.length; i++) {
    for (let j = 0; j < i; j++) slopes.push(Math.log(remainders[i]! / remainders[j]!) / Math.log(steps[i]! / steps[j]!));
  }
  return slopes.sort((a, b) => a - b)[slopes.length >> 1]!;
}
