/**
 * Ensembles of matrix problems: one kernel call moves many runs. Which kernel, and what it reads beside the runs, each problem says.
 */
import { type Capability, type CapabilityMap, type Device, type EnsembleOps, type EnsembleRuns, type KernelName, LowlandError, type Memory, type Route, type Vec } from '@lowland/core';
import { type EnsembleKernels, type EnsembleMethod, ensembleMethods, type FactoredEnsemble, hostEnsembles, parameterCount, slotsOf, stateLength, variablesOf } from '@lowland/linalg/ensembles';

import { once } from '../factored/once.ts';

/** A problem as ensembles see it. */
export interface EnsembleProblem {
  readonly kernel: KernelName & keyof EnsembleKernels;
  /** The family and all sizes, in words: problems go together where these are the same. */
  readonly kind: string;
  readonly shape: Pick<FactoredEnsemble, 'symmetric' | 'rows' | 'cols' | 'rank'>;
  /** Weight, ridge and balance of `FactoredEnsemble`. */
  readonly coefficients: readonly [weight: number, ridge: number, balance: number];
  /** Multiply-adds of a step of a run, about. */
  readonly work: number;
  /** Numbers of matrices of measurements. */
  readonly held: number;
  /** What the kernel reads of the data, a list for each vector that it takes. */
  data(): readonly Float64Array[];
  call(kernels: EnsembleKernels, ensemble: FactoredEnsemble, data: readonly Vec[]): void;
}

/**
 * The host moves runs side by side, a run a lane. From so many runs on that is faster than one after another, by the multiply-adds of a step: lanes without a run cost,
 * and what is saved is the driver, or that matrices are read once for several runs. Measured: `pnpm bench ensembles`.
 */
const fewest = [
  { work: 1000, runs: 1 },
  { work: 10_000, runs: 2 },
  { work: 100_000, runs: 8 },
  { work: Infinity, runs: 16 },
] as const;
/** Numbers of measurement matrices up to which each run may have its own: beyond, memory is the bound, and lanes do not share it. */
const mostOwn = 10_000;

/** On devices that have the kernel, and on those where the host is as good. */
export function ensembleRoutes<D>(problem: EnsembleProblem): readonly Route<'ensemble' & Capability, D>[] {
  const bind = (_: D, device: Device, memory: Memory): CapabilityMap['ensemble'] => new MatrixEnsemble([problem], device, memory);
  return [
    { kernels: [problem.kernel], label: 'fused', bind },
    { kernels: ['immediate'], label: 'fused', bind },
  ];
}

class MatrixEnsemble implements EnsembleOps {
  readonly methods = ensembleMethods;
  readonly slots: EnsembleOps['slots'] & object;
  readonly #problems: readonly EnsembleProblem[];
  readonly #device: Device;
  readonly #memory: Memory;
  readonly #variables: number;
  readonly #onHost: boolean;
  readonly #kernels: () => EnsembleKernels;
  readonly #uploaded: () => { readonly data: readonly Vec[]; readonly coefficients: Vec; readonly unlimited: Vec };

  constructor(problems: readonly EnsembleProblem[], device: Device, memory: Memory) {
    const first = problems[0]!;
    this.#problems = problems;
    this.#device = device;
    this.#memory = memory;
    this.#variables = variablesOf(first.shape);
    this.slots = slotsOf(this.#variables);
    const vector = (data: Float64Array) => {
      const made = memory.vector(data.length);
      device.write(made, data);
      return made;
    };
    this.#uploaded = once(() => {
      const each = problems.map((problem) => problem.data());
      return {
        data: each[0]!.map((_, part) => vector(joined(each.map((parts) => parts[part]!)))),
        coefficients: vector(Float64Array.from(problems.flatMap(({ coefficients }) => coefficients))),
        unlimited: vector(Float64Array.of(-1, -1)),
      };
    });
    this.#onHost = !(first.kernel in device.kernels);
    this.#kernels = once(() => (this.#onHost ? hostEnsembles(device) : (device.kernels as EnsembleKernels)));
  }

  stateLength(method: string): number {
    return stateLength(method as EnsembleMethod, this.#variables);
  }

  parameterCount(method: string): number {
    return parameterCount(method as EnsembleMethod);
  }

  /** @throws LOWLAND_E_ENSEMBLE on the host where one run after another is faster, and what the kernel throws */
  run({ method, limits, ...runs }: EnsembleRuns): void {
    if (this.#onHost) requireFaster(this.#problems, runs.count);
    const { data, coefficients, unlimited } = this.#uploaded();
    const { shape, call } = this.#problems[0]!;
    call(this.#kernels(), { ...shape, ...runs, method: method as EnsembleMethod, coefficients, limits: limits ?? unlimited }, data);
  }

  together(ensembles: readonly EnsembleOps[]): EnsembleOps | string {
    const { kind } = this.#problems[0]!;
    const problems: EnsembleProblem[] = [];
    for (const other of ensembles) {
      if (!(other instanceof MatrixEnsemble)) return 'the objectives are of several families';
      const [problem] = other.#problems;
      if (problem!.kind !== kind) return `the objectives are of several kinds, ${kind} and ${problem!.kind}`;
      problems.push(problem!);
    }
    return new MatrixEnsemble(problems, this.#device, this.#memory);
  }
}

/** @throws LOWLAND_E_ENSEMBLE where the host is faster with one run after another */
function requireFaster(problems: readonly EnsembleProblem[], count: number): void {
  const { kind, work, held } = problems[0]!;
  const least = fewest.find((some) => work <= some.work)!.runs;
  if (count < least) {
    throw new LowlandError('LOWLAND_E_ENSEMBLE', `on a cpu fewer than ${least} runs on ${kind} are faster one after another, and ${count} ${count === 1 ? 'was' : 'were'} asked for`, { details: { count, least } });
  }
  if (problems.length > 1 && held > mostOwn) {
    throw new LowlandError('LOWLAND_E_ENSEMBLE', `on a cpu runs with more than ${mostOwn} numbers of matrices each, here ${held} of ${kind}, are faster one after another`, { details: { held, mostOwn } });
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
