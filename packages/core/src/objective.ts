import type { Capability, CapabilityMap } from './capability.ts';
import type { Device, Dtype, KernelName, Memory } from './device.ts';
import type { Fact } from './facts.ts';
import type { Layout, Point } from './layout.ts';
import type { Manifold } from './manifold.ts';
import type { StreamKey } from './philox.ts';

/** How a capability is supplied: one fused kernel, base kernels put together, or differences. */
export type RouteLabel = 'fused' | 'composed' | 'finite-difference';

/** One way to supply a capability. `plan()` takes the first whose kernels the backend has; `bind` runs that very choice. */
export interface Route<K extends Capability, D> {
  readonly kernels: readonly KernelName[];
  readonly label: RouteLabel;
  bind(data: D, device: Device, memory: Memory): CapabilityMap[K];
}

/** A capability cannot be claimed without a way to bind it: what an objective provides is the keys of its routes. */
export type Routes<P extends Capability, D> = { readonly [K in P]: readonly Route<K, D>[] };

/** From a capability that is missing to the reason. */
export type Lacks = Readonly<Partial<Record<Capability, string>>>;

/**
 * A matrix problem, free of any device. Its data stay on the host in f64, so that analyses can bind it anew.
 * D is what `upload` puts on a device, private to the objective.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- D is private to the objective: nobody else names it
export interface Objective<P extends Capability, D = any> {
  readonly id: string;
  readonly layout: Layout;
  /** Where the points live, if not in all of space. */
  readonly manifold?: Manifold;
  /** The scale factor, in words: the papers differ by 1, 1/2, 1/4 and 1/m. */
  readonly scale?: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Fingerprint of the data: a checkpoint is refused by an objective with other data. */
  readonly data?: string;
  readonly routes: Routes<P, D>;
  /** Why it does not provide what others of its kind do, in words that follow a colon: plans and analyses show them. */
  readonly lacks?: Lacks;
  /** What its capabilities will show once it is bound. A fact that is not stated counts as missing. */
  readonly facts?: readonly Fact[];
  upload(device: Device, memory: Memory): D;
  /** Bytes on a device of this type: data, variables and the scratch of its oracles. */
  bytes(dtype: Dtype): number;
  /** Bytes of the largest of its vectors there, where that is not the point: backends limit it too. */
  bufferBytes?(dtype: Dtype): number;
  /** The default start, from the stream (seed, `init`, 0). */
  initial(key: StreamKey): Point;
}
