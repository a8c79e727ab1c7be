/**
 * An objective on a device: its data uploaded, its oracles made from the chosen routes.
 */
import type { AnyObjective } from './any.ts';
import type { Capability, CapabilityMap, Closed, Oracles, Problem } from './capability.ts';
import type { Backend, Device, KernelName, Memory, Vec } from './device.ts';
import { LowlandError } from './errors.ts';
import { layoutLength } from './layout.ts';
import type { Objective } from './objective.ts';
import { choose, type Choice } from './routes.ts';

/** A bound objective. Disposing it frees its data and scratch, and the device if `bind` opened it. */
export interface Binding<P extends Capability> extends Disposable {
  readonly problem: Problem<P>;
  readonly choices: readonly Choice[];
}

/** The kernels that a device has, markers included. */
function kernelsOf(device: Device): ReadonlySet<KernelName> {
  const names = Object.keys(device.kernels) as KernelName[];
  if (device.sync) names.push('immediate');
  return new Set(device.host === undefined ? names : [...names, 'host']);
}

/**
 * Binds an objective to a device, or to a fresh device of a backend.
 *
 * `value`, `gradient` and `valueAndGradient` are derived from each other where the objective has no route of its own, `hessianVectorProducts` from
 * the single product.
 *
 * @param names the capabilities wanted
 * @throws LOWLAND_E_CAPABILITY when the objective does not provide one of them
 * @throws LOWLAND_E_KERNEL when it does, but the device has the kernels of none of its routes
 */
export function bind<P extends Capability, R extends Closed<P>>(
  objective: Objective<P>,
  device: Device,
  names: readonly R[],
): Binding<R>;
export function bind<P extends Capability, R extends Closed<P>>(
  objective: Objective<P>,
  backend: Backend,
  names: readonly R[],
): Promise<Binding<R>>;
export function bind<R extends Capability>(
  objective: AnyObjective,
  where: Device | Backend,
  names: readonly R[],
): Binding<R> | Promise<Binding<R>> {
  return 'open' in where ? bindToBackend(objective, where, names) : bindToDevice(objective, where, names);
}

async function bindToBackend<R extends Capability>(objective: AnyObjective, backend: Backend, names: readonly R[]): Promise<Binding<R>> {
  const device = await backend.open();
  try {
    const binding = bindToDevice(objective, device, names);
    return {
      ...binding,
      [Symbol.dispose]() {
        binding[Symbol.dispose]();
        device[Symbol.dispose]();
      },
    };
  } catch (error) {
    device[Symbol.dispose]();
    throw error;
  }
}

function bindToDevice<R extends Capability>(objective: AnyObjective, device: Device, names: readonly R[]): Binding<R> {
  const kernels = kernelsOf(device);
  return bindChoices(objective, device, names.map((name) => choose(objective, kernels, name)));
}

/** The error for a capability that nothing supplies. */
export function missing(choice: Choice): LowlandError {
  const code = choice.lacks === 'kernels' ? 'LOWLAND_E_KERNEL' : 'LOWLAND_E_CAPABILITY';
  return new LowlandError(code, `Cannot bind ${choice.name}: ${choice.why ?? 'it is missing'}.`, { details: { capability: choice.name } });
}

/** Uploads the data and runs the very choices given. */
export function bindChoices<R extends Capability>(objective: AnyObjective, device: Device, choices: readonly Choice[]): Binding<R> {
  const lacking = choices.find((choice) => choice.label === 'missing');
  if (lacking !== undefined) throw missing(lacking);
  const memory = device.memory();
  try {
    const data: unknown = objective.upload(device, memory);
    const bound = new Map<Capability, unknown>();
    const oracle = <K extends Capability>(name: K, choice: Choice): CapabilityMap[K] => {
      if (!bound.has(name)) bound.set(name, choice.route?.bind(data, device, memory) ?? derive(choice));
      return bound.get(name) as CapabilityMap[K];
    };
    const derive = (choice: Choice): unknown => {
      const sources = Object.fromEntries((choice.from ?? []).map((source) => [source.name, oracle(source.name, source)]));
      return deriveOracle(choice.name, sources, device, memory, layoutLength(objective.layout));
    };
    const oracles = Object.fromEntries(choices.map((choice) => [choice.name, oracle(choice.name, choice)]));
    const problem = { layout: objective.layout, device, ...oracles } as unknown as Problem<R>;
    return { problem, choices, [Symbol.dispose]: () => { memory[Symbol.dispose](); } };
  } catch (error) {
    memory[Symbol.dispose]();
    throw error;
  }
}

/** The exact derivations: a half of the pair into scratch that is thrown away, the pair from its halves, several products one by one. */
function deriveOracle(name: Capability, sources: Partial<Oracles<Capability>>, device: Device, memory: Memory, length: number): unknown {
  const { value, gradient, valueAndGradient, hessianVectorProduct } = sources;
  if (name === 'value' && valueAndGradient) {
    const unused = memory.vector(length);
    return (x: Vec, out: Vec) => { valueAndGradient(x, out, unused); };
  }
  if (name === 'gradient' && valueAndGradient) {
    const unused = memory.vector(1);
    return (x: Vec, out: Vec) => { valueAndGradient(x, unused, out); };
  }
  if (name === 'valueAndGradient' && value && gradient) {
    return (x: Vec, valueOut: Vec, gradientOut: Vec) => {
      value(x, valueOut);
      gradient(x, gradientOut);
    };
  }
  if (name === 'hessianVectorProducts' && hessianVectorProduct) {
    return (x: Vec, directions: Vec, out: Vec) => {
      for (let from = 0; from < directions.length; from += length) hessianVectorProduct(x, device.view(directions, from, length), device.view(out, from, length));
    };
  }
  throw new LowlandError('LOWLAND_E_CAPABILITY', `Core has no derivation of ${name}.`, { details: { capability: name } });
}
