/** An objective of few variables as plain functions on host arrays. */
import { type Context, LowlandError } from '@lowland/core';
import { matrix, type Matrix, norm, symmetricEigen } from '@lowland/linalg';

export interface HostTerrain {
  readonly size: number;
  readonly value: (x: Float64Array) => number;
  readonly gradient: (x: Float64Array) => Float64Array;
  /** By one Hessian-vector product a column, symmetrised. */
  readonly hessian: (x: Float64Array) => Matrix;
  /** Eigenvalues of the Hessian, descending, and eigenvectors, one a column: all of them, or those across the orbit through x. */
  readonly modes: (x: Float64Array) => { readonly values: Float64Array; readonly vectors: Matrix };
  /** |x - y|, or from x to the orbit of y. */
  readonly distance: (x: Float64Array, y: Float64Array) => number;
}

const mostVariables = 200;

/** @throws LOWLAND_E_SHAPE beyond 200 variables, where a dense Hessian at every step is no longer small */
export function hostTerrain({ problem, device, scratch }: Context<'value' | 'gradient' | 'hessianVectorProduct'>, size: number, analysis: string): HostTerrain {
  if (size > mostVariables) throw new LowlandError('LOWLAND_E_SHAPE', `"${analysis}" forms Hessians, for ${mostVariables} variables at most; this objective has ${size}.`, { details: { expected: mostVariables, given: size } });
  const [x, v, image, number] = [scratch(size), scratch(size), scratch(size), scratch(1)];
  const terrain: HostTerrain = {
    size,
    modes: (at) => symmetricEigen(terrain.hessian(at)),
    distance: (a, b) => norm(a.map((entry, i) => entry - b[i]!)),
    value(at) {
      device.write(x, at);
      problem.value(x, number);
      return device.scalar(number) as number;
    },
    gradient(at) {
      device.write(x, at);
      problem.gradient(x, image);
      return (device.read(image) as Float64Array).slice();
    },
    hessian(at) {
      device.write(x, at);
      const columns = matrix(size, size);
      const unit = new Float64Array(size);
      for (let k = 0; k < size; k++) {
        unit[k] = 1;
        device.write(v, unit);
        unit[k] = 0;
        problem.hessianVectorProduct(x, v, image);
        columns.data.set(device.read(image) as Float64Array, k * size);
      }
      const out = matrix(size, size);
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) out.data[i * size + j] = (columns.data[i * size + j]! + columns.data[j * size + i]!) / 2;
      return out;
    },
  };
  return terrain;
}
