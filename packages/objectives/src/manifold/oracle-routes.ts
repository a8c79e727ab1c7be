/** The oracles of an objective as parts of another one. */
import { layoutLength, type AnyObjective, type Capability, type CapabilityMap, type Device, type KernelName, type Memory, type Route, type RouteLabel, type Vec } from '@lowland/core';

export type Oracle = 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'residual';

/** One way to supply several capabilities together. */
export interface Together<K extends Capability> {
  readonly kernels: readonly KernelName[];
  readonly label: RouteLabel;
  bind(data: unknown, device: Device, memory: Memory): { readonly [N in K]: CapabilityMap[N] };
}

/** Every choice of one route for each capability, those preferred by the objective first; none where it lacks one of them. */
export function together<K extends Oracle>(objective: AnyObjective, names: readonly K[]): readonly Together<K>[] {
  let ways: readonly Together<Capability>[] = [{ kernels: [], label: 'fused', bind: () => ({}) as never }];
  for (const name of names) ways = ways.flatMap((way) => routesOf(objective, name).map((route) => joined(way, name, route)));
  return ways;
}

function joined(way: Together<Capability>, name: Oracle, route: Route<Capability, unknown>): Together<Capability> {
  return {
    kernels: [...new Set([...way.kernels, ...route.kernels])],
    label: route.label === 'fused' ? way.label : route.label,
    bind: (data, device, memory) => ({ ...way.bind(data, device, memory), [name]: route.bind(data, device, memory) }),
  };
}

/** The routes of the objective, or what follows from others exactly, as core derives it. */
function routesOf(objective: AnyObjective, name: Oracle): readonly Route<Capability, unknown>[] {
  const own = ownRoutes(objective, name);
  if (own.length > 0) return own;
  if (name === 'value' || name === 'gradient') {
    return ownRoutes(objective, 'valueAndGradient').map((route) => ({ ...route, bind: (data, device, memory) => half(name, route.bind(data, device, memory) as CapabilityMap['valueAndGradient'], objective, memory) as never }));
  }
  if (name !== 'valueAndGradient') return [];
  return ownRoutes(objective, 'value').flatMap((value) =>
    ownRoutes(objective, 'gradient').map((gradient) => ({
      kernels: [...value.kernels, ...gradient.kernels],
      label: value.label === 'fused' ? gradient.label : value.label,
      bind: (data: unknown, device: Device, memory: Memory) => {
        const [f, slope] = [value.bind(data, device, memory) as CapabilityMap['value'], gradient.bind(data, device, memory) as CapabilityMap['gradient']];
        return ((x: Vec, valueOut: Vec, gradientOut: Vec) => {
          f(x, valueOut);
          slope(x, gradientOut);
        }) as never;
      },
    })),
  );
}

const ownRoutes = (objective: AnyObjective, name: Capability): readonly Route<Capability, unknown>[] =>
  (objective.routes as Partial<Record<Capability, readonly Route<Capability, unknown>[]>>)[name] ?? [];

function half(name: 'value' | 'gradient', both: CapabilityMap['valueAndGradient'], { layout }: AnyObjective, memory: Memory): CapabilityMap['value' | 'gradient'] {
  const unused = memory.vector(name === 'gradient' ? 1 : layoutLength(layout));
  return name === 'value' ? (x, out) => { both(x, out, unused); } : (x, out) => { both(x, unused, out); };
}
