import type { MaybePromise } from './device.ts';

/** Asks for `then`, not for the class: promises of another realm (frames, test runners) are no `instanceof Promise`. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
