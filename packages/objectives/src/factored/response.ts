import { LowlandError, streamKey, uniforms } from '@lowland/core';
import { scalarLosses } from '@lowland/linalg';

/** What is seen of a measured number z: itself, a label, or a count. */
export type Response = 'value' | 'label' | 'count of mean e^z' | 'count of mean z';

/** Counts of larger means take too long to draw one by one. */
const largestMean = 1e6;

/**
 * Labels, 1 with the probability 1/(1 + e^-z), or Poisson counts of mean e^z or max(0, z), in place of the numbers z; from the stream (seed, `response`, k) for
 * measurement k. Counts are drawn by Knuth's products of uniforms, their mean and one of them on average.
 *
 * @throws LOWLAND_E_OPTIONS for a mean above 10^6
 */
export function respond(response: Response, z: Float64Array, seed: number): Float64Array {
  if (response === 'value') return z;
  if (response === 'label') {
    const draws = new Float64Array(z.length);
    uniforms(streamKey(seed, 'response'), draws);
    return z.map((value, k) => Number(draws[k]! < scalarLosses.logistic.first(value, 0, 0)));
  }
  const meanOf = (value: number): number => (response === 'count of mean z' ? Math.max(0, value) : scalarLosses.poisson.second(value, 0, 0));
  return z.map((value, k) => poissonCount(meanOf(value), seed, k));
}

/** The number of unit-rate arrivals before `mean`: sums of exponentials, compared as products of uniforms, restarted before they underflow. */
function poissonCount(mean: number, seed: number, k: number): number {
  if (!(mean <= largestMean)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `Counts of mean ${mean} are too large to be drawn; plant a matrix of smaller entries.`, { details: { measurement: k, mean } });
  }
  const draws = new Float64Array(64);
  let left = mean;
  let count = -1;
  let product = 1;
  for (let offset = 0; ; offset += draws.length) {
    uniforms(streamKey(seed, 'response', k), draws, offset);
    for (const u of draws) {
      count++;
      product *= u;
      // e^500 is paid back whenever the product is small: it stays a normal number.
      while (left > 0 && product < 1) {
        const paid = Math.min(left, 500);
        product *= scalarLosses.poisson.second(paid, 0, 0);
        left -= paid;
      }
      if (product < 1) return count;
    }
  }
}
