/**
 * O(n_1) x O(n_2) x … on a point that is cut into parts of so many variables.
 */
import { type Matrix, norm } from '@lowland/linalg';

import type { Action } from './action.ts';
import { columnsFrom, randomOrthogonal, skewPairs } from './elements.ts';

/** Each part turned on its own. Orbits are products of spheres (of two points, where a part is one variable); elements are one orthogonal matrix for each part. */
export function partsAction(group: string, parts: readonly number[]): Action {
  const ends = parts.map((_, k) => parts.slice(0, k + 1).reduce((sum, part) => sum + part, 0));
  const cut = (x: Float64Array): Float64Array[] => parts.map((part, k) => x.slice(ends[k]! - part, ends[k]));
  const joined = (pieces: readonly Float64Array[]): Float64Array => Float64Array.from(pieces.flatMap((piece) => [...piece]));
  const times = ({ rows, cols, data }: Matrix, v: Float64Array): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => v.reduce((sum, value, j) => sum + data[i * cols + j]! * value, 0));
  const lengths = (x: Float64Array): Float64Array => Float64Array.from(cut(x), norm);
  const zeros = (x: Float64Array): Float64Array => new Float64Array(x.length);
  return {
    group,
    by: 'lengths of the parts',
    degree: 1,
    act: (x, element) => joined(cut(x).map((piece, k) => times(element[k]!, piece))),
    random: (key) => parts.map((part, k) => randomOrthogonal(part, { ...key, index: parts.length * key.index + k })),
    generators: (x) =>
      columnsFrom(x.length, parts.flatMap((part, k) => skewPairs(part).map(([a, b]) => (out: Float64Array): void => {
        const first = ends[k]! - part;
        out[first + a] = x[first + b]!;
        out[first + b] = -x[first + a]!;
      }))),
    invariant: lengths,
    canonical: (x, zero) => joined(cut(x).map((piece) => Float64Array.from(piece, (_, i) => (i === 0 && norm(piece) > zero ? norm(piece) : 0)))),
    align(x, y) {
      const to = cut(y);
      const point = joined(cut(x).map((piece, k) => {
        const size = norm(to[k]!);
        return size === 0 ? piece : to[k]!.map((value) => (norm(piece) / size) * value);
      }));
      const single = parts.findIndex((part) => part === 1);
      return { point, component: parts.filter((part) => part === 1).length === 1 && point[ends[single]! - 1]! * x[ends[single]! - 1]! < 0 ? 1 : 0 };
    },
    orbit(x, zero) {
      const full = [...lengths(x)].map((size) => size > zero);
      const components = 2 ** parts.filter((part, k) => full[k]! && part === 1).length;
      // A sphere of even dimension has 2, one of odd dimension 0.
      const euler = parts.reduce((all, part, k) => (full[k] ? all * (part % 2 === 1 ? 2 : 0) : all), 1);
      return { components, twofold: components === 2, euler, rank: null, unused: 0 };
    },
    fixedSpaces: parts.length,
    intoFixedSpace: (x, k) => joined(cut(x).map((piece, part) => (part === k ? zeros(piece) : piece))),
  };
}
