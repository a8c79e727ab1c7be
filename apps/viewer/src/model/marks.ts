import type { SliceRequest } from '../engine/protocol.ts';
import type { StationaryView } from './types.ts';

/** Of the stationary points that were found those with so many variables. */
export const marksOf = (found: StationaryView | null, variables: number): NonNullable<SliceRequest['marks']> =>
  (found?.points ?? []).flatMap(({ point, kind }, k) => (point?.length === variables ? [{ point, kind, label: String(k + 1) }] : []));
