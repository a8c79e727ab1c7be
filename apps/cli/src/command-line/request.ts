import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { DefinitionOf, Registry } from '@lowland/core';

import { loadCatalog } from '../catalog.ts';
import { exitCodeHelp } from '../exit.ts';
import type { Form } from '../form.ts';
import { readSavedRun, type SavedRun } from '../output/run-folder.ts';
import { baseFlags, isAnalysis, type ProblemCommand } from './base-flags.ts';
import { readConfig } from './config.ts';
import { type Flag, usageError } from './flag.ts';
import { flagsOf, type Options, optionValues, type Owner } from './option-flags.ts';
import { optionsOf } from './options.ts';
import { parse, preview, type Sources, type Values } from './parse.ts';

/** A command line, understood: the definitions it names, their options, and the other settings. */
export interface Request {
  readonly catalog: Registry;
  readonly objective: DefinitionOf<'objectives'>;
  readonly optimizer: DefinitionOf<'optimizers'>;
  readonly backend: DefinitionOf<'backends'>;
  /** What makes the start, where the objective does not. */
  readonly initializer?: DefinitionOf<'initializers'>;
  readonly objectiveOptions: Options;
  readonly optimizerOptions: Options;
  readonly backendOptions: Options;
  readonly initializerOptions: Options;
  /** What watches the run, with its options. */
  readonly trackers: readonly { readonly definition: DefinitionOf<'trackers'>; readonly options: Options }[];
  /** Every setting that was given, by flag name. */
  readonly values: Values;
  /** The same as text, paths made absolute: read from a file they give this request again. */
  readonly given: Values;
  /** What looks at the point, for commands that do. */
  readonly analysis?: DefinitionOf<'analyses'>;
  readonly analysisOptions: Options;
  /** The run to go on with, or to look at. */
  readonly saved?: SavedRun;
}

/** Settings that may be given anew with --resume; the others belong to the run. */
const renewable = ['resume', 'json', 'quiet', 'force', 'max-iterations', 'max-seconds', 'predict', 'plugin', 'data', 'backend.threads'];

/** Where nothing is said: what serves the form that was asked for. */
const defaultOptimizers: Readonly<Record<Form, string>> = { factored: 'lbfgs', convex: 'proximal-gradient', 'fixed-rank': 'riemannian-conjugate-gradient' };

const sourcesHelp = `A flag is also an environment variable (--step.shrink is LOWLAND_STEP_SHRINK) and a key of
the --config file; flags beat the environment, which beats the file.`;

const summaries: Readonly<Partial<Record<ProblemCommand, string>>> = {
  solve: 'Recover a low-rank matrix and say what is certain about it.',
  plan: 'Show how objective, optimizer and backend would work together; takes the arguments of solve and runs nothing.',
  track: 'Watch a run by trackers: one that was recorded, repeated to the same bits, or a new one.',
  phase: 'How often a method recovers what was planted, over one or two settings of the data.',
  'check-derivatives': 'Check gradient and Hessian of an objective on the given data by Taylor slopes.',
};

/**
 * Reads a command line in rounds, since flags depend on flags: --config and --plugin first, then the objective, the
 * optimizer and the backend, then their options, part by part. Only the last round is strict and prints help.
 */
