/** What a step of a run takes in an ensemble and in a loop over `solve`. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { resultFile } from '../results/file.ts';
import type { Suite } from '../suite.ts';

const run = promisify(execFile);
const module = new URL('measure.ts', import.meta.url).pathname;

/** Microseconds of the processor for a step of one of `count` runs. */
export interface Moved {
  readonly name: string;
  readonly method: string;
  readonly dtype: string;
  readonly count: number;
  readonly steps: number;
  readonly loop: number;
  readonly fused: number;
}

export const ensembles: Suite = {
  summary: 'Runs of an ensemble on the cpu in one call in place of one solve after another',
  async run({ node, rounds, quick, only, contenders, out, print }) {
    const runs: Moved[][] = [];
    for (let round = 0; round < (quick ? 1 : rounds); round += 1) {
      const { stdout } = await run(node, ['--conditions=@lowland/source', module, '--only', only, ...(quick ? ['--quick'] : [])]);
      runs.push(JSON.parse(stdout) as Moved[]);
    }
    const least = (k: number, of: 'loop' | 'fused'): number => Math.min(...runs.map((rows) => rows[k]![of]));
    const rows = runs[0]!.map((row, k) => ({ ...row, loop: least(k, 'loop'), fused: least(k, 'fused') })).map((row) => ({ ...row, ratio: row.loop / row.fused }));
    const width = Math.max(...rows.map(({ name, method }) => name.length + method.length + 2));
    print(`${'problem'.padEnd(width)}  type  runs  steps         loop        fused  ratio`);
    for (const { name, method, dtype, count, steps, loop, fused, ratio } of rows) {
      print(`${`${name}, ${method}`.padEnd(width)}  ${dtype.padEnd(4)}${String(count).padStart(6)}${String(steps).padStart(7)}${`${loop.toFixed(2)} us`.padStart(13)}${`${fused.toFixed(2)} us`.padStart(13)} ${ratio.toFixed(2).padStart(6)}`);
    }
    const file = `${resultFile('ensembles', { out, quick, only, contenders })}.json`;
    writeFileSync(file, `${JSON.stringify({ suite: 'ensembles', quick, rounds: runs.length, node: process.version, rows }, undefined, 2)}\n`);
    print(`\n${file}`);
    return true;
  },
};
