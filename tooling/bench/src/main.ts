/**
 * `pnpm bench <suite>`: runs one suite of benchmarks, or `all`, and prints tables.
 *
 * --check             exit with 1 when a figure falls short of its floor, or something that a floor needs is missing; without a suite, of all
 * --only TEXT         tasks whose names contain the text
 * --contenders A,B    these contenders only
 * --rounds N          processes of each contender at each task; 3 unless given
 * --quick             small sizes and one round: to see that everything works
 * --node PATH         measure with another Node.js
 * --python PATH       a Python with NumPy and SciPy
 * --out FOLDER        where JSON and SVG go; tooling/bench/results unless given
 */
import { parseArgs } from 'node:util';

import { driver } from './driver/suite.ts';
import type { Suite } from './suite.ts';
import { comparison } from './suites/comparison.ts';
import { suites as comparisons } from './suites/suites.ts';

const suites: Readonly<Record<string, Suite>> = {
  driver,
  ...Object.fromEntries(Object.entries(comparisons).map(([name, each]) => [name, comparison(each)])),
};

const folder = (name: string) => new URL(`../${name}`, import.meta.url).pathname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    contenders: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    node: { type: 'string', default: process.execPath },
    python: { type: 'string' },
    out: { type: 'string', default: folder('results') },
  },
});
const rounds = Number(values.rounds);
const asked = positionals[0] ?? (values.check ? 'all' : '');
const chosen = asked === 'all' ? Object.keys(suites) : Object.hasOwn(suites, asked) ? [asked] : [];
if (chosen.length === 0 || !Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`Usage: pnpm bench <suite> [--check] [--only TEXT] [--contenders A,B] [--rounds N] [--quick] [--node PATH] [--python PATH] [--out FOLDER]\n`);
  for (const [name, { summary }] of Object.entries(suites)) console.error(`  ${name.padEnd(13)}  ${summary}`);
  console.error(`  ${'all'.padEnd(13)}  one after the other`);
  process.exitCode = 2;
} else if (values.check && values.quick) {
  console.error('Floors are for full sizes: --check and --quick exclude each other.');
  process.exitCode = 2;
} else {
  for (const name of chosen) {
    if (chosen.length > 1) console.log(`\n# ${name}\n`);
    const met = await suites[name]!.run({
      node: values.node,
      python: values.python,
      only: values.only,
      contenders: values.contenders?.split(','),
      rounds,
      quick: values.quick,
      out: values.out,
      cache: folder('node_modules/.cache/lowland-bench'),
      print: (text) => { console.log(text); },
    });
    if (values.check && !met) process.exitCode = 1;
  }
}
