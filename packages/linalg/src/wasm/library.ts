/**
 * Kernels compiled for one memory. Modules are made when first asked for, once per process for each kernel family, number type and
 * variant; instances once per memory.
 */
import type { Dtype } from '@lowland/core';

import { pivotCut } from '../cpu/small-solves.ts';
import type { Assembly } from './asm.ts';
import type { Arena } from './arena.ts';
import { eigenModule } from './eigen-module.ts';
import { gemmModule } from './gemm-module.ts';
import { normalEquationsModule } from './normal-equations-module.ts';
import { observedModule, type ObservedName } from './observed-module.ts';
import { residualModule } from './residual-module.ts';
import { reflectionModule } from './reflection-module.ts';
import { rankOneModule } from './rank-one-module.ts';
import { sensingModule } from './sensing-module.ts';
import { sparseModule, unrolledRank } from './sparse-module.ts';
import { triangularModule } from './triangular-module.ts';
import { vectorModule } from './vector-module.ts';

/** Exported functions take and give numbers; addresses and counts are 32-bit. */
export type Run = (...args: number[]) => number;
type Exports<Name extends string> = Readonly<Record<Name, Run>>;
export type VectorExports = Exports<'fill' | 'scal' | 'mul' | 'copy' | 'axpy' | 'ger' | 'dot' | 'gemv' | 'gemvTransposed'>;
export type GemmExports = Exports<'gemm' | 'pack' | 'transpose' | 'mirror'>;
export type SparseExports = Exports<'sddmm' | 'spmm' | 'zero'>;
export type ResidualExports = Exports<'pack' | 'part' | 'unpack'>;
export type NormalEquationsExports = Exports<'solve' | 'solveWeighted'>;
export type TriangularExports = Exports<'widen' | 'narrow' | 'factor' | 'solve'>;
export type ReflectionExports = Exports<'reflect' | 'magnitudes' | 'scaleColumns'>;
export type EigenExports = Exports<'symv' | 'rotateRows' | 'secular' | 'gaps' | 'weigh' | 'direction'>;
export type RankOneExports = Exports<'pack' | 'rankOneRows' | 'gather'>;
export type SensingExports = Exports<'residualRows' | 'curvatureRows' | 'imageRows' | 'normals' | 'seededRows'>;

const compiled = new Map<string, WebAssembly.Module>();
let note = '';

function compile(key: string, make: () => Assembly): WebAssembly.Module {
  let module = compiled.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(make().assemble(note));
    compiled.set(key, module);
  }
  return module;
}

/** Forgets the compiled modules, so that new libraries compile theirs anew, under this name: after the engine's flags have changed. */
export function forgetModules(name: string): void {
  compiled.clear();
  note = name;
}

export class Library {
  readonly #memory: WebAssembly.Memory;
  readonly #dtype: Dtype;
  readonly #relaxed: boolean;
  readonly #sparse: SparseExports[] = [];
  readonly #observed: Partial<Record<ObservedName, Run>>[] = [];
  #vector: VectorExports | undefined;
  #gemm: GemmExports | undefined;
  #triangular: TriangularExports | undefined;
  #normalEquations: NormalEquationsExports | undefined;
  #residual: ResidualExports | undefined;
  #sensing: SensingExports | undefined;
  #rankOne: RankOneExports | undefined;
  #eigen: EigenExports | undefined;
  #reflection: ReflectionExports | undefined;

  constructor(arena: Arena, dtype: Dtype, relaxed: boolean) {
    this.#memory = arena.memory;
    this.#dtype = dtype;
    this.#relaxed = relaxed;
  }

  get vector(): VectorExports {
    return (this.#vector ??= this.#instance<VectorExports>('vector', () => vectorModule(this.#dtype, this.#relaxed)));
  }
  get gemm(): GemmExports {
    return (this.#gemm ??= this.#instance<GemmExports>('gemm', () => gemmModule(this.#dtype, this.#relaxed)));
  }
  get residual(): ResidualExports {
    return (this.#residual ??= this.#instance<ResidualExports>('residual', () => residualModule(this.#dtype, this.#relaxed)));
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
    return (this.#rankOne ??= this.#instance<RankOneExports>('rank one', () => rankOneModule(this.#dtype, this.#relaxed)));
  }
  get sensing(): SensingExports {
    return (this.#sensing ??= this.#instance<SensingExports>('sensing', () => sensingModule(this.#dtype, this.#relaxed)));
  }
  /** The kernels made for this rank, where it is small, else those for any rank. */
  sparse(rank: number): SparseExports {
    const made = rank <= unrolledRank ? rank : 0;
    return (this.#sparse[made] ??= this.#instance<SparseExports>(`sparse ${String(made)}`, () => sparseModule(this.#dtype, this.#relaxed, made)));
  }

  /** One function of those over observed entries, ranks as in `sparse`. */
  observed(rank: number, name: ObservedName): Run {
    const made = rank <= unrolledRank ? rank : 0;
    const functions = (this.#observed[made] ??= {});
    return (functions[name] ??= this.#instance<{ readonly run: Run }>(`observed ${name} ${String(made)}`, () => observedModule(this.#dtype, this.#relaxed, made, name)).run);
  }

  #instance<E>(family: string, make: () => Assembly): E {
    const module = compile(`${family} ${this.#dtype} ${String(this.#relaxed)}`, make);
    return new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as E;
  }
}
