import { type Context, LowlandError, type Mat, type Vec } from '@lowland/core';

/** Products with the Gram matrices of the partner factors: V^T V acts on U, U^T U on V, X^T X on X. */
export interface GramBlocks {
  /** out_U = u_U (V^T V + shift I)^-1 in every factor, unchanged elsewhere. NaN where a Gram matrix is singular and shift is 0. */
  solve(x: Vec, u: Vec, shift: number, out: Vec): void;
  /** out_U = u_U (V^T V + shift I) */
  multiply(x: Vec, u: Vec, shift: number, out: Vec): void;
}

/**
 * @throws LOWLAND_E_FACTORS when a block multiplies more than one other: then no single Gram matrix scales it.
 */
export function gramBlocks(context: Context<'factors'>): GramBlocks {
  const { device, problem } = context;
  const { layout } = problem;
  const { copy, gemm, posvRight } = device.kernels;
  const factors = partners(problem.factors.pairs).map(([name, partner]) => {
    const columns = layout.blocks.find((block) => block.name === name)!.shape[1]!;
    return { name, partner, gram: device.matrix(context.scratch(columns * columns), 0, columns, columns) };
  });
  const block = (x: Vec, name: string): Mat => device.blocks(x, layout)[name]!;

  return {
    solve(x, u, shift, out) {
      copy(u, out);
      for (const { name, partner, gram } of factors) {
        const other = block(x, partner);
        gemm('T', 'N', 1, other, other, 0, gram);
        posvRight(gram, shift, block(u, name), block(out, name));
      }
    },
    multiply(x, u, shift, out) {
      copy(u, out);
      for (const { name, partner, gram } of factors) {
        const other = block(x, partner);
        gemm('T', 'N', 1, other, other, 0, gram);
        gemm('N', 'N', 1, block(u, name), gram, shift, block(out, name));
      }
    },
  };
}

/**
 * Each factor with the one it multiplies.
 *
 * @throws LOWLAND_E_FACTORS when a factor is in several products
 */
export function partners(pairs: readonly (readonly [string, string])[]): [string, string][] {
  const found = new Map<string, string>();
  for (const [left, right] of pairs) {
    for (const [name, partner] of left === right ? [[left, right]] : [[left, right], [right, left]]) {
      if (found.has(name!)) {
        throw new LowlandError('LOWLAND_E_FACTORS', `The scaled geometry needs each factor in one product, and "${name!}" is in several.`, {
          details: { block: name },
        });
      }
      found.set(name!, partner!);
    }
  }
  return [...found];
}
