/** How a person looks at what has run: kept in the address with the rest. */
import type { Direction } from '../engine/protocol.ts';
import { firstLook, type SliceLook } from '../panels/slice/look.ts';

export interface View extends SliceLook {
  /** The iteration at the scrubber; null: where each run is. */
  readonly at: number | null;
  /** The run that slices, spectra and regions are about: its position. */
  readonly run: number;
  readonly first: Direction;
  readonly second: Direction | 'none';
  readonly radius: number;
  readonly grid: number;
  readonly sliceSeed: number;
  /** Whether sections go through the point of the run, or through zero. */
  readonly centre: 'point' | 'zero';
  /** Whether the critical points of sections are looked for. */
  readonly critical: boolean;
  /** The scene that is open; empty: none. */
  readonly scene: string;
}

export const defaultView: View = { ...firstLook, at: null, run: 0, first: 'trajectory', second: 'trajectory', radius: 1.2, grid: 65, sliceSeed: 0, centre: 'point', critical: false, scene: '' };
