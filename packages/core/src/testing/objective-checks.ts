/**
 * What an objective claims is what is checked: the suite reads its routes and tests each capability that it has.
 */
import type { AnyObjective } from '../any.ts';
import type { Capability, Problem } from '../capability.ts';
import type { Backend } from '../device.ts';
import { errorCode } from '../errors.ts';
import { taylorSlopes } from '../derivatives.ts';
import { blockLength, createPoint, layoutLength, sameLayout, type Point } from '../layout.ts';
import { streamKey } from '../philox.ts';
import type { Route } from '../objective.ts';
import type { Choice } from '../routes.ts';
import { numbersOf, residualOf, sampledGradient } from './capability-numbers.ts';
import { claim, claimClose, claimSameBits, gaussian, inner, isPlain, norm, type Check } from './check.ts';
import { checkConstraints } from './constraint-checks.ts';
import { manifoldChecks } from './manifold-checks.ts';
import { descriptionChecks } from './description-checks.ts';
import { offered } from './offered.ts';
import { checkEnsemble } from './ensemble-checks.ts';
import { checkPlane } from './plane-checks.ts';
import { checkProducts } from './product-checks.ts';
import { withProbe, type Probe } from './probe.ts';

export interface ObjectiveSuite {
  readonly objective: AnyObjective;
  /** A synchronous f64 backend: derivatives are judged on it. */
  readonly backend: Backend;
  /** Where to test; default its own start and two Gaussian points, on a manifold three starts. */
  readonly points?: readonly Point[];
  /** Backends that must give the same numbers within their precision, such as `asyncBackend()`. */
  readonly others?: readonly Backend[];
  /** Default 0. */
  readonly seed?: number;
}

