/** A run that was read from files: it does not go on, but can be looked at as far as its files say what it was. */
import type { CertificateDocument } from '@lowland/landscape/checker';
import { type ReadonlySignal, signal } from '@preact/signals';

import type { Kept, Way } from '../engine/protocol.ts';
import type { Composition } from './composition.ts';
import type { Shown } from './shown.ts';
import type { RunView, SnapshotView } from './types.ts';

export interface FileRunParts {
  readonly view: RunView;
  readonly snapshots: readonly SnapshotView[];
  /** The last point, where its blocks were among the files. */
  readonly point: Float64Array | null;
  /** What the run was made of; null where the files do not say so, or its data are a file of their own. */
  readonly composition: Composition | null;
  /** What came with it, to be checked. */
  readonly certificate?: CertificateDocument | null;
}

export class FileRun implements Shown {
  readonly composition: Composition | null;
  readonly method = 0;
  readonly certificate: CertificateDocument | null;
  readonly #view;
  readonly #last: Kept | undefined;

  constructor({ view, snapshots, point, composition, certificate = null }: FileRunParts) {
    this.composition = composition;
    this.certificate = certificate;
    this.#view = signal(view);
    const last = snapshots.at(-1);
    this.#last = point === null || last === undefined ? undefined : { ...last, point };
  }

  get view(): ReadonlySignal<RunView> {
    return this.#view;
  }

  /** More of a run that goes on elsewhere. */
  update(part: Partial<RunView>): void {
    this.#view.value = { ...this.#view.value, ...part };
  }

  keptAt(): Kept | undefined {
    return this.#last;
  }

  way(): Way {
    const kept = this.#last === undefined ? [] : [this.#last];
    return {
      run: this.#view.value.id,
      iteration: Float64Array.from(kept, ({ iteration }) => iteration),
      value: Float64Array.from(kept, ({ value }) => value),
      points: kept.map(({ point }) => point),
    };
  }
}
