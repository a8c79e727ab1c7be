import type { Device, Kernels } from '@lowland/core';

/**
 * A device of the cpu with some kernels replaced, for backends that have faster ones: `replace` gets what the device has. Replacements find
 * what lies behind handles with `hostMatrix` and `hostVector`.
 */
export function withKernels(device: Device, replace: (own: Kernels) => Partial<Kernels>): Device {
  const kernels: Kernels = { ...device.kernels, ...replace(device.kernels) };
  return Object.create(device, { kernels: { value: kernels, enumerable: true } }) as Device;
}
