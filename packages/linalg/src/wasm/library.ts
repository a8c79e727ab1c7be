/**
 * Kernels compiled for one memory. Modules are made when first asked for, once per process for each kernel family, number type and
 * variant; instances once per memory.
 */
import type { Dtype } from '@lowland/core';

import { pivotCut } from '../cpu/small-solves.ts';
import type { Crew } from '../threads/crew.ts';
import type { Assembly } from './asm.ts';
import { type Arena, scratchAt } from './arena.ts';
import { eigenModule } from './eigen-module.ts';
import { gemmModule } from './gemm-module.ts';
import { normalEquationsModule } from './normal-equations-module.ts';
import { observedModule, type ObservedName } from './observed-module.ts';
import { residualModule, writtenOut } from './residual-module.ts';
import { reflectionModule } from './reflection-module.ts';
import { phaseModule } from './phase-module.ts';
import { rankOneModule } from './rank-one-module.ts';
import { sensingModule } from './sensing-module.ts';
import { sparseModule, unrolledRank } from './sparse-module.ts';
import { keepsOrder } from './support.ts';
import { triangularModule } from './triangular-module.ts';
import { vectorModule } from './vector-module.ts';

/** Exported functions take and give numbers; addresses and counts are 32-bit. */
export type Run = (...args: number[]) => number;
type Exports<Name extends string> = Readonly<Record<Name, Run>>;
export type VectorExports = Exports<'fill' | 'scal' | 'mul' | 'copy' | 'axpy' | 'ger' | 'dot' | 'gemv' | 'gemvTransposed'>;
export type GemmExports = Exports<'gemm' | 'pack' | 'packAndMultiply' | 'transpose' | 'mirror'>;
export type SparseExports = Exports<'sddmm' | 'sddmmPair' | 'spmm' | 'zero'>;
export type ResidualExports = Exports<'pack' | 'part' | 'unpack'>;
export type NormalEquationsExports = Exports<'solve' | 'solveWeighted'>;
export type TriangularExports = Exports<'widen' | 'narrow' | 'factor' | 'solve'>;
export type ReflectionExports = Exports<'reflect' | 'magnitudes' | 'scaleColumns'>;
export type EigenExports = Exports<'symv' | 'rotateRows' | 'secular' | 'gaps' | 'weigh' | 'direction'>;
export type RankOneExports = Exports<'pack' | 'rankOneRows' | 'gather'>;
export type PhaseExports = Exports<'fill' | 'axpy' | 'phaseRows' | 'split' | 'merge'>;
export type SensingExports = Exports<'residualRows' | 'curvatureRows' | 'imageRows' | 'normals' | 'lattice' | 'seededRows'>;

/** Parts for each thread at most: so few that they cost nothing, so many that a thread that is held up leaves its share to others. */
const partsForThread = 4;

/** A module, and its bytes where other threads have to compile it, too. */
interface Compiled {
  readonly module: WebAssembly.Module;
  readonly code: Uint8Array | undefined;
}
const compiled = new Map<string, Compiled>();
let note = '';

function compile(key: string, shared: boolean, make: () => Assembly): Compiled {
  const name = `${key} ${shared}`;
  let made = compiled.get(name);
  if (made === undefined) {
    const code = make().assemble({ note, shared });
    made = { module: new WebAssembly.Module(code), code: shared ? code : undefined };
    compiled.set(name, made);
  }
  return made;
}

/** Forgets the compiled modules, so that new libraries compile theirs anew, under this name: after the engine's flags have changed. */
export function forgetModules(name: string): void {
  compiled.clear();
  note = name;
}
/** The name under which modules are compiled now. */
export const modulesName = (): string => note;

export class Library {
  readonly #arena: Arena;
  readonly #crew: Crew | undefined;
  /** The bytes of the modules, by their exports, for the threads of a pool. */
  readonly #codes = new Map<object, Uint8Array>();
  readonly #dtype: Dtype;
  readonly #relaxed: boolean;
  readonly #sparse: SparseExports[] = [];
  readonly #residual: ResidualExports[] = [];
  readonly #observed: Partial<Record<ObservedName, { readonly run: Run }>>[] = [];
  #vector: VectorExports | undefined;
  #gemm: GemmExports | undefined;
  #triangular: TriangularExports | undefined;
  #normalEquations: NormalEquationsExports | undefined;
  #sensing: SensingExports | undefined;
  #rankOne: RankOneExports | undefined;
  #phase: PhaseExports | undefined;
  #eigen: EigenExports | undefined;
  #reflection: ReflectionExports | undefined;

  constructor(arena: Arena, dtype: Dtype, relaxed: boolean, crew?: Crew) {
    this.#arena = arena;
    this.#crew = crew;
    this.#dtype = dtype;
    this.#relaxed = relaxed;
  }