export async function readRequest(command: ProblemCommand, argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<Request> {
  const base = baseFlags(command);
  const first = preview(base, { argv, environment });
  const looks = isAnalysis(command) || command === 'track';
  const resumed = first.values[looks ? 'from' : 'resume'] as string | undefined;
  const saved = resumed === undefined ? undefined : readSavedRun(resumed, looks ? '--from' : '--resume');
  const sources = saved === undefined ? await withConfig(argv, environment, first.values) : looks ? lookSources(argv, environment, resumed!, saved) : resumeSources(argv, environment, resumed!, saved);
  const chosen = preview(withObjectiveKey(base), sources);

  const catalog = await loadCatalog((chosen.values['plugin'] as string[] | undefined) ?? [], process.cwd());
  const asked = operandOf(chosen.operands, catalog);
  const settled = chosen.values['objective'] as string | undefined;
  if (saved !== undefined && asked !== undefined && asked !== settled) throw usageError(`The run in ${resumed!} is of ${settled ?? 'no objective'}, not ${asked}.`);
  const objectiveId = asked ?? settled ?? chosen.operands.find((operand) => !operand.startsWith('-'));
  if (objectiveId === undefined) return helpWithoutObjective(command, base, sources, catalog);
  const objective = catalog.find('objectives', objectiveId);
  const optimizer = catalog.find('optimizers', (chosen.values['optimizer'] as string | undefined) ?? defaultOptimizers[(chosen.values['form'] as Form | undefined) ?? 'factored']);
  const backend = catalog.find('backends', (chosen.values['backend'] as string | undefined) ?? 'cpu');
  const init = chosen.values['init'] as string | undefined;
  const initializer = init === undefined ? undefined : catalog.find('initializers', init);
  const analysis = isAnalysis(command) ? catalog.find('analyses', command) : undefined;
  const owners = ownersOf(objective, optimizer, backend, initializer, analysis, base);
  const trackers = trackersIn(chosen.values).map((id) => catalog.find('trackers', id));
  const watchers = trackers.map(({ id, options }): Owner => ({ group: `Options of ${id}`, options: optionsOf(options), flagName: (option) => `${id}.${option}` }));

  let flags = withObjectiveKey(base);
  for (;;) {
    const { values } = preview(flags, sources);
    const next = [...withObjectiveKey(base), ...[...owners, ...watchers].flatMap((owner) => flagsOf(owner, values))];
    if (next.length === flags.length) break;
    flags = next;
  }
  const { values, given, operands } = parse(
    { name: command, summary: summaries[command] ?? analysis!.summary, operand: operandText(command), epilogue: `${describeShort(objective, optimizer)}\n\n${sourcesHelp}\n${exitCodeHelp}` },
    flags,
    sources,
  );
  refuseOther(operands[0], objective, catalog);
  const [forObjective, forOptimizer, forBackend, forInitializer, forAnalysis] = owners;
  return {
    catalog,
    objective,
    optimizer,
    backend,
    ...(initializer === undefined ? {} : { initializer }),
    ...(analysis === undefined ? {} : { analysis }),
    objectiveOptions: optionValues(forObjective, values),
    optimizerOptions: optionValues(forOptimizer, values),
    backendOptions: optionValues(forBackend, values),
    initializerOptions: optionValues(forInitializer, values),
    trackers: trackers.map((definition, k) => ({ definition, options: optionValues(watchers[k]!, values) })),
    analysisOptions: optionValues(forAnalysis, values),
    values,
    given: withAbsolutePaths({ ...given, objective: objective.id }),
    ...(saved === undefined ? {} : { saved }),
  };
}

/**
 * An objective's option `rank` is --rank; an optimizer's option that shares its name with another flag gets a prefix, and so does an analysis's,
 * which comes last: the settings of a run keep their names. A backend's and an initializer's always have one.
 */
function ownersOf(
  objective: Request['objective'], optimizer: Request['optimizer'], backend: Request['backend'], initializer: Request['initializer'], analysis: Request['analysis'], base: readonly Flag[],
): readonly [Owner, Owner, Owner, Owner, Owner] {
  const taken = new Set(base.map(({ name }) => name));
  const mine = optionsOf(objective.options).filter(({ name }) => name !== 'rank');
  const theirs = optionsOf(optimizer.options);
  const objectiveFlag = (option: string): string => (taken.has(option) ? `objective.${option}` : option);
  const objectiveFlags = new Set(mine.map(({ name }) => objectiveFlag(name)));
  const optimizerFlag = (option: string): string => (taken.has(option) || objectiveFlags.has(option) ? `optimizer.${option}` : option);
  const before = new Set([...taken, ...objectiveFlags, ...theirs.map(({ name }) => optimizerFlag(name))]);
  return [
    { group: `Options of ${objective.id}`, options: mine, flagName: objectiveFlag },
    {
      group: `Options of ${optimizer.id}`,
      options: theirs,
      flagName: optimizerFlag,
    },
    { group: `Options of ${backend.id}`, options: optionsOf(backend.options), flagName: (option) => `backend.${option}` },
    { group: `Options of ${initializer?.id ?? 'the start'}`, options: initializer === undefined ? [] : optionsOf(initializer.options), flagName: (option) => `init.${option}` },
    {
      group: `Options of ${analysis?.id ?? 'the analysis'}`,
      options: analysis === undefined ? [] : optionsOf(analysis.options),
      flagName: (option) => (before.has(option) ? `analysis.${option}` : option),
    },
  ];
}

/** `track` takes its first argument off before the others are read. */
const operandText = (command: ProblemCommand): string => (command === 'track' ? '<trackers> <objective>' : '<objective>');

/** In files the objective is a setting like any other; on the command line it is the argument. */
const withObjectiveKey = (base: readonly Flag[]): Flag[] => [
  ...base,
  { group: 'Setup', name: 'objective', placeholder: 'id', summary: 'the objective, instead of the argument', parse: (value) => value },
];

async function withConfig(argv: readonly string[], environment: NodeJS.ProcessEnv, values: Values): Promise<Sources> {
  const config = values['config'] as string | undefined;
  return { argv, environment, file: config === undefined ? undefined : await readConfig(config) };
}

/** The settings of the run that goes on stand where a configuration file would. */
function resumeSources(argv: readonly string[], environment: NodeJS.ProcessEnv, folder: string, saved: SavedRun): Sources {
  for (const argument of argv) {
    const [, name] = /^--([^=]+)/.exec(argument) ?? [];
    if (name === undefined || name === 'help' || renewable.includes(name)) continue;
    throw usageError(`--resume keeps the settings of the run in ${folder}; only ${renewable.slice(1).map((flag) => `--${flag}`).join(', ')} may be given with it, not --${name}.`);
  }
  const quiet = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('LOWLAND_')));
  const { force: _force, json: _json, quiet: _quiet, out: _out, config: _config, ...settings } = saved.settings;
  return { argv, environment: quiet, file: { path: resolve(folder, 'checkpoint.json'), values: settings } };
}