export function objectiveChecks(suite: ObjectiveSuite): readonly Check[] {
  const { objective, backend, others = [], seed = 0 } = suite;
  const { layout } = objective;
  const n = layoutLength(layout);
  const has = (name: Capability) => offered(objective, backend).some((choice) => choice.name === name);
  const start = (index = 0) => objective.initial(streamKey(seed, 'init', index));
  const straight = objective.manifold === undefined;
  const points = () => suite.points ?? (straight ? [start(), createPoint(layout, gaussian(n, seed + 1)), createPoint(layout, gaussian(n, seed + 2, 0.3))] : [start(), start(1), start(2)]);
  const direction = (k: number) => gaussian(n, seed + 50 + k);

  /** A check on the bound problem, at every point. */
  const atPoints = (name: string, body: (probe: Probe, x: Float64Array, k: number) => Promise<void>): Check => ({
    name,
    run: () =>
      withProbe(objective, backend, offered(objective, backend), async (probe) => {
        for (const [k, point] of points().entries()) await body(probe, point.data, k);
      }),
  });

  const checks: Check[] = [
    {
      name: 'has a layout of named blocks, and a finite start that the stream alone decides',
      run: () => {
        const names = layout.blocks.map((block) => block.name);
        claim(new Set(names).size === names.length, () => `Block names ${names.join(', ')} are not unique.`);
        const point = start();
        claim(sameLayout(point.layout, layout), () => 'The start has another layout.');
        claim(point.data.length === n && point.data.every(Number.isFinite), () => 'The start has a wrong length or is not finite.');
        claimSameBits('the start, again', start().data, point.data);
      },
    },
    {
      name: 'is plain where it must be: options as JSON, a stable fingerprint, finite bytes',
      run: () => {
        claim(isPlain(objective.options), () => 'Its options are no plain JSON: a checkpoint could not name it.');
        const { data } = objective;
        claim((data === undefined || data.length > 0) && data === objective.data, () => 'Its fingerprint is not a stable text.');
        const [wide, narrow] = [objective.bytes('f64'), objective.bytes('f32')];
        claim(Number.isFinite(wide) && narrow >= 0 && narrow <= wide, () => `bytes: ${String(wide)} in f64, ${String(narrow)} in f32.`);
      },
    },
    {
      name: 'binds everything that it provides, and frees it',
      run: () =>
        withProbe(objective, backend, offered(objective, backend), () => {
          const missing = Object.keys(objective.routes).filter((name) => !has(name as Capability));
          claim(missing.length === 0, () => `No route serves ${missing.join(', ')} on "${backend.id}".`);
        }),
    },
    atPoints('every oracle overwrites its result, keeps its input, gives finite numbers, and the same bits again', async (probe, x, k) => {
      for (const { name } of offered(objective, backend)) {
        const once = await numbersOf(name, probe, x, direction(k), objective);
        const again = await numbersOf(name, probe, x, direction(k), objective);
        once?.forEach((numbers, i) => {
          claim(numbers.every(Number.isFinite), () => `${name} is not finite.`);
          claimSameBits(`${name} again`, again![i]!, numbers);
        });
      }
    }),
    ...routeChecks(suite, points, direction),
    ...others.map((other): Check => ({
      name: `gives the same numbers on "${other.id}"`,
      run: () => compare(objective, [backend, offered(objective, backend)], [other, offered(objective, other)], points(), direction),
    })),
  ];

  if (has('value') && has('gradient')) {
    checks.push(
      atPoints('the remainders of value and gradient fall with the second power, with the Hessian the third', async (probe, x, k) => {
        for (const trial of [0, 1]) {
          const tests = await taylorSlopes(probe.problem as Problem<'value' | 'gradient'>, createPoint(layout, x), direction(10 * k + trial), straight ? undefined : probe.problem.geometry);
          for (const { name, slope, verdict } of tests) claim(verdict !== 'fail', () => `${name}: slope ${String(slope)} at point ${String(k)}.`);
        }
      }),
      atPoints('value, gradient and the pair agree', async (probe, x) => {
        const [value, gradient] = (await numbersOf('valueAndGradient', probe, x, x, objective))!;
        const f = await probe.value(x);
        claimClose('value', value!, [f], 1e-12 * Math.abs(f));
        const g = await probe.gradient(x);
        claimClose('gradient', gradient!, g, 1e-11 * norm(g));
      }),
    );
    if (straight) {
      checks.push({
        name: 'is finite at zero',
        run: () =>
          withProbe(objective, backend, offered(objective, backend), async (probe) => {
            const zero = new Float64Array(n);
            claim(Number.isFinite(await probe.value(zero)) && (await probe.gradient(zero)).every(Number.isFinite), () => 'Value or gradient at zero is not finite.');
          }),
      });
    }
  }

  if (has('hessianVectorProduct')) {
    checks.push(
      atPoints('the Hessian is linear and symmetric', async (probe, x, k) => {
        const [u, v] = [direction(k), direction(k + 20)];
        const [hu, hv] = [await probe.hessianVectorProduct(x, u), await probe.hessianVectorProduct(x, v)];
        // a lower estimate of |H|, so that the bound is not too generous
        const size = Math.max(norm(hu) / norm(u), norm(hv) / norm(v)) * norm(u) * norm(v);
        claim(Math.abs(inner(u, hv) - inner(v, hu)) <= 1e-12 * size, () => `<u, Hv> - <v, Hu> = ${String(inner(u, hv) - inner(v, hu))}.`);
        const combined = await probe.hessianVectorProduct(x, u.map((a, i) => 2 * a - 3 * v[i]!));
        claimClose('H(2u - 3v)', combined, hu.map((a, i) => 2 * a - 3 * hv[i]!), 1e-11 * (norm(hu) + norm(hv)));
      }),
    );
  }

  if (has('hessianVectorProducts') && has('hessianVectorProduct')) {
    checks.push(atPoints('products with several directions are those with each', (probe, x, k) => checkProducts(probe, x, [0, 20, 40].map((from) => direction(k + from)))));
  }

  if (has('ensemble') && has('value') && has('gradient')) checks.push(atPoints('the ensemble takes the steps of gradient descent', (probe, x) => checkEnsemble(probe, x)));

  if (has('planeValues') && has('value')) {
    checks.push(atPoints('values on a plane are those at its points', (probe, x, k) => checkPlane(probe, x, direction(k), direction(k + 20))));
  }

  if (has('symmetry') && has('gradient')) {
    checks.push(
      atPoints('the symmetry directions leave f unchanged to first and second order', async (probe, x) => {
        const symmetry = probe.problem.symmetry!;
        const g = await probe.gradient(x);
        const along = (at: Float64Array, k: number) => probe.call(n, (out, from) => { symmetry.generator(from, k, out); }, at);
        claim(Number.isInteger(symmetry.dimension) && symmetry.dimension >= 0, () => `Dimension ${String(symmetry.dimension)}.`);
        for (let k = 0; k < symmetry.dimension; k++) {
          const xi = await along(x, k);
          claim(xi.every(Number.isFinite), () => `Generator ${String(k)} is not finite.`);
          claim(Math.abs(inner(g, xi)) <= 1e-11 * norm(g) * norm(xi), () => `Generator ${String(k)}: <grad f, xi> = ${String(inner(g, xi))}.`);
          if (!has('hessianVectorProduct')) continue;
          // d^2/dt^2 f(exp(t xi) x) = 0, hence <xi, H xi> = -<grad f, xi(xi(x))>
          const twice = await along(xi, k);
          const h = await probe.hessianVectorProduct(x, xi);
          const size = norm(xi) * norm(h) + norm(g) * norm(twice);
          claim(Math.abs(inner(xi, h) + inner(g, twice)) <= 1e-10 * size, () => `Generator ${String(k)}: <xi, H xi> = ${String(inner(xi, h))}, not ${String(-inner(g, twice))}.`);
        }
      }),
    );
  }

  /** The blocks with the range that each has in the flat vector. */
  const ranges = () => {
    let offset = 0;
    return layout.blocks.map((block) => ({ name: block.name, from: offset, to: (offset += blockLength(block)) }));
  };
  const onlyIn = (what: string, { from, to }: { from: number; to: number }, before: Float64Array, after: Float64Array) => {
    claimSameBits(`${what}: what lies before the block`, after.subarray(0, from), before.subarray(0, from));
    claimSameBits(`${what}: what lies behind the block`, after.subarray(to), before.subarray(to));
  };

  if (has('blockGradient') && has('gradient')) {
    checks.push(
      atPoints('blockGradient is that block of the gradient, and writes no other', async (probe, x, k) => {
        const g = await probe.gradient(x);
        for (const range of ranges()) {
          const before = direction(k);
          const after = await probe.into(before, (out) => { probe.problem.blockGradient!(probe.vector(x), range.name, out); });
          onlyIn('blockGradient', range, before, after);
          claimClose(`gradient in ${range.name}`, after.subarray(range.from, range.to), g.subarray(range.from, range.to), 1e-11 * norm(g));
        }
      }),
    );
  }

  if (has('blockSolve') && has('value') && has('gradient')) {
    checks.push(
      atPoints('blockSolve minimises over its block: in place too, and writes no other', async (probe, x, k) => {
        const g = await probe.gradient(x);
        const f = await probe.value(x);
        for (const range of ranges()) {
          const inPlace = await probe.into(x, (out) => { probe.problem.blockSolve!(out, range.name, out); });
          onlyIn('blockSolve', range, x, inPlace);
          const before = direction(k);
          const apart = await probe.into(before, (out) => { probe.problem.blockSolve!(probe.vector(x), range.name, out); });
          onlyIn('blockSolve', range, before, apart);
          claimSameBits('blockSolve in place and apart', inPlace.subarray(range.from, range.to), apart.subarray(range.from, range.to));
          const lower = await probe.value(inPlace);
          claim(lower <= f + 1e-12 * Math.abs(f), () => `blockSolve of ${range.name} raised f from ${String(f)} to ${String(lower)}.`);
          const rest = norm((await probe.gradient(inPlace)).subarray(range.from, range.to));
          claim(rest <= 1e-8 * (norm(g) + Math.sqrt(Math.abs(f))), () => `After blockSolve the gradient in ${range.name} is ${String(rest)}.`);
        }
      }),
    );
  }

  if (has('constraints')) {
    checks.push(atPoints('the constraints fit their derivative, its adjoint, the Lagrangian and the estimates of multipliers', (probe, x, k) => checkConstraints(probe, x, direction(k), seed + 90 + k)));
  }

  if (has('residual')) {
    checks.push(
      atPoints('the residual has the derivative that it says, and its adjoint', async (probe, x, k) => {
        const { length, evaluate, jvp, vjp } = residualOf(probe.problem);
        const w = gaussian(length, seed + 90 + k);
        const { geometry } = probe.problem;
        const v = straight ? direction(k) : await probe.call(n, (out, from, along) => { geometry!.transport(from, from, along, out); }, x, direction(k));
        const at = (y: Float64Array) => probe.call(length, (out, from) => { evaluate(from, out); }, y);
        const jv = await probe.call(length, (out, from, along) => { jvp(from, along, out); }, x, v);
        const jtw = await probe.call(n, (out, from, along) => { vjp(from, along, out); }, x, w);
        claim(Math.abs(inner(w, jv) - inner(jtw, v)) <= 1e-11 * (norm(w) * norm(jv) + norm(jtw) * norm(v)), () => `<w, Jv> = ${String(inner(w, jv))}, <J^T w, v> = ${String(inner(jtw, v))}.`);
        const t = 1e-5;
        const moved = async (by: number) =>
          straight ? x.map((a, i) => a + by * v[i]!) : await probe.call(n, (out, from, along) => { geometry!.retract(from, by, along, out); }, x, v);
        const [ahead, behind] = [await at(await moved(t)), await at(await moved(-t))];
        const size = norm(await at(x));
        claimClose('J v', ahead.map((a, i) => (a - behind[i]!) / (2 * t)), jv, 1e-6 * norm(jv) + (1e-14 * size) / t);
      }),
    );
  }

  if (has('stochasticGradient') && has('gradient')) {
    checks.push(
      atPoints('gradients of one sample have the gradient as their mean, those of a batch are the mean of its samples', async (probe, x) => {
        const { samples } = probe.problem.stochasticGradient!;
        claim(Number.isInteger(samples) && samples > 0, () => `There are ${String(samples)} samples.`);
        const single: Float64Array[] = [];
        for (let k = 0; k < samples; k++) single.push(await sampledGradient(probe, x, [k]));
        const meanOf = (which: readonly number[]) => x.map((_, i) => which.reduce((sum, k) => sum + single[k]![i]!, 0) / which.length);
        const all = single.map((_, k) => k);
        const size = single.reduce((sum, g) => sum + norm(g), 0) / samples;
        const g = await probe.gradient(x);
        claimClose('the mean of all samples', meanOf(all), g, 1e-11 * (size + norm(g)));
        for (const batch of [all, all.slice(0, 1 + samples / 2), [0, samples - 1, 0]]) {
          claimClose('the gradient of a batch', await sampledGradient(probe, x, batch), meanOf(batch), 1e-11 * (size + norm(g)));
        }
        for (const wrong of [[], [-1], [samples]]) {
          let code: unknown;
          try {
            await sampledGradient(probe, x, wrong);
          } catch (error) {
            code = errorCode(error);
          }
          claim(code !== undefined, () => `The batch [${wrong.join()}] was not refused with a typed error.`);
        }
      }),
    );
  }

  return [...checks, ...descriptionChecks({ objective, backend, points, seed, has }), ...(straight ? [] : manifoldChecks({ objective, backend, points, seed }))];
}