  get vector(): VectorExports {
    return (this.#vector ??= this.#instance<VectorExports>('vector', () => vectorModule(this.#dtype, this.#relaxed)));
  }
  get gemm(): GemmExports {
    return (this.#gemm ??= this.#instance<GemmExports>('gemm', () => gemmModule(this.#dtype, this.#relaxed, this.#paced())));
  }
  get normalEquations(): NormalEquationsExports {
    return (this.#normalEquations ??= this.#instance<NormalEquationsExports>('normal equations', () => normalEquationsModule(this.#dtype, pivotCut)));
  }
  get triangular(): TriangularExports {
    return (this.#triangular ??= this.#instance<TriangularExports>('triangular', () => triangularModule(this.#dtype)));
  }
  get eigen(): EigenExports {
    return (this.#eigen ??= this.#instance<EigenExports>('eigen', eigenModule));
  }
  get reflection(): ReflectionExports {
    return (this.#reflection ??= this.#instance<ReflectionExports>('reflection', reflectionModule));
  }
  get rankOne(): RankOneExports {
    return (this.#rankOne ??= this.#instance<RankOneExports>('rank one', () => rankOneModule(this.#dtype, this.#relaxed, this.#paced())));
  }
  get phase(): PhaseExports {
    return (this.#phase ??= this.#instance<PhaseExports>('phase', () => phaseModule(this.#dtype, this.#relaxed)));
  }
  get sensing(): SensingExports {
    return (this.#sensing ??= this.#instance<SensingExports>('sensing', () => sensingModule(this.#dtype, this.#relaxed)));
  }
  /** The kernels made for this rank, where it is small, else those for any rank. */
  sparse(rank: number): SparseExports {
    const made = rank <= unrolledRank ? rank : 0;
    return (this.#sparse[made] ??= this.#instance<SparseExports>(`sparse ${made}`, () => sparseModule(this.#dtype, this.#relaxed, made)));
  }

  /** For this rank of both factors, or for any. */
  residual(rank: number): ResidualExports {
    const inOrder = keepsOrder();
    const made = inOrder && rank <= writtenOut ? rank : 0;
    return (this.#residual[made] ??= this.#instance<ResidualExports>(`residual ${made}`, () => residualModule(this.#dtype, this.#relaxed, { rank: made, paced: this.#paced(), inOrder })));
  }

  /** One function of those over observed entries, ranks as in `sparse`. */
  observed(rank: number, name: ObservedName): { readonly run: Run } {
    const made = rank <= unrolledRank ? rank : 0;
    const functions = (this.#observed[made] ??= {});
    return (functions[name] ??= this.#instance<{ readonly run: Run }>(`observed ${name} ${made}`, () => observedModule(this.#dtype, this.#relaxed, made, name)));
  }

  /**
   * For a loop over parts that write nothing in common, with `flops` in all: these functions where the work is too small to be shared or
   * there is no pool, else twins of theirs that put the call on the list of the pool. `join` then makes the calls, on all threads.
   *
   * Between the two nothing may read what the calls write, or ask for memory.
   *
   * @throws LOWLAND_E_THREADS once a worker of the pool has failed
   */
  parts<E extends Exports<string>>(functions: E, flops: number): E {
    this.#crew?.requireWhole();
    return this.shares(flops) ? (this.#crew!.listed(functions, this.#codes.get(functions)!) as E) : functions;
  }

  /** Whether there is a pool, and so much work is worth sharing. */
  shares(flops: number): boolean {
    return this.#crew !== undefined && flops >= 2 * this.#crew.grain;
  }

  /** Into how many parts of like size so much work is cut: as many for each thread; 1 where it is not shared. */
  partCount(flops: number): number {
    if (!this.shares(flops)) return 1;
    const { grain, threads } = this.#crew!;
    const grains = Math.floor(flops / grain);
    return grains < threads ? grains : threads * Math.min(partsForThread, Math.ceil(grains / threads));
  }

  /** Of `count` steps with `flops` in all: how many make a part, by whole multiples; all of them where the work is not shared. */
  partOf(count: number, flops: number, multiple = 1): number {
    return this.shares(flops) ? multiple * Math.ceil(count / (multiple * this.partCount(flops))) : count;
  }

  /** Makes the calls on the list: after it all parts are done. */
  join(): void {
    this.#crew?.join();
  }

  /** Whether loops are better for loads that nobody needs (`residual-module.ts`): not those of few operations, each for more. */
  #paced(): boolean {
    return !this.#relaxed && note === '';
  }

  #instance<E extends Exports<string>>(family: string, make: () => Assembly): E {
    const { memory, shared } = this.#arena;
    const { module, code } = compile(`${family} ${this.#dtype} ${this.#relaxed}`, shared, make);
    const functions = new WebAssembly.Instance(module, { env: { memory, scratch: scratchAt } }).exports as E;
    if (code !== undefined) this.#codes.set(functions, code);
    return functions;
  }
}
