/** A run that was read from files: it does not go on, but can be looked at as far as its files say what it was. */
import type { CertificateDocument } from '@lowland/landscape/checker';
import { type ReadonlySignal, signal } from '@preact/signals';

import type { Kept, Way } from '../engine/protocol.ts';
import type { Composition } from './composition.ts';
import { keptAt, type Shown, wayOf } from './shown.ts';
import type { RunView, SnapshotView } from './types.ts';

export interface FileRunParts {
  readonly view: RunView;
  readonly snapshots: readonly SnapshotView[];
  /** The last point, where its blocks were among the files. */
  readonly point: Float64Array | null;
  /** What the run was made of; null where the files do not say so, or its data are a file of their own. */
  readonly composition: Composition | null;
  /** Position of its method in the composition; default 0. */
  readonly method?: number;
  /** Points on the way, where there are more than the last one. */
  readonly kept?: readonly Kept[];
  /** What came with it, to be checked. */
  readonly certificate?: CertificateDocument | null;
}

export class FileRun implements Shown {
  readonly composition: Composition | null;
  readonly method: number;
  readonly certificate: CertificateDocument | null;
  readonly #view;
  readonly #kept: readonly Kept[];

  constructor({ view, snapshots, point, composition, method = 0, kept, certificate = null }: FileRunParts) {
    this.method = method;
    this.composition = composition;
    this.certificate = certificate;
    this.#view = signal(view);
    const last = snapshots.at(-1);
    this.#kept = kept ?? (point === null || last === undefined ? [] : [{ ...last, point }]);
  }

  get view(): ReadonlySignal<RunView> {
    return this.#view;
  }

  /** More of a run that goes on elsewhere. */
  update(part: Partial<RunView>): void {
    this.#view.value = { ...this.#view.value, ...part };
  }

  keptAt(iteration: number | null): Kept | undefined {
    return keptAt(this.#kept, iteration);
  }

  way(): Way {
    return wayOf(this.#view.value.id, this.#kept);
  }
}
