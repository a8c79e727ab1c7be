import { duplicateRules, formats } from '@lowland/data';
import { forms } from '../form.ts';
import { type Flag, integer, number, oneOf, text, toggle, usageError } from './flag.ts';

/** What every command that sets up a problem understands, whatever objective and optimizer it is for. */
const problemFlags: readonly Flag[] = [
  { group: 'Data', name: 'data', placeholder: 'file', summary: 'file of the observations', parse: text },
  {
    group: 'Data',
    name: 'generate',
    placeholder: 'spec',
    summary: 'planted data instead of a file, such as rows=100,cols=80,rank=3,noise=0.01',
    parse: text,
  },
  {
    group: 'Data',
    name: 'format',
    placeholder: 'format',
    summary: `one of ${formats.join(', ')}`,
    fallback: 'by extension, else by content',
    parse: oneOf(...formats),
  },
  {
    group: 'Data',
    name: 'columns',
    placeholder: 'names',
    summary: 'columns of row, column, value and perhaps weight, by name or number: user,item,rating[,weight]',
    fallback: '1,2,3',
    parse: columns,
  },
  { group: 'Data', name: 'layout', placeholder: 'layout', summary: 'text files: triplets or dense', fallback: 'found out', parse: oneOf('triplets', 'dense') },
  { group: 'Data', name: 'delimiter', placeholder: 'character', summary: 'text files: what separates fields, or "whitespace"', fallback: 'found out', parse: delimiter },
  { group: 'Data', name: 'header', placeholder: 'boolean', summary: 'text files: whether the first line names the columns', fallback: 'found out', parse: toggle },
  { group: 'Data', name: 'row-labels', placeholder: 'boolean', summary: 'dense text: whether the first column names the rows', fallback: 'found out', parse: toggle },
  { group: 'Data', name: 'rows', placeholder: 'n', summary: 'triplets: ids are indices into n rows, not labels', parse: integer({ least: 1 }) },
  { group: 'Data', name: 'cols', placeholder: 'n', summary: 'triplets: ids are indices into n columns, not labels', parse: integer({ least: 1 }) },
  { group: 'Data', name: 'index-base', placeholder: 'n', summary: 'triplets: ids are indices that start at 0 or 1', parse: integer({ least: 0, most: 1 }) },
  {
    group: 'Data',
    name: 'duplicates',
    placeholder: 'rule',
    summary: `a cell given twice: ${duplicateRules.join(', ')}`,
    fallback: 'error',
    parse: oneOf(...duplicateRules),
  },
  {
    group: 'Data',
    name: 'unlisted',
    placeholder: 'rule',
    summary: 'cells that a file of entries leaves out, where a full matrix is wanted: error or zero',
    fallback: 'error',
    parse: oneOf('error', 'zero'),
  },
  { group: 'Data', name: 'missing', placeholder: 'text', summary: 'what stands in an unobserved cell (repeatable)', fallback: 'NA', repeats: true, parse: text },
  {
    group: 'Data',
    name: 'holdout',
    placeholder: 'fraction',
    summary: 'share of the observed entries held back to judge the result',
    fallback: '0.1 for entries',
    parse: number({ least: 0, most: 0.95 }),
  },
  { group: 'Method', name: 'rank', placeholder: 'rank', summary: 'columns of the factors, or "auto": as many as the penalised optimum needs', parse: rank },
  { group: 'Method', name: 'start-rank', placeholder: 'n', summary: 'where --rank auto starts', fallback: '10 or what fits', parse: integer({ least: 1 }) },
  { group: 'Method', name: 'growth', placeholder: 'way', summary: '--rank auto: escape appends columns that the gradient shows, proximal takes a proximal step on X (BM-Global)', fallback: 'escape', parse: oneOf('escape', 'proximal') },
  { group: 'Method', name: 'form', placeholder: 'form', summary: `the variables: ${forms.join(', ')}`, fallback: 'what the optimizer needs', parse: oneOf(...forms) },
  { group: 'Method', name: 'optimizer', placeholder: 'id', summary: 'see lowland list', fallback: 'lbfgs, or what serves --form', parse: text },
  { group: 'Method', name: 'backend', placeholder: 'id', summary: 'what computes; its options begin with backend, such as --backend.threads', fallback: 'cpu', parse: text },
  { group: 'Method', name: 'init', placeholder: 'id', summary: 'what makes the start; its options begin with init, such as --init.scale', fallback: 'the objective', parse: text },
  { group: 'Method', name: 'seed', placeholder: 'n', summary: 'seed of every random stream', fallback: '0', parse: integer({ least: 0 }) },
  { group: 'Method', name: 'max-iterations', placeholder: 'n', summary: 'iterations at most', fallback: '10000', parse: integer({ least: 0 }) },
  { group: 'Method', name: 'every', placeholder: 'n', summary: 'iterations between observations, each of which costs an evaluation where the method keeps no value, as sgd', fallback: '1', parse: integer({ least: 1 }) },
  { group: 'Method', name: 'max-seconds', placeholder: 's', summary: 'seconds at most', parse: number({ least: 0, open: true }) },
  {
    group: 'Method',
    name: 'gradient-tolerance',
    placeholder: 't',
    summary: 'stop where the gradient norm is below t times that at the start; methods that escape saddles have none by default',
    fallback: '1e-8',
    parse: number({ least: 0, most: 1 }),
  },
  {
    group: 'Method',
    name: 'gap-tolerance',
    placeholder: 't',
    summary: 'relative gap that is called a global minimum',
    fallback: '1e-6',
    parse: number({ least: 0, most: 1, open: true }),
  },
  { group: 'Setup', name: 'plugin', placeholder: 'path', summary: 'load a plugin: a path or an installed package (repeatable)', repeats: true, parse: text },
  { group: 'Setup', name: 'config', placeholder: 'file', summary: 'settings from a JSON or TOML file, keyed by flag name', parse: text },
];

