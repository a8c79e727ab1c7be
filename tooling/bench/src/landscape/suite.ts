/** Exact slices in time, eigenvalues in few products, and no matrix of all variables: what is asked of landscapes (rigour.md B3, F1). */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { figureTable, type Figure } from '../driver/figures.ts';
import { resultFile } from '../results/file.ts';
import { seconds } from '../results/format.ts';
import type { Suite } from '../suite.ts';
import type { Taken } from './measure.ts';
import { large, small } from './points.ts';

const run = promisify(execFile);
const module = new URL('measure.ts', import.meta.url).pathname;

const sliceSeconds = 0.5;
const mostProducts = 60;
const mostError = 1e-8;
/** Of the bytes of the Hessian as a matrix: one triangle of it alone would be twice as much. */
const mostShare = 0.25;

const names = ['slice', 'minimum', 'saddle', 'copies', 'spectrum', 'classify'] as const;
type Name = (typeof names)[number];

export const landscape: Suite = {
  summary: 'slices, eigenvalues in Hessian-vector products, and memory, of a large factorisation',
  async run({ node, rounds, quick, only, contenders, out, print }) {
    const { size, rank, grid } = quick ? small : large;
    const taken = new Map<Name, Taken>();
    for (const name of names.filter((each) => each.includes(only))) {
      // Products are the same each time; seconds are not.
      for (let round = 0; round < (quick || name !== 'slice' ? 1 : rounds); round += 1) {
        const { stdout } = await run(node, ['--conditions=@lowland/source', module, name, ...(quick ? ['--quick'] : [])]);
        const now = JSON.parse(stdout) as Taken;
        if (now.seconds < (taken.get(name)?.seconds ?? Infinity)) taken.set(name, now);
      }
    }
    const variables = 2 * size * rank;
    const matrix = 8 * variables ** 2;
    const figures: Figure[] = [];
    const add = (name: string, value: string, text: string, met: boolean) => { figures.push({ name, value, ...(!quick && { target: { text, met } }) }); };
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

    const cut = taken.get('slice');
    if (cut !== undefined) add(`slice of ${grid} x ${grid}, its factor included`, seconds(cut.seconds), `at most ${seconds(sliceSeconds)}`, cut.seconds <= sliceSeconds);
    for (const [name, what, most] of [['minimum', 'least and largest eigenvalue', mostProducts], ['saddle', 'five least eigenvalues', mostProducts], ['copies', 'three least eigenvalues, twice each', undefined]] as const) {
      const found = taken.get(name);
      if (found === undefined) continue;
      const { products, error } = found as Required<Taken>;
      add(`${name}: products for the ${what}`, String(products), `${most === undefined ? '' : `at most ${most}, `}errors of ${error.toExponential(0)}, at most ${mostError}`, error <= mostError && (most === undefined || products <= most));
    }
    for (const name of ['slice', 'spectrum', 'classify'] as const) {
      const found = taken.get(name);
      if (found !== undefined) add(`${name}: peak of the process`, megabytes(found.peak), `at most ${mostShare} of ${megabytes(matrix)}, a Hessian of ${variables} variables`, found.peak <= mostShare * matrix);
    }
    print(`factorisation ${size}x${size} rank ${rank}, c = 1/8`);
    print(figureTable(figures));
    const wrong = [...taken].filter(([, { right }]) => !right).map(([name]) => name);
    if (wrong.length > 0) print(`Not what is known there: ${wrong.join(', ')}`);
    const file = `${resultFile('landscape', { out, quick, only, contenders })}.json`;
    writeFileSync(file, `${JSON.stringify({ suite: 'landscape', quick, rounds: quick ? 1 : rounds, node: process.version, size, rank, grid, matrix, taken: Object.fromEntries(taken) }, undefined, 2)}\n`);
    print(`\n${file}`);
    return wrong.length === 0 && figures.every(({ target }) => target?.met !== false);
  },
};
