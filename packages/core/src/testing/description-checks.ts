/**
 * Capabilities that describe a problem rather than evaluate it: factors, lift, smoothness, target, scale, predict, grow, truth.
 * What they say on the host must fit what the oracles give, and what the objective states of itself before it is bound.
 */
import type { AnyObjective } from '../any.ts';
import type { Capability, Lifted } from '../capability.ts';
import type { Backend } from '../device.ts';
import { type Fact, factMeanings } from '../facts.ts';
import { blockLength, blockOf, createPoint, layoutLength, type Point } from '../layout.ts';
import { claim, claimClose, gaussian, inner, norm, type Check } from './check.ts';
import { offered } from './offered.ts';
import { withProbe, type Probe } from './probe.ts';

export interface DescriptionSuite {
  readonly objective: AnyObjective;
  readonly backend: Backend;
  readonly points: () => readonly Point[];
  readonly seed: number;
  readonly has: (name: Capability) => boolean;
}

export function descriptionChecks({ objective, backend, points, seed, has }: DescriptionSuite): Check[] {
  const { layout } = objective;
  const n = layoutLength(layout);
  const check = (name: string, body: (probe: Probe) => Promise<void> | void): Check => ({
    name,
    run: () => withProbe(objective, backend, offered(objective, backend), body),
  });
  const shapeOf = (name: string) => layout.blocks.find((block) => block.name === name)?.shape;
  const checks: Check[] = [
    check('states the facts that hold of it, and no others', ({ problem }) => {
      const stated: readonly Fact[] = objective.facts ?? [];
      for (const [fact, { holds }] of Object.entries(factMeanings) as [Fact, (typeof factMeanings)[Fact]][]) {
        claim(holds(problem) === stated.includes(fact), () => `${fact}: ${stated.includes(fact) ? 'stated, and not so' : 'true, and not among its facts'}.`);
      }
    }),
  ];

  if (has('factors')) {
    checks.push(
      check('factors name blocks with as many columns each', ({ problem }) => {
        const { pairs } = problem.factors!;
        claim(pairs.length > 0, () => 'There are no pairs.');
        for (const [left, right] of pairs) {
          const [a, b] = [shapeOf(left), shapeOf(right)];
          claim(a?.length === 2 && b?.length === 2 && a[1] === b[1], () => `Blocks ${left} and ${right} do not multiply.`);
        }
      }),
    );
  }

  if (has('estimate')) {
    checks.push(
      check('the estimate has products that are adjoint, and the sides of its blocks', ({ problem }) => {
        const { rows, cols, symmetric, squaredNorm, apply } = problem.estimate!;
        const lengths = layout.blocks.map((block) => blockLength(block));
        claim(lengths[0]! % rows === 0 && lengths[symmetric ? 0 : 1]! % cols === 0, () => `Blocks of ${lengths.join(' and ')} numbers are no columns of ${String(rows)} and ${String(cols)}.`);
        claim(!symmetric || rows === cols, () => 'It is symmetric and not square.');
        claim(squaredNorm === undefined || squaredNorm >= 0, () => `The squared norm is ${String(squaredNorm)}.`);
        const [v, w] = [gaussian(cols, seed + 1), gaussian(rows, seed + 2)];
        const [mv, mw] = [new Float64Array(rows).fill(NaN), new Float64Array(cols).fill(NaN)];
        apply(v, mv, false);
        apply(w, mw, true);
        claim(Math.abs(inner(w, mv) - inner(mw, v)) <= 1e-11 * (norm(w) * norm(mv) + norm(mw) * norm(v)), () => `<w, M v> = ${String(inner(w, mv))}, <M^T w, v> = ${String(inner(mw, v))}.`);
        if (!symmetric) return;
        const same = new Float64Array(cols);
        apply(w, same, false);
        claimClose('M w and M^T w', same, mw, 1e-11 * norm(mw) + 1e-300);
      }),
    );
  }

  if (has('lift') && has('value') && has('gradient') && has('factors')) {
    checks.push(
      check('the lift has the value of f at balanced points, at most elsewhere', async ({ problem, value }) => {
        const lift = problem.lift!;
        const squares = lift.leastSquares && !lift.hasLinearTerm;
        const { offset = 0 } = lift;
        for (const point of points()) {
          const [f, lifted] = [await value(point.data), lift.at(point)];
          claim(lifted.value <= f + 1e-10 * (Math.abs(f) + lifted.absoluteSum), () => `The lift gives ${String(lifted.value)}, f is ${String(f)}.`);
          claim(lifted.absoluteSum >= Math.abs(lifted.value) * (1 - 1e-12) && lifted.terms > 0 && lifted.maxRowCount >= 0 && lifted.gradientRounding >= 0, () => 'absoluteSum, terms, maxRowCount or gradientRounding cannot be right.');
          claim(lifted.residual.length === lifted.data.length, () => 'Residual and data have different lengths.');
          const phi = inner(lifted.residual, lifted.residual) / 2;
          if (lift.identity !== undefined) {
            const image = lifted.residual.map((rho, i) => rho + lifted.data[i]!);
            const size = norm(lift.identity) * norm(image);
            claim(lift.kind === 'psd' && inner(lift.identity, image) >= inner(point.data, point.data) - 1e-12 * size, () => 'The identity does not bound the trace.');
          }
          claim(!squares || phi >= lift.lowerBound, () => `phi = ${String(phi)} is below its lower bound.`);
          claim(!squares || phi <= (lifted.value - offset) * (1 + 1e-12) + 1e-300 + 1e-15 * Math.abs(offset), () => '1/2 |residual|^2 is above the value.');
        }
        const balanced = balancedPoint(objective, problem.factors!.pairs[0]!);
        const [f, lifted] = [await value(balanced.data), lift.at(balanced)];
        claimClose('the lift at a balanced point', [lifted.value], [f], 1e-10 * (Math.abs(f) + lifted.absoluteSum));
        const penalty = (lift.penalty * inner(balanced.data, balanced.data)) / (lift.kind === 'psd' ? 1 : 2);
        claim(lift.leastSquares || lifted.intercept !== undefined, () => 'A lift that is not least squares has an intercept.');
        if (squares) {
          claimClose('1/2 |residual|^2 + penalty', [inner(lifted.residual, lifted.residual) / 2 + penalty + offset], [lifted.value], 1e-10 * lifted.absoluteSum);
        }
      }),
      check('the gradient of the lift is the gradient of f, by the chain rule', async ({ problem, gradient }) => {
        const lift = problem.lift!;
        const [left, right] = problem.factors!.pairs[0]!;
        const balanced = balancedPoint(objective, [left, right]);
        const lifted = lift.at(balanced);
        const g = createPoint(layout, await gradient(balanced.data));
        const cols = shapeOf(left)![1]!;
        // nuclear: grad_U = G V + penalty U, grad_V = G^T U + penalty V; psd: grad_X = 2 (G X + penalty X)
        const sides = lift.kind === 'psd' ? ([[left, left, false, 2]] as const) : ([[left, right, false, 1], [right, left, true, 1]] as const);
        for (const [of, other, transposed, factor] of sides) {
          const own = blockOf(balanced, of);
          const expected = multiplyColumns(lifted, blockOf(balanced, other), cols, own.length / cols, transposed).map((x, i) => factor * (x + lift.penalty * own[i]!));
          claimClose(`gradient in ${of}`, blockOf(g, of), expected, 1e-9 * (norm(expected) + norm(g.data)));
        }
      }),
      check('apply and its transpose are adjoint, and gram is G G^T of the smaller side (G itself for psd)', ({ problem }) => {
        const lift = problem.lift!;
        for (const point of points()) {
          const lifted = lift.at(point);
          const apply = (v: Float64Array, transposed: boolean) => {
            const out = new Float64Array(transposed ? lift.cols : lift.rows).fill(Number.NaN);
            lifted.apply(v, out, transposed);
            return out;
          };
          const [v, w] = [gaussian(lift.cols, seed + 3), gaussian(lift.rows, seed + 4)];
          const [gv, gtw] = [apply(v, false), apply(w, true)];
          claim(Math.abs(inner(w, gv) - inner(gtw, v)) <= 1e-11 * (norm(w) * norm(gv) + norm(v) * norm(gtw)), () => `<w, Gv> = ${String(inner(w, gv))}, <G^T w, v> = ${String(inner(gtw, v))}.`);
          if (lifted.gram === undefined) continue;
          const size = Math.min(lift.rows, lift.cols);
          const gram = new Float64Array(size * size).fill(Number.NaN);
          lifted.gram(gram);
          const x = gaussian(size, seed + 5);
          const rowsShort = lift.rows <= lift.cols;
          const expected = lift.kind === 'psd' ? apply(x, false) : apply(apply(x, rowsShort), !rowsShort);
          const given = Float64Array.from({ length: size }, (_, i) => inner(gram.subarray(i * size, (i + 1) * size), x));
          claimClose('gram x', given, expected, 1e-10 * (norm(expected) + norm(x)));
        }
      }),
      check('smoothness bounds how fast the gradient of the lift changes', ({ problem }) => {
        const lift = problem.lift!;
        // Nothing is claimed then, and points may be outside of the domain.
        if (lift.smoothness === Infinity) return;
        const { pairs } = problem.factors!;
        const [a, b] = [points()[0]!, createPoint(layout, gaussian(n, seed + 8))];
        const [ga, gb] = [lift.at(a), lift.at(b)];
        // <G_a - G_b, D> <= L |D|^2 and |(G_a - G_b) v| <= L |D| |v| with D = X_a - X_b
        const distance = Math.sqrt(squaredDistance(a, b, pairs[0]!));
        for (let trial = 0; trial < 5; trial++) {
          const v = gaussian(lift.cols, seed + 60 + trial);
          const difference = new Float64Array(lift.rows);
          const other = new Float64Array(lift.rows);
          ga.apply(v, difference, false);
          gb.apply(v, other, false);
          difference.forEach((x, i) => (difference[i] = x - other[i]!));
          claim(norm(difference) <= lift.smoothness * distance * norm(v) * (1 + 1e-10), () => `The gradient of phi changes faster than smoothness ${String(lift.smoothness)} allows.`);
        }
      }),
    );
  }

  if (has('smoothness')) {
    checks.push(
      check('smoothness is finite, and that of the lift', ({ problem }) => {
        const { constant } = problem.smoothness!;
        claim(constant >= 0 && constant < Infinity, () => `The constant of smoothness is ${String(constant)}.`);
        const lifted = problem.lift?.smoothness ?? constant;
        claim(lifted === constant, () => `Smoothness has the constant ${String(constant)}, the lift has ${String(lifted)}.`);
      }),
    );
  }

  if (has('target')) {
    checks.push(
      check('the target has its shape, and is symmetric where it says so', ({ problem }) => {
        const { rows, cols, data, symmetric } = problem.target!;
        claim(data.length === rows * cols && data.every(Number.isFinite), () => 'The target has a wrong length or is not finite.');
        if (!symmetric) return;
        claim(rows === cols, () => 'A symmetric target is square.');
        for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) claim(data[i * cols + j] === data[j * cols + i], () => `The target differs at (${String(i)}, ${String(j)}) and its mirror.`);
      }),
    );
  }

  if (has('target') && has('value')) {
    checks.push(
      check('the target evaluates f, with the sum of its terms', async ({ problem, value }) => {
        for (const point of points()) {
          const [f, given] = [await value(point.data), problem.target!.at(point)];
          claimClose('the target at a point', [given.value], [f], 1e-10 * given.absoluteSum);
          claim(given.absoluteSum >= Math.abs(given.value) * (1 - 1e-12) && given.terms > 0, () => 'absoluteSum or terms cannot be right.');
        }
      }),
    );
  }

  if (has('scale') && has('value') && has('gradient')) {
    checks.push(
      check('scale: f at zero, a gradient scale above the gradient, a constant that bounds the change of the Hessian', async ({ problem, value, gradient, hessianVectorProduct }) => {
        const scale = problem.scale!;
        const zero = await value(new Float64Array(n));
        claimClose('zeroValue', [scale.zeroValue], [zero], 1e-12 * Math.abs(zero) + Number.MIN_VALUE);
        for (const point of points()) {
          const [g, size] = [norm(await gradient(point.data)), scale.gradient(point)];
          claim(size >= g * (1 - 1e-10), () => `|grad f| = ${String(g)} is above the sum of the norms of its terms, ${String(size)}.`);
          const rho = scale.hessianLipschitz(point);
          claim(rho >= 0 && Number.isFinite(rho), () => `hessianLipschitz is ${String(rho)}.`);
          if (!has('hessianVectorProduct')) continue;
          const [d, v] = [gaussian(n, seed + 6), gaussian(n, seed + 7)];
          const t = (1e-4 * norm(point.data)) / norm(d);
          const moved = await hessianVectorProduct(point.data.map((x, i) => x + t * d[i]!), v);
          const here = await hessianVectorProduct(point.data, v);
          const change = norm(moved.map((x, i) => x - here[i]!));
          claim(change <= rho * t * norm(d) * norm(v) * 1.01 + 1e-12 * norm(here), () => `The Hessian changes by ${String(change)}, faster than ${String(rho)} allows.`);
        }
      }),
    );
  }

  if (has('predict') && has('factors')) {
    checks.push(
      check('predict gives the entries of the product, up to fixed offsets', async ({ problem, integers, call }) => {
        const [left, right] = problem.factors!.pairs[0]!;
        const [m, cols] = [shapeOf(left)![0]!, shapeOf(right)![0]!];
        const cells = Array.from({ length: 20 }, (_, k) => [(7 * k + seed) % m, (5 * k + 3 * seed) % cols] as const);
        const [row, col] = [integers(cells.map(([i]) => i)), integers(cells.map(([, j]) => j))];
        const predict = (point: Point) => call(cells.length, (out, x) => { problem.predict!(x, row, col, out); }, point.data);
        const zero = await predict(createPoint(layout));
        for (const point of points()) {
          const given = await predict(point);
          const expected = cells.map(([i, j], k) => zero[k]! + entry(point, left, right, i, j));
          claimClose('predict', given, expected, 1e-10 * (norm(given) + 1));
        }
      }),
    );
  }

  if (has('grow') && has('value') && has('factors')) {
    checks.push(
      check('grown by zero columns f stays the same, and so does what is provided', async ({ problem, value }) => {
        const rank = shapeOf(problem.factors!.pairs[0]![0])![1]!;
        const grown: AnyObjective = problem.grow!.objective(rank + 1);
        claim(grown.id === objective.id && grown.data === objective.data, () => 'The grown problem has another id or other data.');
        claim(Object.keys(grown.routes).sort().join() === Object.keys(objective.routes).sort().join(), () => 'The grown problem provides something else.');
        for (const point of points()) {
          const wide = createPoint(grown.layout);
          for (const block of layout.blocks) {
            const [from, to] = [blockOf(point, block.name), blockOf(wide, block.name)];
            const factor = problem.factors!.pairs.flat().includes(block.name);
            from.forEach((x, at) => (to[factor ? Math.floor(at / rank) * (rank + 1) + (at % rank) : at] = x));
          }
          const f = await value(point.data);
          const same = await withProbe(grown, backend, offered(grown, backend), (probe) => probe.value(wide.data));
          claimClose('f with a zero column', [same], [f], 1e-11 * Math.abs(f));
        }
      }),
    );
  }

  if (has('truth') && has('value')) {
    checks.push(
      check('the truth is true: no value below the optimum, stationary points are stationary', async ({ problem, value, gradient }) => {
        const { optimum, distance, stationaryPoints } = problem.truth!;
        for (const point of points()) {
          const f = await value(point.data);
          claim(optimum === undefined || f >= optimum - 1e-10 * (Math.abs(f) + Math.abs(optimum)), () => `f = ${String(f)} is below the optimum ${String(optimum)}.`);
          const d = distance?.(point);
          claim(d === undefined || (d >= 0 && Number.isFinite(d)), () => `The distance is ${String(d)}.`);
        }
        if (stationaryPoints === undefined || !has('gradient')) return;
        const reference = norm(await gradient(points()[0]!.data));
        let count = 0;
        for (const point of stationaryPoints()) {
          if (++count > 10) break;
          const g = norm(await gradient(point.data));
          claim(g <= 1e-9 * (reference + 1), () => `|grad f| = ${String(g)} at stationary point ${String(count)}.`);
        }
      }),
    );
  }

  return checks;
}