export const jsonFlag: Flag = { group: 'Output', name: 'json', summary: 'one JSON document on stdout', parse: text };

/** What says which data, and how they are read. */
export const dataFlags: readonly Flag[] = problemFlags.filter(({ group }) => group === 'Data');

/** What `verify` understands: data, and the seed of what is generated or held back. */
export const verifyFlags: readonly Flag[] = [...dataFlags, ...problemFlags.filter(({ name }) => name === 'seed'), jsonFlag];

/** What `view` understands. */
export const viewFlags: readonly Flag[] = [
  { group: 'Output', name: 'port', placeholder: 'n', summary: 'port on 127.0.0.1', fallback: 'one that is free', parse: integer({ least: 0, most: 65_535 }) },
  { group: 'Setup', name: 'page', placeholder: 'folder', summary: 'the built page, where it is not found by itself', parse: text },
  jsonFlag,
];

/** What `solve` understands on top. */
const outputFlags: readonly Flag[] = [
  { group: 'Output', name: 'out', placeholder: 'folder', summary: 'write factors, result, trace and checkpoints here', parse: text },
  { group: 'Output', name: 'force', summary: 'write into a folder that is not empty', parse: text },
  { group: 'Output', name: 'predict', placeholder: 'file', summary: 'cells (row, column) whose entries to write to predictions.csv in --out', parse: text },
  { group: 'Output', name: 'resume', placeholder: 'folder', summary: 'go on with the run in this folder; its settings are kept', parse: text },
  { group: 'Output', name: 'track', placeholder: 'ids', summary: 'watch the run by these trackers, between commas; see lowland list. Their options begin with their name: --sharpness.steps', parse: text },
  { group: 'Output', name: 'quiet', summary: 'no progress', parse: text },
];

/** What commands that look at a point understand on top. */
const lookFlags: readonly Flag[] = [
  { group: 'Data', name: 'from', placeholder: 'folder', summary: 'look at the result in this --out folder of solve, with its settings', parse: text },
  { group: 'Data', name: 'to', placeholder: 'folder', summary: 'between, slice --first to: the other point, the result in this folder or, a number, what the run reaches from the start of that seed', parse: text },
  { group: 'Output', name: 'svg', placeholder: 'file', summary: 'write a picture here too', parse: text },
  { group: 'Output', name: 'trajectory', summary: 'slice: show the run on the section; --first trajectory cuts along it', parse: text },
  { group: 'Output', name: 'certificate', placeholder: 'file', summary: 'certify: write what was proved here, for lowland verify', parse: text },
  { group: 'Output', name: 'quiet', summary: 'no progress', parse: text },
  jsonFlag,
];

