/** How a person looks at what has run: kept in the address with the rest. */
import type { Direction } from '../engine/protocol.ts';

export interface View {
  /** The iteration at the scrubber; null: where each run is. */
  readonly at: number | null;
  /** The run that slices, spectra and verdicts are about: its position. */
  readonly run: number;
  readonly first: Direction;
  readonly second: Direction | 'none';
  readonly radius: number;
  readonly grid: number;
  readonly sliceSeed: number;
  readonly regions: boolean;
  /** The scene that is open; empty: none. */
  readonly scene: string;
}

export const defaultView: View = { at: null, run: 0, first: 'trajectory', second: 'trajectory', radius: 1.2, grid: 65, sliceSeed: 0, regions: false, scene: '' };
