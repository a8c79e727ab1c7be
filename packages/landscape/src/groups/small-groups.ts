/**
 * Signs, phases and permutations of the variables.
 */
import { uniforms } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

import type { Action } from './action.ts';
import { signs } from '../spectrum/quadrature.ts';
import { columnsFrom } from './elements.ts';

const copy = (x: Float64Array): Float64Array => x.slice();
const times = ({ rows, cols, data }: Matrix, x: Float64Array): Float64Array => Float64Array.from({ length: rows }, (_, i) => x.reduce((sum, value, j) => sum + data[i * cols + j]! * value, 0));
const noDirections = (x: Float64Array): Matrix => matrix(x.length, 0);
const inner = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
const length = (x: Float64Array): number => Math.sqrt(inner(x, x));

/** Only the identity; its element is []. */
export function trivialAction(by: string): Action {
  return {
    group: '{1}',
    by,
    degree: 1,
    act: copy,
    random: () => [],
    generators: noDirections,
    invariant: copy,
    canonical: copy,
    align: (x) => ({ point: x.slice(), component: 0 }),
    orbit: () => ({ components: 1, twofold: false, euler: 1, rank: null, unused: 0 }),
    fixedSpaces: 0,
    intoFixedSpace: copy,
  };
}

/** x -> -x. Fixed: 0. Elements are [±1]. */
export function signAction(group: string): Action {
  return {
    group,
    by: 'x x^T',
    degree: 2,
    act: (x, [sign]) => x.map((value) => sign!.data[0]! * value),
    random: (key) => [matrix(1, 1, signs(key, 1))],
    generators: noDirections,
    invariant: (x) => outer(x, 1),
    canonical: (x, zero) => (length(x) <= zero ? new Float64Array(x.length) : firstPositive(x)),
    align(x, y) {
      const component = inner(x, y) < 0 ? 1 : 0;
      return { point: component === 1 ? x.map((value) => -value) : x.slice(), component };
    },
    orbit: (x, zero) => (length(x) <= zero ? { components: 1, twofold: false, euler: 1, rank: null, unused: 0 } : { components: 2, twofold: true, euler: 2, rank: null, unused: 0 }),
    fixedSpaces: 1,
    intoFixedSpace: (x) => new Float64Array(x.length),
  };
}

/** x -> e^(i phi) x, complex numbers as pairs. Orbits are circles, of Euler characteristic 0. Fixed: 0. Elements are [[cos phi, -sin phi; sin phi, cos phi]]. */
export function phaseAction(): Action {
  const turned = (x: Float64Array, re: number, im: number): Float64Array => {
    const out = new Float64Array(x.length);
    for (let j = 0; j < x.length; j += 2) {
      out[j] = re * x[j]! - im * x[j + 1]!;
      out[j + 1] = re * x[j + 1]! + im * x[j]!;
    }
    return out;
  };
  const nearest = (x: Float64Array, y: Float64Array): Float64Array => {
    let [re, im] = [0, 0];
    for (let j = 0; j < x.length; j += 2) {
      re += x[j]! * y[j]! + x[j + 1]! * y[j + 1]!;
      im += x[j]! * y[j + 1]! - x[j + 1]! * y[j]!;
    }
    const size = Math.hypot(re, im);
    return size === 0 ? x.slice() : turned(x, re / size, im / size);
  };
  return {
    group: 'U(1)',
    by: 'x x^*',
    degree: 2,
    act: (x, [turn]) => turned(x, turn!.data[0]!, turn!.data[2]!),
    random(key) {
      const drawn = new Float64Array(1);
      uniforms(key, drawn);
      const [c, s] = [Math.cos(2 * Math.PI * drawn[0]!), Math.sin(2 * Math.PI * drawn[0]!)];
      return [matrix(2, 2, Float64Array.of(c, -s, s, c))];
    },
    // i x
    generators: (x) => columnsFrom(x.length, [(out): void => { out.set(turned(x, 0, 1)); }]),
    invariant: (x) => outer(x, 2),
    canonical(x, zero) {
      if (length(x) <= zero) return new Float64Array(x.length);
      let most = 0;
      for (let j = 0; j < x.length; j += 2) if (Math.hypot(x[j]!, x[j + 1]!) > 1.001 * Math.hypot(x[most]!, x[most + 1]!)) most = j;
      const size = Math.hypot(x[most]!, x[most + 1]!);
      return turned(x, x[most]! / size, -x[most + 1]! / size);
    },
    align: (x, y) => ({ point: nearest(x, y), component: 0 }),
    orbit: (x, zero) => ({ components: 1, twofold: false, euler: length(x) <= zero ? 1 : 0, rank: null, unused: 0 }),
    fixedSpaces: 1,
    intoFixedSpace: (x) => new Float64Array(x.length),
  };
}

