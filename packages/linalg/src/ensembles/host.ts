/** The kernels of ensembles on the host, for devices whose numbers it reaches at once. */
import { type Device, type Dtype, type ExtraKernels, latticeNormals, LowlandError, type Memory, type NoiseRule, type Vec } from '@lowland/core';

import type { FactoredEnsemble } from './contract.ts';
import type { Family } from './family.ts';
import { factorization } from './factorization.ts';
import { phaseRetrieval } from './phase-retrieval.ts';
import type { Heap } from './heap.ts';
import type { Draw } from './methods.ts';
import { f32, f64 } from './rounding.ts';
import { restless, runEnsemble } from './run.ts';
import { sensing } from './sensing.ts';
import { createHeap, vectorLanes } from './wasm-heap.ts';

/** Kernels of ensembles. */
export type EnsembleKernels = Pick<ExtraKernels, 'ensemble/factorization' | 'ensemble/sensing' | 'ensemble/phase-retrieval'>;

/**
 * The kernels `ensemble/…` for a device that reads at once, in its number type: f64, or f32 with every operation rounded. One thread;
 * problems of any size that memory has room for.
 *
 * @throws LOWLAND_E_ENSEMBLE when called, where it has not
 * @throws LOWLAND_E_DEVICE for a device whose reads are promises
 */
export function hostEnsembles(device: Device): EnsembleKernels {
  if (!device.sync) throw new LowlandError('LOWLAND_E_DEVICE', 'Ensembles on the host need a device that reads at once, such as those of the backend "cpu"; one whose reads are promises was given.');
  const round = device.dtype === 'f32' ? f32 : f64;
  const read = (x: Vec): Float64Array => {
    const numbers = device.read(x);
    if (numbers instanceof Float64Array) return numbers;
    throw new LowlandError('LOWLAND_E_DEVICE', 'A device that says it reads at once gave a promise.');
  };
  /** `items` of a run that each evaluation goes through. */
  const run = (ensemble: FactoredEnsemble, items: number, family: (heap: Heap) => Family): void => {
    const states = read(ensemble.states);
    const numbers = { coefficients: read(ensemble.coefficients), parameters: read(ensemble.parameters), limits: read(ensemble.limits), states };
    const heap = createHeap(device.dtype, lanesFor(restless(ensemble, states).length, items, device.dtype));
    using memory = device.memory();
    runEnsemble(ensemble, family(heap), heap, numbers, round, drawnBy(device, memory, ensemble.noise));
    device.write(ensemble.states, states);
  };
  return {
    'ensemble/factorization': (ensemble, targets) => {
      const { rows, cols, count } = ensemble;
      requireData('targets', targets, rows * cols, count);
      run(ensemble, rows * cols, (heap) => factorization(ensemble, read(targets), heap));
    },
    'ensemble/sensing': (ensemble, measurements, matrices, data) => {
      const { rows, cols, count } = ensemble;
      requireData('matrices', matrices, measurements * rows * cols, count);
      requireData('data', data, measurements, count);
      const each = matrices.length === measurements * rows * cols ? 0 : matrices.length / count;
      run(ensemble, each, (heap) => sensing(ensemble, measurements, read(matrices), read(data), heap));
    },
    'ensemble/phase-retrieval': (ensemble, measurements, complex, smoothing, vectors, data) => {
      const { rows, count } = ensemble;
      requireData('vectors', vectors, measurements * rows, count);
      requireData('data', data, measurements, count);
      // as the device holds numbers
      const each = vectors.length === measurements * rows ? 0 : vectors.length / count;
      run(ensemble, each, (heap) => phaseRetrieval(rows, complex, round(smoothing), measurements, read(vectors), read(data), heap, round));
    },
  };
}

/** Items that stay near the processor for all lanes; vectors of lanes that are enough, of fewer than twice as many at most. */
const [nearItems, enoughVectors] = [2048, 4] as const;

/** Runs side by side, in whole vectors, so that few lanes are without a run in the last round. */
function lanesFor(count: number, items: number, dtype: Dtype): number {
  const enough = Math.max(1, Math.min(enoughVectors, Math.floor(nearItems / Math.max(1, items))));
  const vectors = Math.max(1, Math.ceil(count / vectorLanes(dtype)));
  return vectorLanes(dtype) * Math.ceil(vectors / Math.max(1, Math.floor(vectors / enough)));
}

function requireData(name: string, given: Vec, size: number, count: number): void {
  if (given.length === size || given.length === count * size) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `The ${name} of ${count} problems have ${size} numbers, or ${size} for each; ${given.length} were given.`);
}

/** Numbers of streams by the device's own kernels, which are faster than the host. */
function drawnBy(device: Device, memory: Memory, rule: NoiseRule): Draw {
  const { normal, latticeNormal } = device.kernels;
  const draw = rule === 'normal' ? normal : latticeNormal;
  if (draw === undefined) return latticeNormals;
  const vectors = new Map<number, Vec>();
  return (key, out) => {
    const vector = vectors.get(out.length) ?? memory.vector(out.length);
    vectors.set(out.length, vector);
    draw(key, vector);
    out.set(device.read(vector) as Float64Array);
  };
}
