/**
 * The objective of a constrained problem: one of its merit functions, with the problem itself as the capability `constraints`.
 */
import type { Capability, CapabilityMap, Device, Dtype, KernelName, Lift, Memory, Objective, Point, Route, Routes, Scale, StreamKey, Truth } from '@lowland/core';
import { LowlandError } from '@lowland/core';
import { orthogonalSymmetry } from '@lowland/linalg';

import { factsOf, statesOptimum } from '../factored/facts.ts';
import { liftOf } from '../factored/lift.ts';
import { once } from '../factored/once.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import { scaleOf } from '../factored/scale.ts';
import type { Cost } from './cost.ts';
import { bindColumns, constraintsOf, type BoundColumns } from './constraints.ts';
import { lossKernels } from './loss.ts';
import { factorLayout, type ConstrainedProblem } from './problem.ts';

export type ConstrainedCapability =
  | 'value'
  | 'gradient'
  | 'valueAndGradient'
  | 'hessianVectorProduct'
  | 'blockGradient'
  | 'constraints'
  | 'factors'
  | 'symmetry'
  | 'grow'
  | 'truth';

/** What some of these objectives have. */
type Described = 'scale' | 'lift' | 'predict';

interface Family {
  readonly id: string;
  readonly scale: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Fingerprint of the data; computed when first asked for. */
  readonly digest: () => string;
  readonly truth: Truth;
  /** Whether entries of U U^T are what somebody wants to know. */
  readonly predicts?: boolean;
  initial(key: StreamKey): Point;
  grow(rank: number): Objective<never>;
  /** The same with the augmented Lagrangian as merit function. */
  augmented(multipliers: Float64Array): Objective<Capability>;
}

/** h of a merit function as oracles on blocks. */
type Oracles = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct'>;

export function constrainedObjective(problem: ConstrainedProblem, { digest, truth, grow, augmented, initial, predicts = false, ...named }: Family): Objective<ConstrainedCapability | Described, BoundColumns> {
  const { rows, rank, merit, constraints, cost, fit } = problem;
  const layout = factorLayout(rows, rank);
  const fletcher = merit.kind === 'fletcher';
  const base: KernelName[] = ['axpy', 'copy', 'dot', 'fill', 'scal', ...constraints.map.kernels, ...lossKernels(problem)];
  const plain = [...new Set(base)];
  const whole = [...new Set([...base, ...constraints.normal.kernels])];
  const route = <K extends Capability>(kernels: readonly KernelName[], bind: Route<K, BoundColumns>['bind']): readonly [Route<K, BoundColumns>] => [{ kernels, label: 'composed', bind }];
  const oracle = <K extends Capability>(pick: (oracles: Oracles) => CapabilityMap[K]): readonly [Route<K, BoundColumns>] =>
    route<K>(fletcher ? whole : plain, (columns, device, memory) => pick(oraclesOf(problem, columns, device, memory)));
  const host = <K extends Capability>(capability: CapabilityMap[K]): readonly [Route<K, BoundColumns>] => route<K>([], () => capability);
  const routes: Routes<ConstrainedCapability, BoundColumns> = {
    value: oracle<'value'>((oracles) => oracles.value),
    gradient: oracle<'gradient'>((oracles) => oracles.gradient),
    valueAndGradient: oracle<'valueAndGradient'>((oracles) => oracles.valueAndGradient),
    hessianVectorProduct: oracle<'hessianVectorProduct'>((oracles) => oracles.hessianVectorProduct),
    blockGradient: route<'blockGradient'>(fletcher ? whole : plain, (columns, device, memory) => {
      const { gradient } = oraclesOf(problem, columns, device, memory);
      return (x, block, out) => {
        if (block !== 'U') throw new LowlandError('LOWLAND_E_BLOCK', `No factor "${block}" in this problem; it has U.`, { details: { block } });
        gradient(x, out);
      };
    }),
    constraints: route<'constraints'>(whole, (columns) => constraintsOf(problem, columns, augmented)),
    factors: host<'factors'>({ pairs: [['U', 'U']] }),
    symmetry: route<'symmetry'>(['fill', 'gemm'], (_columns, device, memory) => orthogonalSymmetry(device, memory, layout, ['U'], rank)),
    // A registry's view of an objective claims every capability; what it has is read from its routes.
    grow: host<'grow'>({ objective: (next) => grow(next) as Objective<Capability> }),
    truth: host<'truth'>(truth),
  };
  const lifts = !fletcher && fit === undefined;
  const described = {
    ...(predicts && {
      predict: route<'predict'>(['sddmm'], (columns, device) => (x, row, col, out) => {
        const u = columns(rank).matrix(x);
        device.kernels.sddmm(row, col, u, u, out);
      }),
    }),
    ...(!fletcher && { scale: route<'scale'>([], once(() => meritScale(problem))) }),
    ...(lifts && { lift: route<'lift'>([], once(() => meritLift(problem))) }),
  };
  return {
    ...named,
    // What certificates are about beside the data.
    ...(merit.kind === 'augmented' && { multipliers: merit.multipliers }),
    layout,
    get data() {
      return digest();
    },
    // Which of these there are is known to the types of the makers.
    routes: { ...routes, ...described } as Routes<ConstrainedCapability | Described, BoundColumns>,
    facts: factsOf({ optimum: statesOptimum(truth), penalty: lifts && cost !== undefined && scalarOf(cost) > 0 }),
    upload: (device, memory) => bindColumns(problem, device, memory),
    bytes: (dtype) => bytesOf(problem, dtype),
    initial,
  };

  function bytesOf(of: ConstrainedProblem, dtype: Dtype): number {
    const width = dtype === 'f64' ? 8 : 4;
    const { map, normal } = of.constraints;
    const estimated = fletcher ? normal.bytes(width, rank) + width * (8 * map.length + 9 * rows * rank) : 0;
    return map.bytes(width, rank) + (cost?.bytes(width) ?? 0) + (fit?.map.bytes(width, rank) ?? 0) + estimated + width * (4 * map.length + 3 * (fit?.map.length ?? 0) + 2 * rows * rank);
  }
}

