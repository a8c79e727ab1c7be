import { resolve } from 'node:path';

import { type AnyInitializer, type AnyOptimizer, parseOptions } from '@lowland/core';
import { phaseMap, type PhaseAxis } from '@lowland/landscape';

import { usageError } from '../command-line/flag.ts';
import { readRequest, type Request } from '../command-line/request.ts';
import { jsonText, writeAtomically } from '../data/index.ts';
import { exit, type ExitCode } from '../exit.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { ofPhase, phaseSvg } from '../look/phase-picture.ts';
import { generatorSettings } from '../problem.ts';
import { StageProgress } from '../terminal/progress.ts';
import { screen } from '../terminal/style.ts';
import { version } from '../version.ts';

/** `lowland phase`: success over settings of the data. */
export async function phase(argv: readonly string[]): Promise<ExitCode> {
  const request = await readRequest('phase', argv, process.env);
  const { values, objective: definition, optimizer, backend, initializer } = request;
  const axes = axesOf((values['vary'] as readonly string[] | undefined) ?? []);
  const { rank } = values;
  const seed = (values['seed'] as number | undefined) ?? 0;
  const [out, err] = [screen(process.stdout), screen(process.stderr)];
  const machine = backend.create(parseOptions(backend.options, request.backendOptions, backend.id));
  const stages = values['quiet'] === true ? undefined : new StageProgress(err);
  const start = performance.now();
  const interrupt = listenForInterrupt(() => err.write('\ninterrupted: the map ends with this cell; once more ends at once\n'));
  try {
    const map = await phaseMap({
      objective: definition,
      axes,
      data: generatorSettingsOf(request),
      options: { ...request.objectiveOptions, ...(rank !== undefined && !axes.some(({ name }) => name === 'rank') && { rank }) },
      optimizer: optimizer.create(parseOptions(optimizer.options, request.optimizerOptions, optimizer.id)) as AnyOptimizer,
      ...(initializer && { init: initializer.create(parseOptions(initializer.options, request.initializerOptions, initializer.id)) as AnyInitializer }),
      backend: machine,
      seed,
      ...(values['trials'] !== undefined && { trials: values['trials'] as number }),
      ...(values['max-iterations'] !== undefined && { steps: values['max-iterations'] as number }),
      ...(values['recovered'] !== undefined && { tolerance: values['recovered'] as number }),
      progress: (done, of) => { stages?.update('cells', done, of, (performance.now() - start) / 1000); },
      signal: interrupt.signal,
    });
    stages?.done();
    const svg = values['svg'] as string | undefined;
    if (svg !== undefined) writeAtomically(resolve(svg), phaseSvg(map));
    if (values['json'] === true) out.write(jsonText({ lowland: version(), command: 'phase', computing: { backend: machine.id, dtype: machine.dtype, ...machine.details }, data: values['generate'] ?? null, interrupted: interrupt.signal.aborted, ...map }));
    else out.write(`${[...ofPhase(map, out), ...(svg === undefined ? [] : ['', `The picture is in ${svg}.`])].join('\n')}\n`);
    return interrupt.signal.aborted ? exit.interrupted : exit.ok;
  } finally {
    interrupt.release();
    await machine[Symbol.asyncDispose]?.();
  }
}

const generatorSettingsOf = ({ values, objective }: Request): Readonly<Record<string, string | number>> => {
  const spec = values['generate'] as string | undefined;
  return spec === undefined ? {} : generatorSettings(objective, spec);
};

/** `name=from:to:step` or `name=a,b,c`. */
function axesOf(given: readonly string[]): readonly [PhaseAxis] | readonly [PhaseAxis, PhaseAxis] {
  const [first, second, ...more] = given.map(axisOf);
  if (first === undefined || more.length > 0) throw usageError('A map has one axis or two: give --vary once or twice, such as --vary measurements=40:120:20 --vary rank=1,2,3.');
  return second === undefined ? [first] : [first, second];
}

/** Cells beyond this along one axis are no picture any more. */
const mostValues = 200;

function axisOf(text: string): PhaseAxis {
  const [name = '', list = '', ...rest] = text.split('=').map((part) => part.trim());
  const refuse = (): never => { throw usageError(`--vary: expected name=from:to:step upwards or name=a,b,c of numbers, not "${text}".`); };
  if (name === '' || list === '' || rest.length > 0) return refuse();
  const numbers = list.split(/[:,]/).map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) return refuse();
  if (!list.includes(':')) return { name, values: numbers };
  const [from = NaN, to = NaN, step = 1, ...more] = numbers;
  if (list.includes(',') || more.length > 0 || !(step > 0) || !(to >= from)) return refuse();
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > mostValues) throw usageError(`--vary ${name} has ${count} values; at most ${mostValues} along an axis.`);
  return { name, values: Array.from({ length: count }, (_, i) => from + i * step) };
}