/** The settings of the run that is looked at stand where a configuration file would; those of the look may be given beside it. */
function lookSources(argv: readonly string[], environment: NodeJS.ProcessEnv, folder: string, saved: SavedRun): Sources {
  const { force: _force, json: _json, quiet: _quiet, out: _out, config: _config, predict: _predict, track, resume: _resume, 'max-seconds': _seconds, ...settings } = saved.settings;
  const watched = trackersIn({ track });
  const own = Object.entries(settings).filter(([name]) => !watched.some((id) => name.startsWith(`${id}.`)));
  const quiet = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('LOWLAND_')));
  return { argv, environment: quiet, file: { path: resolve(folder, 'checkpoint.json'), values: Object.fromEntries(own) } };
}

/** The names in --track, each once. */
function trackersIn({ track }: Values): readonly string[] {
  return typeof track === 'string' ? [...new Set(track.split(',').map((id) => id.trim()))] : [];
}

/** The argument that names an objective. Others may be values of flags that are not known yet. */
function operandOf(operands: readonly string[], catalog: Registry): string | undefined {
  return operands.find((name) => catalog.all('objectives').some(({ id }) => id === name));
}

/** Once all flags are known, so is the argument. */
function refuseOther(operand: string | undefined, { id }: Request['objective'], catalog: Registry): void {
  if (operand === undefined || operand === id) return;
  throw usageError(`The objective is ${id}, not ${catalog.find('objectives', operand).id}.`);
}

function helpWithoutObjective(command: ProblemCommand, base: readonly Flag[], sources: Sources, catalog: Registry): never {
  const ids = catalog.all('objectives').map(({ id, summary }) => `  ${id.padEnd(24)} ${summary}`).join('\n');
  const epilogue = `Objectives (lowland ${command} <objective> --help shows their options):\n${ids}\n\n${sourcesHelp}\n${exitCodeHelp}`;
  parse({ name: command, summary: summaries[command] ?? '', operand: operandText(command), epilogue }, withObjectiveKey(base), sources);
  throw usageError(`Name an objective: ${catalog.all('objectives').map(({ id }) => id).join(', ')}.`);
}

function describeShort(objective: Request['objective'], optimizer: Request['optimizer']): string {
  return [`${objective.id}: ${objective.summary}`, ...(objective.formula === undefined ? [] : [`  ${objective.formula}`]), `${optimizer.id}: ${optimizer.summary}`].join('\n');
}

/** So that --resume works from any folder. */
function withAbsolutePaths(given: Values): Values {
  const absolute = (name: string, value: unknown): unknown => {
    if (name === 'data' || name === 'predict' || name === 'solution-distance.path' || name === 'init.path') return resolve(String(value));
    if (name !== 'plugin') return value;
    return [value].flat().map((plugin) => (existsSync(String(plugin)) ? resolve(String(plugin)) : plugin));
  };
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, absolute(name, value)]));
}
