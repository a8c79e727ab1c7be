/** The command line that repeats a run of the page: the same numbers come out, to the last bit. */
import { defaultPart, type OptionInfo } from '@lowland/core';

import type { Catalogue, Form } from '../engine/protocol.ts';
import { type Chosen, type Composition, defaultLimits, type Options } from './composition.ts';

/** What `lowland solve` understands of its own: options of these names have a prefix. */
const taken: ReadonlySet<string> = new Set([
  'data', 'generate', 'format', 'columns', 'layout', 'delimiter', 'header', 'row-labels', 'rows', 'cols', 'index-base', 'duplicates', 'unlisted', 'missing', 'holdout',
  'rank', 'start-rank', 'growth', 'form', 'optimizer', 'backend', 'init', 'seed', 'max-iterations', 'every', 'max-seconds', 'gradient-tolerance', 'gap-tolerance',
  'plugin', 'config', 'out', 'force', 'predict', 'resume', 'track', 'quiet', 'json',
]);

/** One command of each method, whose `forms` a prospect tells. */
export function commandsOf(composition: Composition, catalogue: Catalogue, forms: readonly Form[], plugins: readonly string[] = []): readonly string[] {
  return composition.methods.map((method, k) => commandOf(composition, method, catalogue, forms[k] ?? 'factored', plugins));
}

function commandOf({ objective, data, generate, init, backend, seed, limits, track }: Composition, method: Chosen, catalogue: Catalogue, form: Form, plugins: readonly string[]): string {
  const entry = catalogue.objectives.find(({ id }) => id === objective.id);
  const own = new Set((entry?.options ?? []).filter(({ name }) => name !== 'rank').map(({ name }) => objectiveFlag(name)));
  const optimizerFlag = (name: string): string => (taken.has(name) || own.has(name) ? `optimizer.${name}` : name);
  const words = ['lowland', 'solve', objective.id];
  const flag = (name: string, value: unknown): void => {
    words.push(`--${name}`, quoted(value));
  };
  for (const plugin of plugins) flag('plugin', plugin);
  if (entry !== undefined && entry.data !== 'none') {
    if (data === null) flag('generate', generateSpec(generate, entry.generate ?? []));
    else {
      flag('data', data.name);
      for (const [name, value] of Object.entries(data.reading)) for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) flag(name, each);
    }
    if (entry.data === 'entries') flag('holdout', data?.holdout ?? 0);
  }
  // over the matrix itself a rank is the method's, where it keeps one
  const ranks = form !== 'convex' || catalogue.optimizers.some(({ id, options }) => id === method.id && options.some(({ name }) => name === 'rank'));
  const { rank, ...rest } = objective.options;
  putOptions(ranks && rank !== undefined ? { rank, ...rest } : rest, (name) => (name === 'rank' ? 'rank' : objectiveFlag(name)), flag);
  flag('optimizer', method.id);
  putOptions(method.options, optimizerFlag, flag);
  if (backend.id !== 'cpu') flag('backend', backend.id);
  putOptions(backend.options, (name) => `backend.${name}`, flag);
  if (init !== null) {
    flag('init', init.id);
    putOptions(init.options, (name) => `init.${name}`, flag);
  }
  flag('seed', seed);
  flag('max-iterations', limits.iterations);
  if (limits.seconds !== defaultLimits.seconds) flag('max-seconds', limits.seconds);
  if (limits.gradientTolerance !== defaultLimits.gradientTolerance) flag('gradient-tolerance', limits.gradientTolerance);
  if (track.length > 0) flag('track', track.join(','));
  return words.join(' ');
}

const objectiveFlag = (name: string): string => (taken.has(name) ? `objective.${name}` : name);

function putOptions(options: Options, flagName: (name: string) => string, flag: (name: string, value: unknown) => void): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'object' && value !== null && 'id' in value) {
      flag(flagName(name), value.id);
      if ('options' in value) putOptions(value.options as Options, (inner) => `${flagName(name)}.${inner}`, flag);
    } else {
      flag(flagName(name), value);
    }
  }
}

/** What `--generate` takes. A generator at its defaults still has to be named. */
export function generateSpec(generate: Options, infos: readonly OptionInfo[]): string {
  const spec = Object.entries(generate).map(([name, value]) => `${name}=${text(value)}`).join(',');
  return spec === '' ? defaultsOf(infos) : spec;
}

/** Its inverse: `rows=30,cols=20`. What is no pair is left out. */
export function readGenerateSpec(spec: string): Options {
  return Object.fromEntries(spec.split(',').filter((pair) => pair.includes('=')).map((pair) => {
    const [name = '', value = ''] = pair.split('=').map((part) => part.trim());
    return [name, Number.isNaN(Number(value)) ? value : Number(value)];
  }));
}

/** One setting is enough: the first one that has a default, at it. */
function defaultsOf(options: readonly OptionInfo[]): string {
  const first = options.find(({ fallback }) => fallback !== undefined);
  return first === undefined ? '' : `${first.name}=${text(defaultPart(first.fallback))}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** As a shell reads it back to the same word. */
function quoted(value: unknown): string {
  const word = text(value);
  return /^[\w.,=:/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
