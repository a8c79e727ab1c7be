import type { Device } from '@lowland/core';

import { factorNames, type FactoredProblem } from './problem.ts';
import { views, type Term } from './term.ts';

/** The penalty s = |x|^2 with weight ridge/2: the nuclear norm (or trace) of X when it is least over the factors. */
export function ridgeTerm(problem: FactoredProblem, device: Device): Term {
  const { ridge, rank, map } = problem;
  const { axpy, copy, dot, fill, scal } = device.kernels;
  const { left, right } = views(problem, device);
  const [leftName, rightName] = factorNames(problem);
  const root = Math.sqrt(ridge);
  const length = (leftName === rightName ? map.rows : map.rows + map.cols) * rank;
  return {
    weight: ridge / 2,
    prepare() {},
    sum(x, sums, slot) {
      dot(x, x, sums, slot);
    },
    gradient(x, side, out) {
      if (side === 'both') axpy(ridge, x, out);
      else if (side === 'left') axpy(ridge, left(x), left(out));
      else axpy(ridge, right(x), right(out));
    },
    curvature(_x, v, out) {
      axpy(ridge, v, out);
    },
    plane: {
      kind: 'least-squares',
      scale: ridge,
      shape: [length, 1],
      rows(x, u, v, [atX, alongU, alongV, ...rest]) {
        copy(x, atX);
        copy(u, alongU);
        copy(v, alongV);
        for (const row of rest) fill(row, 0);
      },
    },
    residual: {
      shape: [length, 1],
      evaluate(x, out) {
        copy(x, out);
        scal(root, out);
      },
      jvp(_x, v, out) {
        copy(v, out);
        scal(root, out);
      },
      vjp(_x, w, out) {
        axpy(root, w, out);
      },
    },
  };
}
