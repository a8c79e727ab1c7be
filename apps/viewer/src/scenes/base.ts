import { type Chosen, type Composition, defaultLimits } from '../model/composition.ts';
import type { View } from '../model/view.ts';

/** What scenes have in common. */
export const base: Omit<Composition, 'objective' | 'methods'> = { data: null, generate: {}, init: null, backend: { id: 'cpu', options: {} }, seed: 1, limits: defaultLimits, track: [] };

export const fixedSteps = (step: number): Chosen => ({ id: 'gradient-descent', options: { step: { id: 'fixed', options: { step } } } });
export const stepOf = (method: number): readonly (string | number)[] => ['methods', method, 'options', 'step', 'options', 'step'];

/** The plane of the first two variables: of two, the whole landscape. */
export const wholePlane = (radius: number): Partial<View> => ({ first: 'coordinate', second: 'coordinate', centre: 'zero', radius, grid: 129 });
