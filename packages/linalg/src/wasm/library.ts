/**
 * Kernels compiled for one memory. Modules are made when first asked for, once per process for each kernel family, number type and
 * variant; instances once per memory.
 */
import type { Dtype } from '@lowland/core';

import type { Assembly } from './asm.ts';
import type { Arena } from './arena.ts';
import { eigenModule } from './eigen-module.ts';
import { gemmModule } from './gemm-module.ts';
import { sparseModule, unrolledRank } from './sparse-module.ts';
import { triangularModule } from './triangular-module.ts';
import { vectorModule } from './vector-module.ts';

/** Exported functions take and give numbers; addresses and counts are 32-bit. */
type Exports<Name extends string> = Readonly<Record<Name, (...args: number[]) => number>>;
export type VectorExports = Exports<'fill' | 'scal' | 'mul' | 'copy' | 'axpy' | 'ger' | 'dot' | 'gemv' | 'gemvTransposed'>;
export type GemmExports = Exports<'gemm' | 'pack' | 'transpose' | 'mirror'>;
export type SparseExports = Exports<'sddmm' | 'spmm' | 'zero'>;
export type TriangularExports = Exports<'widen' | 'narrow' | 'factor' | 'solve'>;
export type EigenExports = Exports<'symv'>;

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
  #vector: VectorExports | undefined;
  #gemm: GemmExports | undefined;
  #triangular: TriangularExports | undefined;
  #eigen: EigenExports | undefined;

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
  get triangular(): TriangularExports {
    return (this.#triangular ??= this.#instance<TriangularExports>('triangular', () => triangularModule(this.#dtype)));
  }
  get eigen(): EigenExports {
    return (this.#eigen ??= this.#instance<EigenExports>('eigen', eigenModule));
  }
  /** The kernels made for this rank, where it is small, else those for any rank. */
  sparse(rank: number): SparseExports {
    const made = rank <= unrolledRank ? rank : 0;
    return (this.#sparse[made] ??= this.#instance<SparseExports>(`sparse ${String(made)}`, () => sparseModule(this.#dtype, this.#relaxed, made)));
  }

  #instance<E>(family: string, make: () => Assembly): E {
    const module = compile(`${family} ${this.#dtype} ${String(this.#relaxed)}`, make);
    return new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as E;
  }
}
