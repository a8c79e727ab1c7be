/** How a section is looked at: what can be changed without computing it anew. */
import type { RampName } from '../draw/ramp.ts';
import type { Spacing } from './levels.ts';

export interface SliceLook {
  readonly view: 'flat' | 'surface';
  readonly ramp: RampName;
  readonly spacing: Spacing;
  /** Share of the values that are drawn at their own height; what is higher is drawn as high as the highest of these. */
  readonly share: number;
  readonly colour: 'height' | 'regions';
}

export const firstLook: SliceLook = { view: 'flat', ramp: 'viridis', spacing: 'low', share: 0.85, colour: 'height' };