function oraclesOf({ rank, merit }: ConstrainedProblem, columns: BoundColumns, device: Device, memory: Memory): Oracles {
  const { matrix, lagrangian, fletcher } = columns(rank);
  if (merit.kind === 'fletcher') {
    const { value, gradient, valueAndGradient, curvature } = fletcher();
    return {
      value: (x, out) => {
        value(matrix(x), out);
      },
      gradient: (x, out) => {
        gradient(matrix(x), matrix(out));
      },
      valueAndGradient: (x, out, slope) => {
        valueAndGradient(matrix(x), out, matrix(slope));
      },
      hessianVectorProduct: (x, v, out) => {
        curvature(matrix(x), matrix(v), matrix(out));
      },
    };
  }
  const { weight } = merit;
  const { value, gradient, valueAndGradient, curvature } = lagrangian();
  const upload = (data: Float64Array) => {
    const multipliers = memory.vector(data.length);
    device.write(multipliers, data);
    return multipliers;
  };
  const multipliers = merit.kind === 'augmented' ? upload(merit.multipliers) : undefined;
  return {
    value: (x, out) => {
      value(matrix(x), multipliers, weight, out);
    },
    gradient: (x, out) => {
      gradient(matrix(x), multipliers, weight, matrix(out));
    },
    valueAndGradient: (x, out, slope) => {
      valueAndGradient(matrix(x), multipliers, weight, out, matrix(slope));
    },
    hessianVectorProduct: (x, v, out) => {
      curvature(matrix(x), matrix(v), multipliers, weight, matrix(out));
    },
  };
}

/** Penalty and augmented Lagrangian are least squares with a linear term: weight/2 |a(X) - (b - l/weight)|^2 + <C, X>, up to a constant. */
function penaltyProblem({ rows, rank, cost, constraints, merit }: ConstrainedProblem): FactoredProblem {
  const { map, bounds } = constraints;
  const multipliers = merit.kind === 'augmented' ? merit.multipliers : undefined;
  // C = s I is a penalty on the trace, of which certificates know more than of linear terms (rigour.md A10)
  const scalar = cost === undefined ? 0 : scalarOf(cost);
  return {
    symmetric: true,
    map,
    rank,
    layout: factorLayout(rows, rank),
    weight: merit.weight,
    data: multipliers === undefined ? bounds : bounds.map((b, k) => b - multipliers[k]! / merit.weight),
    linear: scalar > 0 ? undefined : cost?.dense(),
    // s tr U U^T = s |U|^2
    ridge: scalar > 0 ? 2 * scalar : 0,
    balance: 0,
  };
}

/** s where C = s I, else NaN. */
function scalarOf(cost: Cost): number {
  const { row, col, values } = cost.entries();
  const [s = 0] = values;
  return (values.length === cost.size || values.length === 0) && values.every((value, e) => value === s && row[e] === col[e]) ? s : NaN;
}

/** What completing the square leaves out, -|l|^2 / (2 weight), is the offset. */
function meritLift(problem: ConstrainedProblem): Lift {
  const { constraints, merit } = problem;
  const root = Math.sqrt(merit.weight);
  return liftOf(penaltyProblem(problem), {
    ...(constraints.identity && { identity: constraints.identity.map((e) => e / root) }),
    ...(merit.kind === 'augmented' && {
      about: 'this is the augmented Lagrangian of a problem with constraints a(X) = b, whose least value is not below that here',
      offset: merit.multipliers.reduce((sum, l) => sum - (l * l) / (2 * merit.weight), 0),
    }),
  });
}

function meritScale(problem: ConstrainedProblem): Scale {
  const { rows, rank, fit, constraints, merit } = problem;
  const parts = [scaleOf(penaltyProblem(problem))];
  if (fit !== undefined) parts.push(scaleOf({ symmetric: true, map: fit.map, rank, layout: factorLayout(rows, rank), weight: fit.weight, data: fit.data, linear: undefined, ridge: 0, balance: 0 }));
  const multipliers = merit.kind === 'augmented' ? merit.multipliers : undefined;
  // <l, -b> + weight/2 |b|^2: the constant that completing the square leaves out
  const zeroValue = constraints.bounds.reduce((sum, b, k) => sum + (merit.weight / 2) * b * b - (multipliers?.[k] ?? 0) * b, parts[1]?.zeroValue ?? 0);
  return {
    zeroValue,
    gradient: (x) => parts.reduce((sum, part) => sum + part.gradient(x), 0),
    hessianLipschitz: (x) => parts.reduce((sum, part) => sum + part.hessianLipschitz(x), 0),
  };
}
