/**
 * Options of plugins: a schema maker without dependencies.
 *
 * A schema says for each option its kind, default, bounds, unit and summary; from that come the TypeScript type, the
 * checks, and a JSON Schema from which command lines make flags and help, and pages make forms. It implements
 * Standard Schema v1 with its JSON Schema part, so that schemas of other makers can stand in its place.
 */
import { LowlandError } from './errors.ts';
import type { Schema } from './plugin.ts';

/** One option: how to check a given value, and its JSON Schema. */
export interface Option<T> {
  /** The value to use, or a text that says what was expected. */
  readonly check: (given: unknown) => { readonly value: T } | { readonly expected: string };
  readonly json: (target: string) => Readonly<Record<string, unknown>>;
  /** Absent: an option that may stay undefined. */
  readonly default?: T;
}

interface Common<T> {
  readonly summary?: string;
  readonly default?: T;
}
interface NumberSettings extends Common<number> {
  readonly min?: number;
  readonly max?: number;
  /** Exclusive bounds. */
  readonly above?: number;
  readonly below?: number;
  readonly unit?: string;
}

/** With a default the option is always there, without one it may be undefined. */
type Made<T, S> = S extends { readonly default: unknown } ? Option<T> & { readonly default: T } : Option<T>;

function make<T, S extends Common<T>>(settings: S, check: Option<T>['check'], json: Option<T>['json']): Made<T, S> {
  const { summary, default: value } = settings;
  return {
    check,
    json: (target: string) => ({ ...json(target), ...(value !== undefined && { default: value }), ...(summary !== undefined && { description: summary }) }),
    ...(value !== undefined && { default: value }),
  } as Made<T, S>;
}

function bounded<S extends NumberSettings>(settings: S, type: 'number' | 'integer'): Made<number, S> {
  const { min, max, above, below, unit } = settings;
  const bounds = [min === undefined ? '' : `>= ${String(min)}`, above === undefined ? '' : `> ${String(above)}`, max === undefined ? '' : `<= ${String(max)}`, below === undefined ? '' : `< ${String(below)}`];
  const expected = [type === 'integer' ? 'an integer' : 'a finite number', ...bounds.filter(Boolean)].join(' ');
  const fits = (x: unknown): x is number =>
    (type === 'integer' ? Number.isSafeInteger(x) : Number.isFinite(x)) &&
    !((x as number) < min!) && !((x as number) > max!) && !((x as number) <= above!) && !((x as number) >= below!);
  const json = { type, minimum: min, maximum: max, exclusiveMinimum: above, exclusiveMaximum: below, unit };
  return make(settings, (given) => (fits(given) ? { value: given } : { expected }), () => Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined)));
}

/** A finite number. */
export const number = <const S extends NumberSettings>(settings: S): Made<number, S> => bounded(settings, 'number');

export const integer = <const S extends NumberSettings>(settings: S): Made<number, S> => bounded(settings, 'integer');

export const boolean = <const S extends Common<boolean>>(settings: S): Made<boolean, S> =>
  make<boolean, S>(settings, (given) => (typeof given === 'boolean' ? { value: given } : { expected: 'true or false' }), () => ({ type: 'boolean' }));

export const string = <const S extends Common<string>>(settings: S): Made<string, S> =>
  make<string, S>(settings, (given) => (typeof given === 'string' ? { value: given } : { expected: 'a text' }), () => ({ type: 'string' }));

/** One of a few words. */
export const choice = <const C extends readonly string[], const S extends Common<C[number]>>(choices: C, settings: S): Made<C[number], S> =>
  make<C[number], S>(
    settings,
    (given) => (choices.includes(given as string) ? { value: given as C[number] } : { expected: `one of ${choices.join(', ')}` }),
    () => ({ type: 'string', enum: choices }),
  );

/** What `part` needs of a definition. */
export interface PartDefinition {
  readonly id: string;
  readonly summary: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- parts of every option type
  readonly options: Schema<any>;
}
type PartValue<D> = D extends { readonly id: infer I extends string; readonly options: Schema<infer O> } ? { readonly id: I; readonly options: O } : never;