/** Each variable's sign on its own. Elements are [a row of signs]. */
export function signsAction(group: string, count: number): Action {
  return {
    group,
    by: 'absolute values',
    degree: 1,
    act: (x, [row]) => x.map((value, i) => row!.data[i]! * value),
    random: (key) => [matrix(1, count, signs(key, count))],
    generators: noDirections,
    invariant: (x) => x.map(Math.abs),
    canonical: (x, zero) => x.map((value) => (Math.abs(value) <= zero ? 0 : Math.abs(value))),
    align: (x, y) => ({ point: x.map((value, i) => (value * y[i]! < 0 ? -value : value)), component: 0 }),
    orbit(x, zero) {
      const points = 2 ** x.reduce((sum, value) => sum + (Math.abs(value) > zero ? 1 : 0), 0);
      return { components: points, twofold: false, euler: points, rank: null, unused: 0 };
    },
    fixedSpaces: 0,
    intoFixedSpace: copy,
  };
}

/** Permutations of all variables, `signed` ones with their signs. Fixed: all variables equal, or 0. Elements are [a permutation matrix]. */
export function permutationAction(group: string, count: number): Action {
  const signed = group.startsWith('signed');
  const key = (value: number): number => (signed ? Math.abs(value) : value);
  const order = (x: Float64Array): number[] => [...x.keys()].sort((i, j) => key(x[i]!) - key(x[j]!));
  const sorted = (x: Float64Array): Float64Array => x.map(key).sort();
  return {
    group,
    by: signed ? 'sorted absolute values' : 'sorted values',
    degree: 1,
    act: (x, [permutation]) => times(permutation!, x),
    random(key) {
      const drawn = new Float64Array(count);
      uniforms(key, drawn);
      const sign = signed ? signs({ ...key, purpose: key.purpose + 1 }, count) : new Float64Array(count).fill(1);
      const out = matrix(count, count);
      [...drawn.keys()].sort((i, j) => drawn[i]! - drawn[j]!).forEach((from, to) => (out.data[to * count + from] = sign[to]!));
      return [out];
    },
    generators: noDirections,
    invariant: sorted,
    canonical: (x, zero) => sorted(x).map((value) => (Math.abs(value) <= zero ? 0 : value)),
    align(x, y) {
      // By the rearrangement inequality equal ranks go together.
      const point = new Float64Array(x.length);
      const from = order(x);
      order(y).forEach((i, k) => (point[i] = signed && y[i]! < 0 ? -Math.abs(x[from[k]!]!) : key(x[from[k]!]!)));
      return { point, component: 0 };
    },
    orbit(x, zero) {
      const values = sorted(x);
      let points = 1;
      for (let i = 0, same = 0; i < values.length; i++) {
        same = i > 0 && values[i]! - values[i - 1]! <= zero ? same + 1 : 1;
        // A multinomial coefficient by its factors: n! over the factorials of the multiplicities.
        points = (points * (i + 1)) / same;
        if (signed && values[i]! > zero) points *= 2;
      }
      return { components: points, twofold: false, euler: points, rank: null, unused: 0 };
    },
    fixedSpaces: 1,
    intoFixedSpace: (x) => new Float64Array(x.length).fill(signed ? 0 : x.reduce((sum, value) => sum + value, 0) / x.length),
  };
}

/** x x^T, or x x^* with complex entries as pairs; symmetric, so that both halves count. */
function outer(x: Float64Array, width: 1 | 2): Float64Array {
  const n = x.length / width;
  const out = new Float64Array(n * n * width);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const at = width * (i * n + j);
      if (width === 1) {
        out[at] = x[i]! * x[j]!;
      } else {
        out[at] = x[2 * i]! * x[2 * j]! + x[2 * i + 1]! * x[2 * j + 1]!;
        out[at + 1] = x[2 * i + 1]! * x[2 * j]! - x[2 * i]! * x[2 * j + 1]!;
      }
    }
  }
  return out;
}

/** The sign with which the first entry that is about the largest one is positive. */
function firstPositive(x: Float64Array): Float64Array {
  const most = x.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  const lead = x.find((value) => Math.abs(value) > 0.999 * most) ?? 1;
  return lead < 0 ? x.map((value) => -value) : x.slice();
}
