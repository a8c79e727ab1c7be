/** A memory with the functions compiled for it, and the threads that share it, if there are any. */
import type { Dtype } from '@lowland/core';

import type { Crew } from '../threads/crew.ts';
import type { Arena } from './arena.ts';
import { Library, modulesName } from './library.ts';

export class Site {
  readonly arena: Arena;
  readonly crew: Crew | undefined;
  readonly #libraries = new Map<string, Library>();

  constructor(arena: Arena, crew?: Crew) {
    this.arena = arena;
    this.crew = crew;
  }

  /** The functions of one number type and variant, compiled anew once the engine's flags have changed. */
  library(dtype: Dtype, relaxed: boolean): Library {
    const key = `${dtype} ${relaxed} ${modulesName()}`;
    let library = this.#libraries.get(key);
    if (library === undefined) {
      library = new Library(this.arena, dtype, relaxed, this.crew);
      this.#libraries.set(key, library);
    }
    return library;
  }
}
