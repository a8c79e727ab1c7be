import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { resultFile } from '../results/file.ts';
import { noise } from '../results/floors.ts';
import type { Suite } from '../suite.ts';

const run = promisify(execFile);
const module = new URL('measure.ts', import.meta.url).pathname;

/** One objective by one route; microseconds. */
export interface Cost {
  readonly name: string;
  readonly route: string;
  readonly variables: number;
  readonly blocks: number;
  readonly gradient: number;
  readonly product: number;
}

/** Gradients that a Hessian-vector product may cost: networks of three layers and more have more products of layers to differentiate. */
const mostOf = ({ name, blocks }: Cost): number => (name.startsWith('linear-network') && blocks >= 3 ? 3.5 : 2.5);

/** The cheapest of some processes counts: a process that was disturbed tells nothing. */
function best(runs: readonly (readonly Cost[])[]): readonly Cost[] {
  return runs[0]!.map((first, k) => ({ ...first, gradient: Math.min(...runs.map((costs) => costs[k]!.gradient)), product: Math.min(...runs.map((costs) => costs[k]!.product)) }));
}

/** Hessian-vector products against gradients of the same route at the same point, for all objectives that are registered. */
export const hessian: Suite = {
  summary: 'what a Hessian-vector product costs in gradients, for every objective',
  async run({ node, rounds, quick, only, contenders, out, print }) {
    const runs: Cost[][] = [];
    for (let round = 0; round < (quick ? 1 : rounds); round += 1) {
      const { stdout } = await run(node, ['--conditions=@lowland/source', module, ...(quick ? ['--quick'] : [])], { maxBuffer: 2 ** 26 });
      runs.push(JSON.parse(stdout) as Cost[]);
    }
    const rows = best(runs)
      .filter(({ name }) => name.includes(only))
      .map((cost) => ({ ...cost, ratio: cost.product / cost.gradient, most: mostOf(cost) }))
      .map((row) => ({ ...row, met: quick || row.ratio <= row.most * (1 + noise) }));
    const width = Math.max(...rows.map(({ name }) => name.length));
    print(`${'objective'.padEnd(width)}  route     variables   gradient    product  ratio`);
    for (const { name, route, variables, gradient, product, ratio, most, met } of rows) {
      const numbers = [String(variables).padStart(9), `${gradient.toFixed(1)} us`.padStart(11), `${product.toFixed(1)} us`.padStart(11), ratio.toFixed(2).padStart(6)];
      print(`${name.padEnd(width)}  ${route.padEnd(9)} ${numbers.join('')}  ${met ? '' : 'MISSED: '}<= ${String(most)}`);
    }
    const file = `${resultFile('hessian', { out, quick, only, contenders })}.json`;
    writeFileSync(file, `${JSON.stringify({ suite: 'hessian', quick, rounds: runs.length, node: process.version, rows }, undefined, 2)}\n`);
    print(`\n${file}`);
    return rows.every(({ met }) => met);
  },
};
