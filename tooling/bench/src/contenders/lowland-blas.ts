/** Lowland on the system's BLAS and LAPACK. */
import type { NodeContender } from './contender.ts';
import { throughObjectives } from './device.ts';
import { systemBlas } from './system-blas.ts';

export const lowlandBlas: NodeContender = {
  name: 'lowland blas',
  language: 'node',
  kinds: ['factorisation-gradient', 'factorisation-descent', 'completion-descent', 'sensing-descent', 'eigen', 'qr', 'svd'],
  dtypes: ['f64', 'f32'],
  threaded: true,
  async open({ threads, dtype }) {
    const { backend, version, decompositions } = systemBlas(threads, dtype);
    return { version: `@lowland/blas, ${version}`, preparers: { ...throughObjectives(backend), ...decompositions } };
  },
};
