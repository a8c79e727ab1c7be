/** Where the noise of Langevin dynamics comes from. */
import { choice, type Device, type KernelName, type NoiseRule, type StreamKey, type Vec } from '@lowland/core';

export const noiseOption = choice(['normal', 'lattice'], {
  default: 'normal',
  summary: 'Where xi comes from: standard normals, or the lattice rule, which GPUs draw too: mean 0, variance 1, kurtosis 2.98, not exactly normal.',
});

/** Kernels that a method names for it beyond the base set. */
export const noiseKernels = (noise: NoiseRule): { readonly kernels?: readonly KernelName[] } => (noise === 'lattice' ? { kernels: ['latticeNormal'] } : {});

/** What draws it on a device. */
export const drawnBy = ({ kernels }: Device, noise: NoiseRule): ((key: StreamKey, out: Vec) => void) => (noise === 'lattice' ? kernels.latticeNormal! : kernels.normal);
