/** What Hessian-vector products with eight directions, and points of a plane, take together in place of one by one. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { resultFile } from '../results/file.ts';
import type { Suite } from '../suite.ts';

const run = promisify(execFile);
const module = new URL('measure.ts', import.meta.url).pathname;

/** Microseconds of the processor for one of them: other work on the machine makes them longer, not twice as long. */
export interface Shared {
  readonly name: string;
  readonly what: 'product' | 'point';
  readonly alone: number;
  readonly together: number;
}

export const together: Suite = {
  summary: 'Hessian-vector products with eight directions, and points of a plane, together in place of one by one',
  async run({ node, rounds, quick, only, contenders, out, print }) {
    const runs: Shared[][] = [];
    for (let round = 0; round < (quick ? 1 : rounds); round += 1) {
      const { stdout } = await run(node, ['--conditions=@lowland/source', module, ...(quick ? ['--quick'] : [])]);
      runs.push(JSON.parse(stdout) as Shared[]);
    }
    const least = (k: number, of: 'alone' | 'together'): number => Math.min(...runs.map((rows) => rows[k]![of]));
    const rows = runs[0]!
      .map(({ name, what }, k) => ({ name, what, alone: least(k, 'alone'), together: least(k, 'together') }))
      .filter(({ name }) => name.includes(only))
      .map((row) => ({ ...row, ratio: row.alone / row.together }));
    const width = Math.max(...rows.map(({ name }) => name.length));
    print(`${'objective'.padEnd(width)}  what        one by one    together  ratio`);
    for (const { name, what, alone, together: shared, ratio } of rows) {
      print(`${name.padEnd(width)}  ${what.padEnd(8)} ${`${alone.toFixed(1)} us`.padStart(13)}${`${shared.toFixed(1)} us`.padStart(12)} ${ratio.toFixed(2).padStart(6)}`);
    }
    const file = `${resultFile('together', { out, quick, only, contenders })}.json`;
    writeFileSync(file, `${JSON.stringify({ suite: 'together', quick, rounds: runs.length, node: process.version, rows }, undefined, 2)}\n`);
    print(`\n${file}`);
    return true;
  },
};
