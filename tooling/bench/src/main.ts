/** `pnpm bench <suite>`: runs one suite of benchmarks, or all, and prints tables. */
import { parseArgs } from 'node:util';

import { bounds } from './bounds/suite.ts';
import { contenders } from './contenders/contenders.ts';
import { findPython } from './contenders/find-python.ts';
import { driver } from './driver/suite.ts';
import { ensembles } from './ensembles/suite.ts';
import { hessian } from './hessian/suite.ts';
import { landscape } from './landscape/suite.ts';
import { phases } from './phases/suite.ts';
import type { Suite } from './suite.ts';
import { comparison } from './suites/comparison.ts';
import { suites as comparisons } from './suites/suites.ts';
import { together } from './together/suite.ts';

const suites: Readonly<Record<string, Suite>> = {
  driver,
  hessian,
  phases,
  bounds,
  landscape,
  together,
  ensembles,
  ...Object.fromEntries(Object.entries(comparisons).map(([name, each]) => [name, comparison(each)])),
};

const folder = (name: string) => new URL(`../${name}`, import.meta.url).pathname;
const usage = () => `Usage: pnpm bench <suite> [options]

${Object.entries(suites).map(([name, { summary }]) => `  ${name.padEnd(13)}  ${summary}`).join('\n')}
  all            one after the other

  --check             exit with 1 when a figure falls short of its floor, or something that a floor needs is missing; without a suite, of all
  --only TEXT         tasks whose names contain the text
  --contenders A,B    these contenders only: ${contenders.map(({ name }) => name).join(', ')}
  --rounds N          processes of each contender at each task; 3 unless given
  --quick             small sizes and one round: to see that everything works
  --node PATH         measure with another Node.js
  --python PATH       a Python with NumPy and SciPy
  --out FOLDER        where JSON and SVG go; tooling/bench/results unless given`;

function read() {
  return parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
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
}

/** What is wrong with a command line that can be read. */
async function fault({ values, positionals }: ReturnType<typeof read>): Promise<string | undefined> {
  const [suite, ...more] = positionals;
  if (more.length > 0) return `One suite, or "all"; "${positionals.join(' ')}" was given.`;
  if (suite === undefined && !values.check) return 'Name a suite.';
  if (suite !== undefined && suite !== 'all' && !Object.hasOwn(suites, suite)) return `There is no suite "${suite}".`;
  if (!/^[1-9]\d*$/.test(values.rounds)) return `--rounds takes a positive integer; ${values.rounds} was given.`;
  if (values.check && values.quick) return 'Floors are for full sizes: --check and --quick exclude each other.';
  const unknown = values.contenders?.split(',').find((name) => contenders.every((each) => each.name !== name));
  if (unknown !== undefined) return `There is no contender "${unknown}".`;
  if (values.python !== undefined && (await findPython(values.python)) === undefined) return `--python ${values.python} is no Python with NumPy and SciPy.`;
  return undefined;
}

async function bench({ values, positionals: [suite = 'all'] }: ReturnType<typeof read>): Promise<void> {
  const chosen = suite === 'all' ? Object.keys(suites) : [suite];
  for (const name of chosen) {
    if (chosen.length > 1) console.log(`\n# ${name}\n`);
    const met = await suites[name]!.run({
      node: values.node,
      python: values.python,
      only: values.only,
      contenders: values.contenders?.split(','),
      rounds: Number(values.rounds),
      quick: values.quick,
      out: values.out,
      cache: folder('node_modules/.cache/lowland-bench'),
      print: (text) => { console.log(text); },
    });
    if (values.check && !met) process.exitCode = 1;
  }
}

function refuse(why: string): void {
  console.error(`${why}\n\n${usage()}`);
  process.exitCode = 2;
}

let given: ReturnType<typeof read> | undefined;
try {
  given = read();
} catch (error) {
  refuse((error as Error).message);
}
if (given?.values.help === true) {
  console.log(usage());
} else if (given !== undefined) {
  const why = await fault(given);
  if (why === undefined) await bench(given);
  else refuse(why);
}
