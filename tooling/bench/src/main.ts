/**
 * `pnpm bench <suite> [--check] [--node PATH]`: runs one suite of benchmarks and prints a table.
 *
 * --check      exit with 1 when a figure misses its target
 * --node PATH  measure with another Node.js
 */
import { parseArgs } from 'node:util';

import { driver } from './driver/suite.ts';
import type { Suite } from './suite.ts';

const suites: Readonly<Record<string, Suite>> = { driver };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false }, node: { type: 'string', default: process.execPath } },
});
const suite = suites[positionals[0] ?? ''];
if (suite === undefined) {
  console.error(`Usage: pnpm bench <suite> [--check] [--node PATH]\n`);
  for (const [name, { summary }] of Object.entries(suites)) console.error(`  ${name}  ${summary}`);
  process.exitCode = 2;
} else {
  const figures = await suite.run({ node: values.node });
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const { name, value, target } of figures) {
    const verdict = target === undefined ? '' : `   ${target.met ? 'met' : 'MISSED'}: ${target.text}`;
    console.log(`${name.padEnd(width)}  ${value.padStart(10)}${verdict}`);
  }
  if (values.check && figures.some(({ target }) => target?.met === false)) process.exitCode = 1;
}