/** Each further route of a capability against its first. */
function routeChecks({ objective, backend }: ObjectiveSuite, points: () => readonly Point[], direction: (k: number) => Float64Array): Check[] {
  const servable = (name: Capability): Choice[] =>
    ((objective.routes as Partial<Record<Capability, readonly Route<Capability, unknown>[]>>)[name] ?? [])
      .filter(({ kernels }) => kernels.every((kernel) => backend.kernels.has(kernel)))
      .map((route) => ({ name, label: route.label, kernels: route.kernels, route }));
  return (Object.keys(objective.routes) as Capability[]).flatMap((name) => {
    const [first, ...further] = servable(name);
    return further.map((choice, i): Check => ({
      name: `route ${String(i + 2)} of ${name} (${choice.label}) gives what its first (${first!.label}) gives`,
      run: () => compare(objective, [backend, [first!]], [backend, [choice]], points(), direction),
    }));
  });
}

type Side = readonly [Backend, readonly Choice[]];

/** Every number of one side within the precision of the other. */
async function compare(objective: AnyObjective, first: Side, second: Side, points: readonly Point[], direction: (k: number) => Float64Array): Promise<void> {
  const single = first[0].dtype === 'f32' || second[0].dtype === 'f32';
  const gather = ([backend, choices]: Side) =>
    withProbe(objective, backend, choices, async (probe) => {
      const found = new Map<string, Float64Array>();
      for (const [k, point] of points.entries()) {
        for (const { name } of choices) {
          const numbers = await numbersOf(name, probe, point.data, direction(k), objective);
          numbers?.forEach((part, i) => found.set(`${name} ${String(i)} at point ${String(k)}`, part));
        }
      }
      return found;
    });
  const [expected, given] = [await gather(first), await gather(second)];
  for (const [what, numbers] of given) {
    const reference = expected.get(what);
    if (reference === undefined) continue;
    const relative = single ? (what.startsWith('blockSolve') ? 2e-2 : 1e-3) : 1e-10;
    claimClose(what, numbers, reference, relative * norm(reference) + Number.MIN_VALUE);
  }
}
