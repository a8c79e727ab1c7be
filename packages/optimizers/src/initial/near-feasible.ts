import { createPoint, type Infer, type Initializer, integer, LowlandError, layoutLength, normals, number, options, parseOptions } from '@lowland/core';
import { matrix, thinQr } from '@lowland/linalg';

import { lsqr, type LsqrWork } from '../least-squares/lsqr.ts';
import { unlessOneFactor } from '../one-factor.ts';
import type { InitializerDefinition } from './initializer.ts';

const schema = options({
  rank: integer({ min: 0, default: 0, summary: 'Rank of the start; 0: as many as there are columns.' }),
  tolerance: number({ above: 0, default: 1e-6, summary: 'Of |c|, relative to 1 + |c(0)|.' }),
});

/** Corrections, and halvings of one of them. */
const most = { corrections: 60, halvings: 20 };

/**
 * A random start near the feasible set of a constrained problem: U = W Q^T, W: rows x rank Gaussian and scaled so that its measurements are
 * as large as the right sides, then corrected by Gauss-Newton steps of least norm, W+ = W - t c'(W)^+ c(W), t halved while |c| does not fall.
 * Q is a random orthonormal frame, the identity where rank is 0.
 *
 * Methods of descent keep the rank; held as W and Q they keep it exactly (`rank` of `primalDual` and `augmentedLagrangian`). That a start is
 * rank-deficient and near the feasible set does not make the limit a global minimum.
 *
 * Streams: W from that of the start, Q from the next. A step takes at most 2 min(constraints, variables) products with c' and its transpose.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds; by the plan, LOWLAND_E_FACTORS unless the variables are one real factor, and
 *   LOWLAND_E_RANK when that has fewer columns than the rank; LOWLAND_E_INFEASIBLE where no point so near is found: constraints that
 *   contradict each other, or too few columns
 */
export function nearFeasible(given: Partial<Infer<typeof schema>> = {}): Initializer<'constraints'> {
  const { rank: asked, tolerance } = parseOptions(schema, given, 'initializer "near-feasible"');
  return {
    id: 'near-feasible',
    requires: ['constraints'],
    refuses: unlessOneFactor('near-feasible', 'initializer', asked),
    options: { rank: asked, tolerance },
    async point({ device, problem, scratch }, key) {
      const { constraints, layout } = problem;
      const [rows, columns] = layout.blocks[0]!.shape as [number, number];
      const rank = asked === 0 ? columns : asked;
      const length = rows * rank;

      const { axpy, copy, dot, fill, gemm, normal, scal } = device.kernels;
      const [w, trial] = [scratch(length), scratch(length)];
      const [c, other] = [scratch(constraints.length), scratch(constraints.length)];
      const numbers = scratch(2);
      const norm = async (): Promise<number> => {
        dot(c, c, numbers);
        return Math.sqrt(await device.scalar(numbers));
      };

      // c(0) = -b; with a = c(W) + b the multiple s W of least |s^2 a - b| has s^2 = <a, b> / |a|^2
      fill(trial, 0);
      constraints.evaluate(trial, other);
      dot(other, other, numbers);
      const size = 1 + Math.sqrt(await device.scalar(numbers));
      normal(key, w);
      constraints.evaluate(w, c);
      axpy(-1, other, c);
      dot(c, other, numbers, 0);
      dot(c, c, numbers, 1);
      const [product = NaN, square = NaN] = await device.read(numbers);
      if (product < 0) scal(Math.sqrt(-product / square), w);

      const vector = (): ReturnType<typeof scratch> => scratch(length);
      const work: LsqrWork = { solution: vector(), direction: vector(), right: vector(), rightNext: vector(), left: scratch(constraints.length), leftNext: scratch(constraints.length), numbers: scratch(1) };
      const jacobian = {
        device,
        apply: (x: typeof w, out: typeof w) => {
          constraints.jvp(w, x, out);
        },
        applyTransposed: (y: typeof w, out: typeof w) => {
          constraints.vjp(w, y, out);
        },
      };
      constraints.evaluate(w, c);
      let infeasibility = await norm();
      for (let k = 0; infeasibility > tolerance * size; k++) {
        await lsqr(jacobian, c, work, { maxIterations: 2 * Math.min(length, constraints.length), tolerance: 1e-10 });
        let next = Infinity;
        for (let t = 1, halvings = 0; next >= infeasibility && halvings < most.halvings; t /= 2, halvings++) {
          copy(w, trial);
          axpy(-t, work.solution, trial);
          constraints.evaluate(trial, c);
          next = await norm();
        }
        if (k >= most.corrections || !(next < infeasibility)) {
          throw new LowlandError('LOWLAND_E_INFEASIBLE', `No point of rank ${rank} near the feasible set was found: |c| = ${infeasibility.toExponential(2)} is not below ${(tolerance * size).toExponential(2)}. Give a larger rank, another seed or a larger tolerance.`, {
            details: { infeasibility, rank },
          });
        }
        copy(trial, w);
        infeasibility = next;
      }
      if (asked === 0) return createPoint(layout, await device.read(w));

      const drawn = matrix(columns, rank);
      normals({ ...key, index: key.index + 1 }, drawn.data);
      const [frame, point] = [scratch(columns * rank), scratch(layoutLength(layout))];
      device.write(frame, thinQr(drawn).q.data);
      gemm('N', 'T', 1, device.matrix(w, 0, rows, rank), device.matrix(frame, 0, columns, rank), 0, device.matrix(point, 0, rows, columns));
      return createPoint(layout, await device.read(point));
    },
  };
}

export const nearFeasibleDefinition = {
  apiVersion: 1,
  id: 'near-feasible',
  summary: 'A random factor of any rank, corrected until the constraints nearly hold.',
  whenToUse: 'For constrained problems, where a start should satisfy them; with a rank below the number of columns, to study what descent keeps.',
  formula: "U = W Q^T, W+ = W - t c'(W)^+ c(W)",
  reference: 'Eftekhari 2022, arXiv:2112.13269',
  requires: ['constraints'],
  options: schema,
  create: nearFeasible,
} as const satisfies InitializerDefinition<Infer<typeof schema>, 'constraints'>;
