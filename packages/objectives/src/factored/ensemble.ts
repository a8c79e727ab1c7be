/**
 * Ensembles of factored problems: one kernel call moves many runs. Which kernel, and what it is given beside the runs, is the family's.
 */
import { type CapabilityMap, type Device, type EnsembleOps, type EnsembleRuns, type ExtraKernels, type Memory, type Route, type Vec } from '@lowland/core';
import { type EnsembleKernels, type EnsembleMethod, ensembleMethods, type FactoredEnsemble, hostEnsembles, parameterCount, slotsOf, stateLength, variablesOf } from '@lowland/linalg/ensembles';

import { once } from './once.ts';
import type { FactoredProblem } from './problem.ts';
import type { Uploaded } from './routes.ts';

/** What a family adds: its kernel, and what that reads of the data of some problems of one shape. */
export interface EnsembleFamily<K extends keyof EnsembleKernels> {
  readonly kernel: K;
  /** What else two problems must agree on, in words: those that differ are not run together. */
  readonly alike: string;
  /** The data of each problem, uploaded one after another. */
  data(problem: FactoredProblem): Float64Array;
  call(kernel: ExtraKernels[K], ensemble: FactoredEnsemble, data: Vec): void;
}

/** On devices that have the kernel, and on those where the host is as good. */
export function ensembleRoutes<K extends keyof EnsembleKernels>(problem: FactoredProblem, family: EnsembleFamily<K>): readonly Route<'ensemble', Uploaded>[] {
  const bind = (_: Uploaded, device: Device, memory: Memory): CapabilityMap['ensemble'] => new FactoredEnsembles([problem], family, device, memory);
  return [
    { kernels: [family.kernel], label: 'fused', bind },
    { kernels: ['immediate'], label: 'fused', bind },
  ];
}

class FactoredEnsembles<K extends keyof EnsembleKernels> implements EnsembleOps {
  readonly methods = ensembleMethods;
  readonly slots: EnsembleOps['slots'] & object;
  readonly #problems: readonly FactoredProblem[];
  readonly #family: EnsembleFamily<K>;
  readonly #device: Device;
  readonly #memory: Memory;
  readonly #uploaded: () => { readonly data: Vec; readonly coefficients: Vec; readonly unlimited: Vec };

  constructor(problems: readonly FactoredProblem[], family: EnsembleFamily<K>, device: Device, memory: Memory) {
    this.#problems = problems;
    this.#family = family;
    this.#device = device;
    this.#memory = memory;
    this.slots = slotsOf(variablesOf(this.#shape));
    const vector = (data: Float64Array) => {
      const made = memory.vector(data.length);
      device.write(made, data);
      return made;
    };
    this.#uploaded = once(() => ({
      data: vector(joined(problems.map((problem) => family.data(problem)))),
      coefficients: vector(Float64Array.from(problems.flatMap(({ weight, ridge, balance }) => [weight, ridge, balance]))),
      unlimited: vector(Float64Array.of(-1, -1)),
    }));
  }

  get #shape() {
    const { symmetric, rank, map } = this.#problems[0]!;
    return { symmetric, rank, rows: map.rows, cols: map.cols };
  }

  stateLength(method: string): number {
    return stateLength(method as EnsembleMethod, variablesOf(this.#shape));
  }

  parameterCount(method: string): number {
    return parameterCount(method as EnsembleMethod);
  }

  run({ method, limits, ...runs }: EnsembleRuns): void {
    const { data, coefficients, unlimited } = this.#uploaded();
    const { kernel, call } = this.#family;
    const kernels = this.#device.kernels as Partial<ExtraKernels>;
    const found = kernels[kernel] ?? hostEnsembles(this.#device)[kernel];
    call(found, { ...this.#shape, ...runs, method: method as EnsembleMethod, coefficients, limits: limits ?? unlimited }, data);
  }

  together(ensembles: readonly EnsembleOps[]): EnsembleOps | string {
    const problems: FactoredProblem[] = [];
    for (const other of ensembles) {
      if (!(other instanceof FactoredEnsembles) || other.#family.alike !== this.#family.alike) return 'the objectives are of several families';
      problems.push(...(other as FactoredEnsembles<K>).#problems);
    }
    const { symmetric, rank, map } = this.#problems[0]!;
    const differs = problems.some((one) => one.symmetric !== symmetric || one.rank !== rank || one.map.rows !== map.rows || one.map.cols !== map.cols || one.map.length !== map.length);
    if (differs) return 'the objectives differ in rows, columns, rank or number of measurements';
    return new FactoredEnsembles(problems, this.#family, this.#device, this.#memory);
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
