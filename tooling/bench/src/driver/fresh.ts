/**
 * Measuring in fresh processes: what one measurement teaches the compiler must not colour the next.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { median } from '../results/statistics.ts';

const run = promisify(execFile);

/**
 * Runs `module` once a round for each of `variants`, in turn, and gives the median over the rounds of the one number that
 * each process prints. Interleaved, so that a slow minute of the machine falls on all variants alike.
 *
 * @param node The Node.js to use.
 */
export async function interleaved<V extends string>(
  module: string,
  variants: readonly V[],
  { rounds, node }: { readonly rounds: number; readonly node: string },
): Promise<Readonly<Record<V, number>>> {
  const seen = Object.fromEntries(variants.map((variant) => [variant, [] as number[]])) as Record<V, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of variants) {
      const { stdout } = await run(node, ['--conditions=@lowland/source', module, variant]);
      const number = Number(stdout);
      if (!(number > 0)) throw new Error(`${module} ${variant} printed no number: ${stdout}`);
      seen[variant].push(number);
    }
  }
  return Object.fromEntries(variants.map((variant) => [variant, median(seen[variant])])) as Record<V, number>;
}
