/** A guided terrain: a composition with words, and something to drag. */
import type { Composition } from './composition.ts';
import type { QuantityId } from '../panels/traces/quantities.ts';
import type { View } from './view.ts';

/** A slider that changes the composition; what runs is started anew when it is let go. */
export interface Drag {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Whether the slider goes by factors: `min` and `max` are then the numbers themselves, `step` that of their logarithm. */
  readonly logarithmic?: boolean;
  readonly read: (composition: Composition) => number;
  readonly write: (composition: Composition, value: number) => Composition;
}

export interface Scene {
  /** In the address: lower case with hyphens. */
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly [string, string];
  readonly composition: Composition;
  /** What differs from how the page looks at the start. */
  readonly view?: Partial<View>;
  readonly drags: readonly Drag[];
  /** Panels that matter here, in this order; default all. */
  readonly panels?: readonly PanelId[];
  /** What the traces show at first. */
  readonly traces?: readonly QuantityId[];
  /** A minimum from which the crossing times of the Langevin runs are computed. */
  readonly crossings?: { readonly from: readonly number[] };
  /** Asked for at once, without a click: stationary points, and the options of the search. */
  readonly stationary?: { readonly by: 'connect' | 'all-stationary-points'; readonly options: Readonly<Record<string, unknown>> };
}

export type PanelId = 'basins' | 'crossings' | 'traces' | 'slice' | 'regions' | 'spectrum' | 'singular-values' | 'stationary' | 'verdict' | 'work' | 'plan';
