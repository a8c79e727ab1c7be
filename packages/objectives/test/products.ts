import type { Device, Kernels } from '@lowland/core';

/** A device that adds up the floating-point operations of its products. */
export function countingProducts(device: Device): { device: Device; flops: () => number } {
  let flops = 0;
  const kernels: Kernels = {
    ...device.kernels,
    gemm(ta, tb, alpha, a, b, beta, out) {
      flops += 2 * out.rows * out.cols * (ta === 'N' ? a.cols : a.rows);
      device.kernels.gemm(ta, tb, alpha, a, b, beta, out);
    },
    posvRight(a, shift, b, out) {
      flops += 2 * b.length * a.cols;
      device.kernels.posvRight(a, shift, b, out);
    },
  };
  return { device: Object.create(device, { kernels: { value: kernels } }) as Device, flops: () => flops };
}
