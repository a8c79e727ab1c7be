/**
 * Counts the calls of oracles and the reads of a device without slowing them: one number in a closure each.
 */
import type { Capability, CapabilityMap, Problem } from './capability.ts';
import type { Device } from './device.ts';

export type Tally = Map<string, { calls: number }>;

type Oracle = (...args: unknown[]) => unknown;

/** The same function, counted. */
function counted(oracle: Oracle, self: unknown, name: string, tally: Tally): Oracle {
  const count = tally.get(name) ?? { calls: 0 };
  tally.set(name, count);
  const call: Oracle = self === undefined ? oracle : oracle.bind(self);
  return (...args) => {
    count.calls++;
    return call(...args);
  };
}

/** Oracles that are objects: their functions that take device vectors are counted as `residual.jvp`, `geometry.retract`, … */
const groups: ReadonlySet<string> = new Set(['residual', 'constraints', 'symmetry', 'geometry', 'ensemble', 'stochasticGradient', 'proximal', 'spectral']);

/** The capabilities `names` of a problem, each call counted; `device` takes the place of the problem's own. */
export function countedProblem<P extends Capability>(problem: Problem<P>, device: Device, names: readonly P[], tally: Tally): Problem<P> {
  const result: Record<string, unknown> = { layout: problem.layout, device };
  for (const name of names) {
    const capability: unknown = problem[name];
    if (name === 'hessianVectorProducts' && typeof capability === 'function') result[name] = countedProducts(capability as CapabilityMap['hessianVectorProducts'], tally);
    else if (typeof capability === 'function') result[name] = counted(capability as Oracle, undefined, name, tally);
    else if (groups.has(name)) result[name] = countedGroup(capability as object, name, tally);
    else if (capability !== undefined) result[name] = capability;
  }
  return result as unknown as Problem<P>;
}

/** Several products count as so many. */
function countedProducts(products: CapabilityMap['hessianVectorProducts'], tally: Tally): CapabilityMap['hessianVectorProducts'] {
  const count = tally.get('hessianVectorProduct') ?? { calls: 0 };
  tally.set('hessianVectorProduct', count);
  return (x, directions, out) => {
    count.calls += directions.length / x.length;
    products(x, directions, out);
  };
}

/** An object that inherits all from `group`, its functions replaced by counted ones. */
function countedGroup(group: object, name: string, tally: Tally): object {
  const result = Object.create(group) as Record<string, unknown>;
  for (let owner: object | null = group; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const key of Object.getOwnPropertyNames(owner)) {
      const member: unknown = Reflect.get(group, key);
      if (key !== 'constructor' && typeof member === 'function' && !Object.hasOwn(result, key)) {
        Object.defineProperty(result, key, { value: counted(member as Oracle, group, `${name}.${key}`, tally), enumerable: true });
      }
    }
  }
  return result;
}

/** The same device, its reads counted in `reads.calls`. Kernels are the device's own object. */
export function countedDevice(device: Device, reads: { calls: number }): Device {
  const host = device.host?.bind(device);
  return {
    dtype: device.dtype,
    sync: device.sync,
    kernels: device.kernels,
    memory: () => device.memory(),
    view: (x, offset, length) => device.view(x, offset, length),
    matrix: (x, offset, rows, cols, complex) => device.matrix(x, offset, rows, cols, complex),
    blocks: (x, layout) => device.blocks(x, layout),
    write: (x, data) => { device.write(x, data); },
    read: (x) => {
      reads.calls++;
      return device.read(x);
    },
    scalar: (x, at) => {
      reads.calls++;
      return device.scalar(x, at);
    },
    ...(host && { host }),
    [Symbol.dispose]: () => { device[Symbol.dispose](); },
  };
}

/** The counts as plain data, keys sorted. */
export function totals(tally: Tally): Record<string, number> {
  return Object.fromEntries([...tally].filter(([, { calls }]) => calls > 0).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { calls }]) => [name, calls]));
}

/** Goes on counting where a checkpoint left off. */
export function restoreTotals(tally: Tally, counts: Readonly<Record<string, number>>): void {
  for (const [name, calls] of Object.entries(counts)) {
    const count = tally.get(name);
    if (count === undefined) tally.set(name, { calls });
    else count.calls += calls;
  }
}
