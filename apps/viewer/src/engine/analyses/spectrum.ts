import { spectrum, type Spectrum } from '@lowland/landscape';

import type { SpectrumView } from '../../model/types.ts';
import type { Standpoint } from '../protocol.ts';
import type { Stand } from './stand.ts';

export async function spectrumAt(stand: Stand, { run, iteration }: Standpoint, seed: number): Promise<SpectrumView> {
  const found = await stand.look<Spectrum>(spectrum(), seed);
  const { variables, group, deflated, gradientNorm, eigenvalues, smallest, largest, threshold, signs, density, trace, products } = found;
  return {
    run, iteration, variables, group, deflated, gradientNorm, eigenvalues, smallest, largest, threshold, signs, density, products,
    trace: trace && { value: trace.value, standardError: trace.standardError },
  };
}