const entry = (point: Point, left: string, right: string, i: number, j: number): number => {
  const cols = point.layout.blocks.find((block) => block.name === left)!.shape[1]!;
  return inner(blockOf(point, left).subarray(i * cols, (i + 1) * cols), blockOf(point, right).subarray(j * cols, (j + 1) * cols));
};

/** |X_a - X_b|^2 over all entries of the products. */
function squaredDistance(a: Point, b: Point, [left, right]: readonly [string, string]): number {
  const size = (name: string) => a.layout.blocks.find((block) => block.name === name)!.shape[0]!;
  let sum = 0;
  for (let i = 0; i < size(left); i++) for (let j = 0; j < size(right); j++) sum += (entry(a, left, right, i, j) - entry(b, left, right, i, j)) ** 2;
  return sum;
}

/** Both factors diagonal with the same entries: U^T U = V^T V whatever their heights. */
function balancedPoint(objective: AnyObjective, [left, right]: readonly [string, string]): Point {
  const point = createPoint(objective.layout);
  for (const name of new Set([left, right])) {
    const cols = objective.layout.blocks.find((block) => block.name === name)!.shape[1]!;
    blockOf(point, name).forEach((_, at, data) => {
      if (Math.floor(at / cols) === at % cols) data[at] = 1.5 - 0.2 * (at % cols);
    });
  }
  return point;
}

/** G W (or G^T W), column by column. */
function multiplyColumns(lifted: Lifted, w: Float64Array, cols: number, rows: number, transposed: boolean): Float64Array {
  const result = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) {
    const out = new Float64Array(rows);
    lifted.apply(Float64Array.from({ length: w.length / cols }, (_, i) => w[i * cols + j]!), out, transposed);
    out.forEach((x, i) => (result[i * cols + j] = x));
  }
  return result;
}
