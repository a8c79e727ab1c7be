import { createPoint, type Objective } from '@lowland/core';

/**
 * f(x, y) = (x² − 1)²/4 + y²/2, a terrain of two variables with minima at (±1, 0) and a saddle at 0: nothing is left but
 * the cost of the loop around it.
 */
export function doubleWell(): Objective<'valueAndGradient'> {
  const layout = { blocks: [{ name: 'x', shape: [2] }] };
  return {
    id: 'double-well',
    layout,
    options: {},
    routes: {
      valueAndGradient: [
        {
          kernels: ['host'],
          label: 'fused',
          bind: (_data, device) => {
            const host = device.host!.bind(device);
            return (point, value, gradient) => {
              const p = host(point);
              const g = host(gradient);
              const x = p[0]!;
              const y = p[1]!;
              const well = x * x - 1;
              host(value)[0] = (well * well) / 4 + (y * y) / 2;
              g[0] = well * x;
              g[1] = y;
            };
          },
        },
      ],
    },
    upload: () => undefined,
    bytes: () => 0,
    initial: () => createPoint(layout, Float64Array.of(0.5, 1)),
  };
}
