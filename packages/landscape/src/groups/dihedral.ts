/**
 * The symmetries of a regular polygon, on points of the plane.
 */
import { uniforms } from '@lowland/core';
import { matrix, type Matrix, norm } from '@lowland/linalg';

import type { Action } from './action.ts';

/**
 * D_n: turns by 2 pi / n about 0, and reflections, (x, y) -> (x, -y) among them; elements are [a 2 x 2 matrix]. Orbits are told apart by the radius
 * and Re (x + iy)^n; they have 2n points, n on the mirrors, one at 0. Fixed: a mirror.
 */
export function dihedralAction(group: string, n: number): Action {
  const element = (k: number, reflected: boolean): Matrix => {
    const angle = (2 * Math.PI * k) / n;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return matrix(2, 2, reflected ? Float64Array.of(c, s, s, -c) : Float64Array.of(c, -s, s, c));
  };
  const all = [false, true].flatMap((reflected) => Array.from({ length: n }, (_, k) => element(k, reflected)));
  const act = ([x = 0, y = 0]: Float64Array, { data: [a = 0, b = 0, c = 0, d = 0] }: Matrix): Float64Array => Float64Array.of(a * x + b * y, c * x + d * y);
  const far = (x: Float64Array, y: Float64Array): number => norm(x.map((value, i) => value - y[i]!));
  /** The angle from the nearest mirror, in [0, pi / n], and the radius. */
  const wedge = (x: Float64Array): { readonly angle: number; readonly radius: number } => {
    const turn = Math.abs(Math.atan2(x[1]!, x[0]!)) / (2 * Math.PI / n);
    return { angle: (2 * Math.PI * Math.abs(turn - Math.round(turn))) / n, radius: norm(x) };
  };
  return {
    group,
    by: 'radius and angle from a mirror',
    degree: 2,
    act: (x, [g]) => act(x, g!),
    random(key) {
      const drawn = new Float64Array(1);
      uniforms(key, drawn);
      return [all[Math.floor(2 * n * drawn[0]!)]!];
    },
    generators: () => matrix(2, 0),
    invariant(x) {
      const { angle, radius } = wedge(x);
      return Float64Array.of(radius ** 2, radius ** 2 * Math.cos(n * angle));
    },
    canonical(x, zero) {
      const { angle, radius } = wedge(x);
      if (radius <= zero) return new Float64Array(2);
      return Float64Array.of(radius * Math.cos(angle), radius * Math.sin(angle));
    },
    align: (x, y) => ({ point: all.map((g) => act(x, g)).reduce((best, point) => (far(point, y) < far(best, y) ? point : best)), component: 0 }),
    orbit(x, zero) {
      const { angle, radius } = wedge(x);
      const across = Math.min(radius * Math.sin(angle), radius * Math.sin(Math.PI / n - angle));
      const points = radius <= zero ? 1 : across <= zero ? n : 2 * n;
      return { components: points, twofold: false, euler: points, rank: null, unused: 0 };
    },
    fixedSpaces: 1,
    intoFixedSpace: (x) => Float64Array.of(x[0]!, 0),
  };
}
