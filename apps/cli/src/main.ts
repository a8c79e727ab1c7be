import { Command, CommanderError } from 'commander';
import { errorCode, unknownName } from '@lowland/core';

import type { AnalysisCommand } from './command-line/base-flags.ts';
import { usageError } from './command-line/flag.ts';
import { Exit, exit, type ExitCode, exitCodeHelp } from './exit.ts';
import { version } from './version.ts';

/** A command gets what follows its name. Each is loaded when it is used, so that the others cost no time. */
type Run = (argv: readonly string[]) => Promise<ExitCode>;

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Run>;
}

/** Analyses as commands, with what help says of them before their packages are loaded. */
const looks: readonly (readonly [AnalysisCommand, string])[] = [
  ['classify', 'what kind of stationary point a result is'],
  ['certify', 'prove how far a result is from the least value'],
  ['spectrum', 'eigenvalues of the Hessian at a result'],
  ['slice', 'the objective on a line or a plane through a result'],
  ['regions', 'where in the partition of a factorization a result lies'],
  ['all-stationary-points', 'every stationary point of a small problem'],
  ['census', 'stationary points from many starts, one for each orbit'],
  ['connect', 'which minima the saddles join, and how high the ways are'],
  ['basins', 'where a method ends from each point of a plane'],
  ['between', 'the hill between two results, straight and around'],
  ['dual-bound', 'what a constrained problem can reach at best, from the multipliers at a result'],
  ['escapes', 'columns that lower the value of a result which is stuck'],
  ['rip', 'how near measurements come to an isometry on matrices of low rank'],
  ['nullity', 'which flat directions at a result symmetry accounts for'],
  ['isotropy', 'stationary points that symmetry forces, on the fixed spaces of subgroups'],
  ['exit-times', 'how long noise takes to leave a minimum'],
  ['escape-times', 'how many steps descent takes to leave a saddle'],
  ['recurrence', 'how fast noise comes back to a minimum'],
];

export const commands: readonly Entry[] = [
  { name: 'solve', summary: 'recover a low-rank matrix and certify it', load: async () => (await import('./commands/solve.ts')).solve },
  { name: 'plan', summary: 'show how solve would work, without running it', load: async () => (await import('./commands/plan.ts')).plan },
  ...looks.map(([name, summary]): Entry => ({ name, summary, load: async () => (await import('./commands/look.ts')).look(name) })),
  { name: 'track', summary: 'watch a run by trackers, a recorded one repeated to the same bits', load: async () => (await import('./commands/track.ts')).track },
  { name: 'phase', summary: 'how often a method recovers what was planted, over settings of the data', load: async () => (await import('./commands/phase.ts')).phase },
  { name: 'view', summary: 'show a folder of results in a page on this machine, and follow a run', load: async () => (await import('./commands/view.ts')).view },
  { name: 'verify', summary: 'check a certificate against the data, without the code that made it', load: async () => (await import('./commands/verify.ts')).verify },
  { name: 'list', summary: 'list objectives, optimizers, backends, analyses, parts and trackers', load: async () => (await import('./commands/list.ts')).list },
  { name: 'describe', summary: 'formula, options and reference of one of them', load: async () => (await import('./commands/describe.ts')).describe },
  {
    name: 'check-derivatives',
    summary: 'check gradient and Hessian by Taylor slopes',
    load: async () => (await import('./commands/check-derivatives.ts')).checkDerivatives,
  },
  { name: 'doctor', summary: 'which backends work here, on what, and what the others lack', load: async () => (await import('./commands/doctor.ts')).doctor },
  { name: 'demo', summary: 'hide a part of the U.S. employment series and recover it', load: async () => (await import('./commands/demo.ts')).demo },
];

/** Runs the command line and says with which code the process ends. Errors are reported here and nowhere else. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  try {
    const [name, ...rest] = argv;
    const entry = commands.find((command) => command.name === name);
    return entry === undefined ? front(argv) : await (await entry.load())(rest);
  } catch (error) {
    return report(error);
  }
}

/** `lowland`, `lowland --help`, `lowland --version`, and names that are no command. */
function front(argv: readonly string[]): ExitCode {
  const program = new Command('lowland')
    .description('Recover low-rank matrices, and know what kind of point was reached.')
    .version(version(), '--version')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .allowExcessArguments()
    .addHelpText('after', `\nlowland <command> --help shows the options of a command.\n${exitCodeHelp}`);
  for (const { name, summary } of commands) program.command(name, { hidden: false }).summary(summary).description(summary);
  const [name] = argv;
  if (name !== undefined && !name.startsWith('-') && name !== 'help') {
    throw unknownName('command', name, commands.map((command) => command.name));
  }
  try {
    if (name === undefined || name === 'help') program.outputHelp();
    else program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error.message.replace(/^error: /, ''), error);
  }
  return exit.ok;
}

/** Says on stderr what went wrong. A coded error is about what was asked for; any other is a fault of this program. */
function report(error: unknown): ExitCode {
  if (error instanceof Exit) {
    if (error.message !== '') process.stderr.write(`lowland: ${error.message}\n`);
    return error.exitCode;
  }
  const code = errorCode(error);
  if (code !== undefined) {
    process.stderr.write(`lowland: ${(error as Error).message} [${code}]\n`);
    return exitCodeOf(code, error as Error);
  }
  process.stderr.write(`lowland: unexpected error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exit.unexpected;
}

const numerical = ['LOWLAND_E_NOT_FINITE', 'LOWLAND_E_NUMERICAL'];

function exitCodeOf(code: string, error: Error): ExitCode {
  const details = 'details' in error ? (error.details as Readonly<Record<string, unknown>>) : {};
  if ('plan' in details) return exit.refused;
  return numerical.includes(code) ? exit.numerical : exit.usage;
}