/** What `track` understands on top. */
const trackFlags: readonly Flag[] = [
  { group: 'Data', name: 'from', placeholder: 'folder', summary: 'repeat the run in this --out folder of solve, to the same bits', parse: text },
  { group: 'Output', name: 'track', placeholder: 'ids', summary: 'the trackers, instead of the first argument', parse: text },
  { group: 'Output', name: 'out', placeholder: 'folder', summary: 'with --from: write what solve --track would have written here; the folder of the run itself gets tracked.jsonl', parse: text },
  { group: 'Output', name: 'force', summary: 'write into a folder that is not empty', parse: text },
  { group: 'Output', name: 'svg', placeholder: 'file', summary: 'write a picture here too', parse: text },
  { group: 'Output', name: 'quiet', summary: 'no progress', parse: text },
  jsonFlag,
];

/** What `phase` understands: no data of a file, and what a map of many runs is made of. */
const phaseFlags: readonly Flag[] = [
  { group: 'Map', name: 'vary', placeholder: 'axis', summary: 'a setting of the data and its values, measurements=40:120:20 or rank=1,2,3 (twice: a map over both)', repeats: true, parse: text },
  { group: 'Map', name: 'trials', placeholder: 'n', summary: 'problems in each cell', fallback: '20', parse: integer({ least: 1 }) },
  { group: 'Map', name: 'recovered', placeholder: 't', summary: 'what counts as recovered: so near what was planted, relative to its size', fallback: '1e-3', parse: number({ least: 0, open: true }) },
  ...problemFlags
    .filter(({ name, group }) => name === 'generate' || group === 'Setup' || ['rank', 'optimizer', 'backend', 'init', 'seed', 'max-iterations'].includes(name))
    .map((flag) => (flag.name === 'max-iterations' ? { ...flag, fallback: '1000' } : flag.name === 'rank' ? { ...flag, summary: 'columns of the factors', fallback: 'as many as were planted', parse: integer({ least: 1 }) } : flag)),
  { group: 'Output', name: 'svg', placeholder: 'file', summary: 'write a picture here too', parse: text },
  { group: 'Output', name: 'quiet', summary: 'no progress', parse: text },
  jsonFlag,
];

/** Analyses that are commands of their own: `lowland spectrum`. */
export const analysisCommands = ['classify', 'certify', 'spectrum', 'slice', 'regions', 'dual-bound', 'escapes', 'rip', 'all-stationary-points', 'census', 'connect', 'between', 'basins', 'nullity', 'isotropy', 'exit-times', 'escape-times', 'recurrence'] as const;
export type AnalysisCommand = (typeof analysisCommands)[number];

export type ProblemCommand = 'solve' | 'plan' | 'track' | 'phase' | 'check-derivatives' | AnalysisCommand;

export const isAnalysis = (command: ProblemCommand): command is AnalysisCommand => (analysisCommands as readonly string[]).includes(command);

/** `plan` takes the arguments of `solve`, so that one may stand for the other. */
export function baseFlags(command: ProblemCommand): readonly Flag[] {
  if (isAnalysis(command)) return [...problemFlags, ...lookFlags];
  if (command === 'phase') return phaseFlags;
  if (command === 'track') return [...problemFlags, ...trackFlags];
  return command === 'check-derivatives' ? [...problemFlags, jsonFlag] : [...problemFlags, ...outputFlags, jsonFlag];
}

function rank(value: string): number | 'auto' {
  return value === 'auto' ? 'auto' : integer({ least: 1 })(value);
}

function delimiter(value: string): string {
  return value === '\\t' || value === 'tab' ? '\t' : value;
}

/** Three or four columns by name or 1-based number. */
function columns(value: string): Record<'row' | 'col' | 'value' | 'weight', string | number> {
  const names = value.split(',').map((name) => (/^\d+$/.test(name.trim()) ? Number(name) : name.trim()));
  const [row, col, entry, weight] = names;
  if (names.length < 3 || names.length > 4 || names.includes('')) {
    throw usageError(`expected three or four column names or numbers (row,column,value[,weight]), not "${value}"`);
  }
  return { row, col, value: entry, ...(weight === undefined ? {} : { weight }) } as Record<'row' | 'col' | 'value' | 'weight', string | number>;
}
