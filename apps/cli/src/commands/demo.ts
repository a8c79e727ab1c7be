import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { biasBaseline } from '@lowland/objectives';

import { type Flag, text } from '../command-line/flag.ts';
import { parse } from '../command-line/parse.ts';
import { csvLine, writeAtomically } from '../data/index.ts';
import { type Changes, employmentChanges, hideCells, interpolated } from '../demo/employment.ts';
import type { ResultDocument } from '../document.ts';
import { exit, type ExitCode, exitCodeHelp } from '../exit.ts';
import { type Entries, rootMeanSquareError } from '@lowland/data';
import { seconds } from '../report.ts';
import { bar, plot } from '../terminal/plot.ts';
import { type Screen, screen } from '../terminal/style.ts';
import { solve } from './solve.ts';

const outFlag: Flag = { group: 'Output', name: 'out', placeholder: 'folder', summary: 'where data and results go', fallback: 'lowland-demo', parse: text };

const hiddenShare = 0.25;
const shownSeries = 'construction';

/**
 * `lowland demo`: a quarter of the monthly changes of U.S. employment by industry is hidden and recovered from the rest,
 * by the very command that it prints.
 */
export async function demo(argv: readonly string[]): Promise<ExitCode> {
  const started = performance.now();
  const { values } = parse({ name: 'demo', summary: 'Hide a quarter of the monthly U.S. employment series and recover it.', epilogue: exitCodeHelp }, [outFlag], {
    argv,
    environment: process.env,
  });
  const folder = (values['out'] as string | undefined) ?? 'lowland-demo';
  const out = screen(process.stdout);
  const changes = employmentChanges();
  const { training, held, scaling } = hideCells(changes, hiddenShare, 0);
  const files = { observed: join(folder, 'observed.csv'), hidden: join(folder, 'hidden.csv'), result: join(folder, 'result') };
  mkdirSync(folder, { recursive: true });
  writeAtomically(files.observed, triplets(changes, training, true));
  writeAtomically(files.hidden, triplets(changes, held, false));

  const command = [
    ...['matrix-completion', '--data', files.observed, '--holdout', '0', '--center', 'none', '--rank', 'auto', '--lambda', '1'],
    ...['--predict', files.hidden, '--out', files.result, '--force'],
  ];
  out.write(
    [
      'Monthly changes of U.S. employment, 2006 to 2015, in 22 series (U.S. Bureau of Labor Statistics, public domain).',
      `${held.values.length} of ${changes.entries.values.length} cells were hidden at random; each series is scaled to mean 0 and deviation 1.`,
      '',
      out.style('dim', `lowland solve ${command.join(' ')}`),
      '',
      '',
    ].join('\n'),
  );
  const code = await solve(command);
  if (code !== exit.ok) return code;

  const recovered = readPredictions(join(files.result, 'predictions.csv'));
  const baseline = biasBaseline(training);
  const errors = {
    'low rank': rootMeanSquareError(recovered, held.values),
    'row and column means': rootMeanSquareError(held.values.map((_, k) => baseline.at(held.row[k]!, held.col[k]!)), held.values),
    'interpolation in time': rootMeanSquareError(interpolated(training, held), held.values),
  };
  const natural = recovered.map((value, k) => value * scaling.deviation[held.col[k]!]! + scaling.mean[held.col[k]!]!);
  const result = JSON.parse(readFileSync(join(files.result, 'result.json'), 'utf8')) as ResultDocument;
  out.write(
    [
      '',
      ...picture(changes, held, natural, out),
      '',
      `Error at the ${held.values.length} hidden cells (root mean square, in deviations of each series)`,
      ...Object.entries(errors).map(([name, error]) => `  ${name.padEnd(22)} ${error.toFixed(3)}  ${bar(error, 1, Math.min(40, out.columns - 34), out.unicode)}`),
      '',
      `Certificate: ${result.verdict.kind ?? 'none'}, relative gap ${result.verdict.relativeGap?.toExponential(1) ?? 'unknown'}`,
      `Time: ${seconds(result.seconds)} to solve, ${seconds((performance.now() - started) / 1000)} in all`,
      `Data and results: ${relative('', folder) || '.'}`,
      '',
    ].join('\n'),
  );
  return exit.ok;
}

function triplets({ months, series }: Changes, entries: Entries, withValues: boolean): string {
  const header = ['month', 'series', ...(withValues ? ['change'] : [])];
  const lines = Array.from(entries.values, (value, k) => csvLine([months[entries.row[k]!]!, series[entries.col[k]!]!, ...(withValues ? [value] : [])]));
  return csvLine(header) + lines.join('');
}

/** The third column; the lines are in the order of the cells that were asked for. */
function readPredictions(file: string): Float64Array {
  return Float64Array.from(readFileSync(file, 'utf8').trim().split('\n').slice(1), (line) => Number(line.split(',')[2]));
}

/** One series: what was, and marks where the hidden months were recovered. */
function picture({ months, series, entries }: Changes, held: Entries, recovered: Float64Array, out: Screen): string[] {
  const column = series.indexOf(shownSeries);
  const pick = (cells: Entries, values: Float64Array) => {
    const chosen = Array.from(cells.col.keys()).filter((k) => cells.col[k] === column);
    return { x: chosen.map((k) => cells.row[k]!), y: chosen.map((k) => values[k]!) };
  };
  const mark = out.unicode ? '●' : 'o';
  return [
    `${shownSeries}: change in thousands of jobs; ${mark} hidden months as recovered`,
    ...plot([pick(entries, entries.values), { ...pick(held, recovered), mark }], {
      width: out.columns - 8,
      height: 12,
      unicode: out.unicode,
      formatX: (x) => months[Math.round(x)] ?? '',
    }),
  ];
}
