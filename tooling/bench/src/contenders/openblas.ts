/**
 * OpenBLAS itself, called by hand: gemm, and the gradient of a factorisation in its three products, R = U V^T - M over a copy of M, R V
 * and R^T U, with one dot product for the value.
 */
import type { NodeContender } from './contender.ts';
import { throughKernels, upload } from './device.ts';
import { systemBlas } from './system-blas.ts';
import { squaredNorm } from '../tasks/values.ts';

export const openblas: NodeContender = {
  name: 'openblas',
  language: 'node',
  kinds: ['gemm', 'factorisation-gradient'],
  dtypes: ['f64', 'f32'],
  threaded: true,
  async open({ threads, dtype }) {
    const { backend, version } = systemBlas(threads, dtype);
    const device = await backend.open();
    const { copy, dot, gemm } = device.kernels;
    return {
      version,
      preparers: {
        ...throughKernels(device),
        'factorisation-gradient': ({ rows, cols, rank }, { target, u, v }) => {
          const [m, residual] = [upload(device, rows, cols, target), upload(device, rows, cols)];
          const [left, right] = [upload(device, rows, rank, u), upload(device, cols, rank, v)];
          const [leftGradient, rightGradient, square] = [upload(device, rows, rank), upload(device, cols, rank), upload(device, 1, 1)];
          return {
            run(times) {
              for (let i = 0; i < times; i += 1) {
                copy(m, residual);
                gemm('N', 'T', 1, left, right, -1, residual);
                dot(residual, residual, square);
                gemm('N', 'N', 1, residual, right, 0, leftGradient);
                gemm('T', 'N', 1, residual, left, 0, rightGradient);
              }
            },
            values: async () => [
              (await device.scalar(square)) / 2,
              squaredNorm(await device.read(leftGradient)) + squaredNorm(await device.read(rightGradient)),
            ],
          };
        },
      },
    };
  },
};
