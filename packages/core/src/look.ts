/**
 * What the driver sees at a point: value, gradient norm, and whether all is finite.
 *
 * Value and gradient are taken from the method's slots where it keeps them, else evaluated. Three numbers lie in one
 * vector, so that an asynchronous device is read once.
 */
import type { Capability, Problem } from './capability.ts';
import type { Device, MaybePromise, Memory, Vec } from './device.ts';

export class Look {
  value = Number.NaN;
  gradientNorm = Number.NaN;
  finite = true;

  readonly #device: Device;
  readonly #oracles: Partial<Problem<Capability>>;
  /** [value, |gradient|^2, |point|^2] */
  readonly #numbers: Vec;
  readonly #valueNumber: Vec;
  readonly #gradient: Vec;

  /** @param device its reads are counted; @param oracles value, gradient and the pair, as far as they are there */
  constructor(device: Device, memory: Memory, length: number, oracles: Partial<Problem<Capability>>) {
    this.#device = device;
    this.#oracles = oracles;
    this.#numbers = memory.vector(3);
    this.#valueNumber = device.view(this.#numbers, 0, 1);
    this.#gradient = memory.vector(length);
  }

  /** Looks at once on a synchronous device. What is not wanted, or cannot be had, is NaN. */
  at(point: Vec, slots: { readonly value?: Vec; readonly gradient?: Vec }, wantsValue: boolean, wantsGradient: boolean): MaybePromise<void> {
    const { sync, kernels } = this.#device;
    const numbers = this.#numbers;
    let value = wantsValue ? slots.value : undefined;
    let gradient = wantsGradient ? slots.gradient : undefined;
    const { value: valueOf, gradient: gradientOf, valueAndGradient } = this.#oracles;
    const lacksValue = wantsValue && value === undefined;
    const lacksGradient = wantsGradient && gradient === undefined;
    if (lacksValue && lacksGradient && valueAndGradient) {
      valueAndGradient(point, this.#valueNumber, this.#gradient);
      value = this.#valueNumber;
      gradient = this.#gradient;
    } else {
      if (lacksValue && valueOf) {
        valueOf(point, this.#valueNumber);
        value = this.#valueNumber;
      }
      if (lacksGradient && gradientOf) {
        gradientOf(point, this.#gradient);
        gradient = this.#gradient;
      }
    }
    kernels.dot(point, point, numbers, 2);
    if (gradient !== undefined) kernels.dot(gradient, gradient, numbers, 1);
    if (sync) {
      this.#take(
        value === undefined ? undefined : (this.#device.scalar(value) as number),
        gradient === undefined ? undefined : (this.#device.scalar(numbers, 1) as number),
        this.#device.scalar(numbers, 2) as number,
      );
      return undefined;
    }
    if (value !== undefined && value !== this.#valueNumber) kernels.copy(value, this.#valueNumber);
    return this.#read(value !== undefined, gradient !== undefined);
  }

  async #read(hasValue: boolean, hasGradient: boolean): Promise<void> {
    const [value, gradient, point] = (await this.#device.read(this.#numbers)) as unknown as [number, number, number];
    this.#take(hasValue ? value : undefined, hasGradient ? gradient : undefined, point);
  }

  #take(value: number | undefined, gradientSquared: number | undefined, pointSquared: number): void {
    this.value = value ?? Number.NaN;
    this.gradientNorm = gradientSquared === undefined ? Number.NaN : Math.sqrt(gradientSquared);
    this.finite =
      Number.isFinite(pointSquared) &&
      (value === undefined || Number.isFinite(value)) &&
      (gradientSquared === undefined || Number.isFinite(gradientSquared));
  }
}
