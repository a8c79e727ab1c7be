import type { CertificateDocument } from '@lowland/landscape/checker';
import type { ReadonlySignal } from '@preact/signals';

import type { Kept, Standpoint, Way } from '../engine/protocol.ts';
import type { Composition } from './composition.ts';
import type { RunView } from './types.ts';

/** What panels show: a run of this page, or one from files. */
export interface Shown {
  readonly view: ReadonlySignal<RunView>;
  /** Null where it is not known what made it. */
  readonly composition: Composition | null;
  readonly method: number;
  /** A certificate that came with it; null: one is made of its last point where it is asked for. */
  readonly certificate: CertificateDocument | null;
  /** The kept point at or before an iteration; null: the last. */
  keptAt(iteration: number | null): Kept | undefined;
  way(): Way;
}

/** Where a kept point of a run stands. */
export const standpointOf = ({ method, view }: Shown, composition: Composition, { point, iteration }: Kept): Standpoint => ({ composition, method, point, run: view.value.id, iteration });

/** At or before an iteration; without one the last. */
export function keptAt(all: readonly Kept[], iteration: number | null): Kept | undefined {
  return iteration === null ? all.at(-1) : (all.findLast((kept) => kept.iteration <= iteration) ?? all[0]);
}

export function wayOf(run: string, kept: readonly Kept[]): Way {
  return { run, iteration: Float64Array.from(kept, ({ iteration }) => iteration), value: Float64Array.from(kept, ({ value }) => value), points: kept.map(({ point }) => point) };
}