/** A part with its own options: `{ id, options }`; the bare id stands for the part at its defaults. */
export const part = <const D extends readonly PartDefinition[], const S extends { readonly summary?: string; readonly default: D[number]['id'] }>(
  parts: D,
  settings: S,
): Option<PartValue<D[number]>> & { readonly default: PartValue<D[number]> } => {
  type Value = PartValue<D[number]>;
  const check = (given: unknown): { value: Value } | { expected: string } => {
    const { id, options: own, ...rest } = typeof given === 'object' && given !== null ? (given as { id?: unknown; options?: unknown }) : { id: given };
    const chosen = parts.find((candidate) => candidate.id === id);
    const unknown = Object.keys(rest)[0];
    if (chosen !== undefined && unknown !== undefined) return { expected: `{ id, options } without "${unknown}", which may belong into its options` };
    if (chosen === undefined) return { expected: `one of ${parts.map((candidate) => candidate.id).join(', ')}` };
    const checked = validate(chosen.options, own ?? {});
    return 'issue' in checked ? { expected: `${chosen.id} with options where ${checked.issue}` } : { value: { id: chosen.id, options: checked.value as unknown } as Value };
  };
  const json = (target: string) => ({
    oneOf: [
      ...parts.map(({ id, summary, options: own }) => ({
        type: 'object',
        description: summary,
        properties: { id: { const: id }, options: own['~standard'].jsonSchema?.input({ target }) ?? {} },
        required: ['id'],
        additionalProperties: false,
      })),
      { type: 'string', enum: parts.map(({ id }) => id) },
    ],
  });
  const start = check(settings.default) as { value: Value };
  return make<Value, { readonly summary?: string; readonly default: Value }>({ ...settings, default: start.value }, check, json);
};

type Spec = Readonly<Record<string, Option<unknown>>>;
type Always<S extends Spec> = { [K in keyof S]: S[K] extends { readonly default: unknown } ? K : never }[keyof S];
type ValueOf<O> = O extends Option<infer T> ? T : never;

/** The options after the checks: those with a default are there. */
export type OptionsOf<S extends Spec> = { readonly [K in Always<S>]: ValueOf<S[K]> } & { readonly [K in Exclude<keyof S, Always<S>>]?: ValueOf<S[K]> };
/** The parsed type of a schema. */
export type Infer<S> = S extends Schema<infer O> ? O : never;

/** A schema of named options. Names not listed are refused. */
export function options<const S extends Spec>(spec: S): Schema<{ readonly [K in keyof OptionsOf<S>]: OptionsOf<S>[K] }> {
  type Value = OptionsOf<S>;
  const validateAll = (given: unknown) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return { issues: [{ message: `expected an object of options, ${shown(given)} was given` }] };
    const issues: { message: string; path: string[] }[] = [];
    const value: Record<string, unknown> = {};
    for (const [name, from] of Object.entries(given)) {
      if (Object.hasOwn(spec, name) || from === undefined) continue;
      issues.push({ path: [name], message: `there is no option of that name (there are ${Object.keys(spec).join(', ') || 'none'})` });
    }
    for (const [name, option] of Object.entries(spec)) {
      const from = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
      if (from === undefined) {
        if (option.default !== undefined) value[name] = option.default;
        continue;
      }
      const checked = option.check(from);
      if ('value' in checked) value[name] = checked.value;
      else issues.push({ path: [name], message: `expected ${checked.expected}, ${shown(from)} was given` });
    }
    return issues.length > 0 ? { issues } : { value: value as Value };
  };
  const always = Object.keys(spec).filter((name) => spec[name]!.default !== undefined);
  const input = ({ target }: { target: string }) => ({
    type: 'object',
    properties: Object.fromEntries(Object.entries(spec).map(([name, option]) => [name, option.json(target)])),
    additionalProperties: false,
  });
  return {
    '~standard': {
      version: 1,
      vendor: 'lowland',
      validate: validateAll,
      jsonSchema: { input, output: (how) => ({ ...input(how), required: always }) },
    },
  };
}

function shown(given: unknown): string {
  if (typeof given === 'string') return JSON.stringify(given);
  if (typeof given === 'object' && given !== null) return Array.isArray(given) ? 'a list' : 'an object';
  return typeof given === 'function' ? 'a function' : `${given as number}`;
}

/** The value, or the first complaint in one line. */
function validate<O>(schema: Schema<O>, given: unknown): { readonly value: O } | { readonly issue: string; readonly path: readonly PropertyKey[] } {
  const result = schema['~standard'].validate(given);
  if (result instanceof Promise || 'then' in result) return { issue: 'its checks are asynchronous, which options may not be', path: [] };
  if (result.issues === undefined) return { value: result.value };
  const path = result.issues[0]?.path ?? [];
  return { issue: result.issues.map((issue) => [issue.path?.map(String).join('.'), issue.message].filter(Boolean).join(': ')).join('; '), path };
}

/**
 * Checks options with a schema of any maker and fills in defaults.
 *
 * @param owner whose options they are, for the message
 * @throws LOWLAND_E_OPTIONS naming the option, what was expected and what was given
 */
export function parseOptions<O>(schema: Schema<O>, given: unknown, owner: string): O {
  const checked = validate(schema, given ?? {});
  if ('value' in checked) return checked.value;
  throw new LowlandError('LOWLAND_E_OPTIONS', `Options of ${owner}: ${checked.issue}.`, { details: { owner, path: checked.path } });
}
