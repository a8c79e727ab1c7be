import { type Dtype, unitRoundoff } from '@lowland/core';

/** What is remembered of the run to tell rounding from progress: squared norms of the gradient. */
export interface FloorMemory {
  largest: number;
  lowest: number;
  sinceLowest: number;
}

export const noFloorYet: FloorMemory = { largest: 0, lowest: Infinity, sinceLowest: 0 };

/** Whether a gradient of this squared norm is rounding: below 32 u times the largest one met. */
export function isRounding(square: number, largest: number, dtype: Dtype): boolean {
  return square <= (32 * unitRoundoff[dtype]) ** 2 * largest;
}

/**
 * Whether the run stands at its rounding floor. Searches do not always fail there: noise can look like progress for ever.
 *
 * It stands when no lower gradient was found for 20 steps while the gradient is below 32 u times the largest one met, or
 * for 200 steps while the predicted decrease is below 4 eps |f|. (There gradients still fall for long, and not at every
 * step: on completions of condition 100 the longest wait for a lower one was 100 steps.)
 */
export function atFloor(memory: FloorMemory, square: number, predicted: number, value: number, dtype: Dtype): boolean {
  memory.largest = Math.max(memory.largest, square);
  const gradientIsRounding = isRounding(square, memory.largest, dtype);
  const valuesCannotTell = predicted <= 8 * unitRoundoff[dtype] * Math.abs(value);
  if (square < memory.lowest || !(gradientIsRounding || valuesCannotTell)) memory.sinceLowest = 0;
  else memory.sinceLowest++;
  memory.lowest = Math.min(memory.lowest, square);
  return memory.sinceLowest >= (gradientIsRounding ? 20 : 200);
}
