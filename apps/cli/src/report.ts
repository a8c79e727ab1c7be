import type { Computing, ResultDocument } from './document.ts';
import type { TrackedRow } from './output/tracked.ts';
import { bar, short, sparkline } from './terminal/plot.ts';
import type { Screen } from './terminal/style.ts';

/** What a person reads at the end of a run. `gradientNorms` is the trace, for its picture. */
export function report(document: ResultDocument, gradientNorms: readonly number[], tracked: readonly TrackedRow[], screen: Screen, folder: string | undefined): string {
  const { data, verdict, holdout, truth, stop } = document;
  const times = screen.unicode ? '×' : 'x';
  const size = data === null ? '' : `  ${data.rows} ${times} ${data.cols}, ${data.observations.toLocaleString('en')} ${observationName(data.form)}`;
  const held = holdout === null ? '' : `, ${holdout.count.toLocaleString('en')} held back`;
  const tint = verdict.kind === 'global-minimum' ? 'green' : 'yellow';
  const notes = [...(data?.notes ?? []), ...document.plan.warnings, ...(document.computing.dtype === 'f64' ? [] : [judged(document)])].map((text) => `note: ${text}`);
  const [first = '', ...rest] = wrap(verdict.sentence, screen.columns - 12);
  const lines = [
    screen.style('bold', document.objective) + size + held,
    `${document.optimizer} on ${document.backend}${document.form === 'factored' ? '' : `, ${document.form} form`}, seed ${document.seed}: ${document.iterations} iterations in ${seconds(document.seconds)}`,
    ...[`computed in ${computingText(document.computing)}`, ...notes].flatMap((text) => wrap(text, screen.columns)).map((line) => screen.style('dim', line)),
    '',
    field('value', `${short(document.value)}   gradient ${document.gradientNorm.toExponential(1)}`),
    field('stopped', `${stop.reason} (${stop.rule})`),
    field('verdict', screen.style(tint, first)),
    ...rest.map((line) => field('', screen.style(tint, line))),
    ...(verdict.problem === null ? [] : note('problem', verdict.problem, screen)),
    ...(verdict.rule === null ? [] : [field('rule', verdict.rule + (verdict.normBound === null ? '' : `, norm bounded by ${verdict.normBound.rule}`))]),
    ...(verdict.reason === null || verdict.kind === null ? [] : note('because', verdict.reason, screen)),
    ...(document.rank === null ? [] : [field('rank', String(document.rank))]),
    ...(holdout === null ? [] : [field('held out', `rmse ${short(holdout.rmse)}; by row and column means alone ${short(holdout.baselineRmse)}`)]),
    ...(truth === null ? [] : [field('planted', `relative error ${short(truth.relativeError)}`)]),
    '',
    ...spectrum(document.singularValues ?? [], screen),
    ...trace(gradientNorms, screen),
    ...watched(tracked, screen),
    ...(folder === undefined ? ['Nothing was written; --out <folder> keeps factors, trace and result.'] : [`Results are in ${folder}: ${document.files.join(', ')}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function judged({ polish = null }: ResultDocument): string {
  if (polish === null) return 'the verdict is about the very point that was reached, and computed in f64.';
  const { method, steps, relative, gradientNorm: { before, after } } = polish;
  return `value, gradient, verdict and files are those of a point polished in f64: ${steps} step${steps === 1 ? '' : 's'} of ${method}, ${relative.toExponential(1)} of its length away, from a gradient of ${before.toExponential(1)} to ${after.toExponential(1)}.`;
}

/** f64, kernels simd, threads 1 */
export const computingText = (computing: Computing): string => Object.entries(computing).map(([name, value]) => (name === 'dtype' ? value : `${name} ${value}`)).join(', ');

const field = (name: string, value: string): string => `  ${name.padEnd(9)} ${value}`;

const note = (name: string, value: string, screen: Screen): string[] =>
  wrap(value, screen.columns - 12).map((line, k) => field(k === 0 ? name : '', screen.style('dim', line)));

const observationName = (form: string): string => ({ matrix: 'cells', measurements: 'measurements' })[form] ?? 'entries';

/** 0.4 s, 12 s, 3 min 20 s */
export function seconds(value: number): string {
  if (value < 9.95) return `${value.toFixed(value < 0.095 ? 3 : 1)} s`;
  return value < 99.5 ? `${Math.round(value)} s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

const shownValues = 16;

/** Singular values as bars, the largest few of them. */
function spectrum(values: readonly number[], screen: Screen): string[] {
  const largest = values[0] ?? 0;
  if (largest === 0) return [];
  const shown = values.filter((value) => value > 1e-6 * largest).slice(0, shownValues);
  const more = values.length - shown.length;
  return [
    'singular values',
    ...shown.map((value, k) => `${String(k + 1).padStart(4)} ${short(value).padStart(9)} ${bar(value, largest, screen.columns - 16, screen.unicode)}`),
    ...(more > 0 ? [`     ${more} more, down to ${short(values[values.length - 1]!)}`] : []),
    '',
  ];
}

function trace(norms: readonly number[], screen: Screen): string[] {
  const known = norms.filter((norm) => norm > 0 && Number.isFinite(norm));
  if (known.length < 2) return [];
  const label = `${known[0]!.toExponential(0)} to ${known[known.length - 1]!.toExponential(0)}`;
  return [`gradient norm, ${label}, logarithmic`, `  ${sparkline(known.map(Math.log10), screen.columns - 4, screen.unicode)}`, ''];
}

/** Each tracked number as a line of its own; of a list its first one. */
function watched(rows: readonly TrackedRow[], screen: Screen): string[] {
  return Object.keys(rows[0]?.tracked ?? {}).flatMap((id) => {
    const values = rows.map(({ tracked }) => [tracked[id]].flat()[0]).filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
    if (values.length === 0) return [];
    return [`${id}, ${short(values[0]!)} to ${short(values.at(-1)!)}`, `  ${sparkline(values, screen.columns - 4, screen.unicode)}`, ''];
  });
}

/** Lines of at most `width` characters, broken at blanks. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
