/**
 * Which samples an iteration sees, each a function of the seed and the iteration alone: a resumed run sees the same.
 */
import { type Context, uniforms } from '@lowland/core';

/** The batch of iteration t; valid until the next call. */
export type Batches = (t: number) => Int32Array;

/** Independent samples, uniform with repetition, from the stream (seed, `batch`, t): the gradient is unbiased whatever came before. */
export function independentBatches(random: Context<never>['random'], samples: number, size: number): Batches {
  const drawn = new Float64Array(size);
  const batch = new Int32Array(size);
  return (t) => {
    uniforms(random('batch', t), drawn);
    for (let k = 0; k < size; k++) batch[k] = Math.floor(drawn[k]! * samples);
    return batch;
  };
}

/**
 * Every epoch goes through all samples once, in an order from the stream (seed, `epoch`, its number) by Fisher and Yates; its last batch may be
 * smaller. Less noise than independent batches, and within an epoch not unbiased given its past.
 */
export function epochBatches(random: Context<never>['random'], samples: number, size: number): Batches {
  const order = new Int32Array(samples);
  const drawn = new Float64Array(samples);
  const perEpoch = Math.ceil(samples / size);
  let epoch = -1;
  return (t) => {
    const due = Math.floor(t / perEpoch);
    if (due !== epoch) {
      epoch = due;
      uniforms(random('epoch', epoch), drawn);
      for (let k = 0; k < samples; k++) order[k] = k;
      for (let k = samples - 1; k > 0; k--) {
        const other = Math.floor(drawn[k]! * (k + 1));
        [order[k], order[other]] = [order[other]!, order[k]!];
      }
    }
    const from = (t % perEpoch) * size;
    return order.subarray(from, Math.min(samples, from + size));
  };
}
