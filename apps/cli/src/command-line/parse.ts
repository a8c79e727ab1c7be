import { Command, CommanderError, Option } from 'commander';
import { unknownName } from '@lowland/core';

import { Exit, exit } from '../exit.ts';
import { environmentName, type Flag, isBoolean, isToggle, toggle, usageError } from './flag.ts';

/** Settings by flag name, without the dashes. Absent: not given anywhere. */
export type Values = Readonly<Record<string, unknown>>;

/** Where settings come from: flags beat environment beats file. */
export interface Sources {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly path: string; readonly values: Values } | undefined;
}

export interface Parsed {
  readonly values: Values;
  /** The same before parsing: text or plain values, which give the same settings again when read from a file. */
  readonly given: Values;
  readonly operands: readonly string[];
}

export interface CommandText {
  readonly name: string;
  readonly summary: string;
  /** What the one argument stands for; without it there is none. */
  readonly operand?: string;
  /** Printed below the options. */
  readonly epilogue?: string;
}

/** Reads settings without complaint about flags that are not among `flags`: what decides which others exist. */
export function preview(flags: readonly Flag[], sources: Sources): Parsed {
  const command = commandOf({ name: 'preview', summary: '' }, flags).helpOption(false).allowUnknownOption();
  return merge(command, flags, sources);
}

/** Reads settings and refuses what is not among `flags`; `--help` prints the help and throws Exit 0. */
export function parse(text: CommandText, flags: readonly Flag[], sources: Sources): Parsed {
  const parsed = merge(commandOf(text, flags), flags, sources);
  refuseUnknownKeys(flags, sources, parsed.values);
  const most = text.operand === undefined ? 0 : 1;
  if (parsed.operands.length > most) {
    throw usageError(`${most === 0 ? 'No argument' : `One argument, ${text.operand ?? ''},`} is expected after "${text.name}"; there are ${parsed.operands.length}: ${parsed.operands.join(' ')}.`);
  }
  return parsed;
}

/** The value of one flag from any of its texts. @throws LOWLAND_E_USAGE naming `origin`. */
function parseValue(flag: Flag, value: unknown, origin: string): unknown {
  if (typeof value === 'object' && value !== null && !(flag.repeats === true && Array.isArray(value))) {
    throw usageError(`${origin}: expected a plain value, not ${JSON.stringify(value)}.`);
  }
  const given = Array.isArray(value) ? (value as unknown[]) : [value];
  try {
    const parsed = given.map((one) => (isBoolean(flag) ? toggle(String(one)) : flag.parse(String(one))));
    return flag.repeats === true ? parsed : parsed[0];
  } catch (cause) {
    throw usageError(`${origin}: ${cause instanceof Error ? cause.message : String(cause)}.`, cause);
  }
}

function commandOf({ name, summary, operand, epilogue }: CommandText, flags: readonly Flag[]): Command {
  const command = new Command(`lowland ${name}`)
    .description(summary)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ helpWidth: Math.min(process.stdout.columns || 100, 110) });
  command.usage(operand === undefined ? '[options]' : `${operand} [options]`).allowExcessArguments();
  for (const flag of flags) command.addOption(optionOf(flag));
  if (epilogue !== undefined) command.addHelpText('after', `\n${epilogue}`);
  return command;
}

/** Commander splits the command line; values are parsed with those of the other sources, in `merge`. */
function optionOf(flag: Flag): Option {
  const fallback = flag.fallback === undefined ? '' : ` (default: ${flag.fallback})`;
  const option = new Option(`--${flag.name} ${isBoolean(flag) ? '[boolean]' : `<${flag.placeholder!}>`}`, flag.summary + fallback);
  if (flag.repeats === true) option.argParser((value: string, previous: unknown) => [...((previous as string[] | undefined) ?? []), value]);
  return option.helpGroup(`${flag.group}:`);
}

/**
 * One rule for all that is true or false: the flag alone says true, and true or false may follow it, as the next word or after "=". Commander, which has
 * no such rule, is given a value in any case.
 */
function withValues(argv: readonly string[], flags: readonly Flag[]): string[] {
  const names = new Set(flags.filter(isBoolean).map(({ name }) => `--${name}`));
  const out: string[] = [];
  for (let k = 0; k < argv.length; k++) {
    const word = argv[k]!;
    if (word === '--') return [...out, ...argv.slice(k)];
    if (!names.has(word)) out.push(word);
    else if (argv[k + 1] !== undefined && isToggle(argv[k + 1]!)) out.push(`${word}=${argv[++k]!}`);
    else out.push(`${word}=true`);
  }
  return out;
}

function merge(command: Command, flags: readonly Flag[], { argv, environment, file }: Sources): Parsed {
  try {
    command.parse(withValues(argv, flags), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new Exit(exit.ok);
    throw usageError(error.message.replace(/^error: /, ''), error);
  }
  const values: Record<string, unknown> = {};
  const given: Record<string, unknown> = {};
  for (const flag of flags) {
    const { name } = flag;
    const variable = environmentName(name);
    const found = [
      { origin: `--${name}`, value: command.getOptionValue(new Option(`--${name}`).attributeName()) as unknown },
      { origin: variable, value: environment[variable] === '' ? undefined : environment[variable] },
      { origin: `${file?.path ?? ''}: ${name}`, value: isOverruled(name, file?.values ?? {}, values) ? undefined : (file?.values[name] ?? undefined) },
    ].find(({ value }) => value !== undefined);
    if (found === undefined) continue;
    given[name] = found.value;
    values[name] = parseValue(flag, found.value, found.origin);
  }
  return { values, given, operands: command.args };
}

/** Whether a key of the file, `step.shrink`, is of a part, `step`, for which a flag or the environment chose another. */
function isOverruled(key: string, file: Values, values: Values): boolean {
  const part = key.slice(0, Math.max(0, key.lastIndexOf('.')));
  if (part === '') return false;
  return isOverruled(part, file, values) || (file[part] !== undefined && values[part] !== undefined && file[part] !== values[part]);
}

function refuseUnknownKeys(flags: readonly Flag[], { file }: Sources, values: Values): void {
  const known = flags.map((flag) => flag.name);
  for (const key of Object.keys(file?.values ?? {})) {
    if (known.includes(key) || isOverruled(key, file!.values, values)) continue;
    throw unknownName(`setting in ${file!.path} called`, key, known);
  }
}
