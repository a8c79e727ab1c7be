import { resolve } from 'node:path';

import { type AnyAnalysis, type AnyOptimizer, analyse, blockLength, type Capability, createPoint, LowlandError, type Objective, parseOptions, type Point } from '@lowland/core';
import { atMultipliers, basins, basinsFrom, type BasinsSettings, type Certificate, planeEvaluator, regions, type RegionsOptions, type Slice, slice, type SliceDirection, type SliceOptions } from '@lowland/landscape';

import type { AnalysisCommand } from '../command-line/base-flags.ts';
import { usageError } from '../command-line/flag.ts';
import { readRequest, type Request } from '../command-line/request.ts';
import { jsonText, writeAtomically } from '../data/index.ts';
import { Exit, exit, type ExitCode } from '../exit.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { plainData } from '../look/plain-data.ts';
import { pictureOf } from '../look/pictures.ts';
import { regionsSvg } from '../look/regions-svg.ts';
import { pictured, svgOf } from '../look/svg.ts';
import { certificateFile } from '../output/certificate.ts';
import { readBlocks } from '../output/recorded.ts';
import { repeat } from '../repeat.ts';
import { polished, run, type Watch } from '../run.ts';
import { type Setup, setUp } from '../set-up.ts';
import { Progress, StageProgress } from '../terminal/progress.ts';
import { type Screen, screen } from '../terminal/style.ts';
import { type TrajectoryRecorder, trajectoryRecorder } from '../trajectory.ts';
import { version } from '../version.ts';
import { printPlan } from './plan.ts';

/** A command that looks at one point: the result of a run (--from), or what a run with these settings reaches. */
export function look(command: AnalysisCommand): (argv: readonly string[]) => Promise<ExitCode> {
  return async (argv) => {
    const request = await readRequest(command, argv, process.env);
    await using setup = await setUp(request);
    const { values, saved } = request;
    const [out, err] = [screen(process.stdout), screen(process.stderr)];
    if (saved !== undefined && saved.data !== (setup.loaded?.digest ?? null)) {
      throw new LowlandError('LOWLAND_E_RESUME_DATA', `The data are not those of the run: their SHA-256 is ${setup.loaded?.digest ?? 'none'}, that of the run ${saved.data ?? 'none'}.`);
    }
    if (saved === undefined && !setup.plan.ok) {
      printPlan(setup, err);
      return exit.refused;
    }
    const svg = values['svg'] as string | undefined;
    if (svg !== undefined && !pictured.includes(command)) throw usageError(`${command} has no picture to write; leave out --svg.`);
    const recorder = recorderOf(command, request, setup);
    const definition = request.analysis!;
    const options: unknown = parseOptions(definition.options, recorder === undefined ? request.analysisOptions : alongRun(request.analysisOptions), definition.id);
    const watched = recorder === undefined ? setup : { ...setup, trackers: [recorder.tracker] };
    const { source, ...place } = saved === undefined ? await reached(request, watched, err) : stored(request, setup, values['from'] as string);
    if (saved !== undefined && recorder !== undefined) await repeated(request, watched, values['from'] as string, err);
    const { objective, point } = judging.includes(command) ? await atMultipliers(place, setup.judge) : place;
    const to = await otherEnd(command, request, setup, err);
    const stages = staged.includes(command) && values['quiet'] !== true ? new StageProgress(err) : undefined;
    const beside = { ...(to !== undefined && { to }), ...(stages !== undefined && { progress: timed(stages) }), ...(command === 'slice' && gridOn(setup, objective)) };
    const analysis = analysisOf(command, request, setup, objective, { ...(options as object), ...beside }, recorder);
    const found: unknown = await analyse(objective, analysis as AnyAnalysis, point, setup.judge, { seed: setup.seed }).finally(() => stages?.done());
    if (svg !== undefined) {
      const picture = command === 'regions' ? await regionsSvg(objective, point, setup.judge, setup.seed, plantedFor(objective, setup)) : svgOf(command, found, objective.id);
      if (picture === undefined) throw usageError(`There is nothing to draw: ${command} found nothing here.`);
      writeAtomically(resolve(svg), picture);
    }
    const certificate = values['certificate'] as string | undefined;
    if (certificate !== undefined) writeCertificate(certificate, command, request, setup, { objective, point }, found);
    const document = { lowland: version(), analysis: command, options, objective: objective.id, seed: setup.seed, source, computing: provenance(setup, command, found), result: plainData(found) };
    if (values['json'] === true) out.write(jsonText(document));
    else out.write(`${[`${out.style('bold', command)} of ${objective.id}, ${source}`, ...noteOf(setup, command, found, out), '', ...pictureOf(command, found, out), ...(svg === undefined ? [] : ['', `The picture is in ${svg}.`])].join('\n')}\n`);
    return exit.ok;
  };
}

/** Where the run computed, and where the analysis did: in f64, whatever the run used, but for values of a section that the run's backend gave. */
const provenance = (setup: Setup, command: AnalysisCommand, found: unknown) => {
  const { backend, computing, judge } = setup;
  return { run: { backend: backend.id, ...computing }, analysis: { backend: judge.id, dtype: judge.dtype, ...judge.details }, ...(byRun(setup, command, found) && { values: { backend: backend.id, dtype: backend.dtype } }) };
};

const noteOf = (setup: Setup, command: AnalysisCommand, found: unknown, { style }: Screen): readonly string[] => {
  const { backend, judge } = setup;
  if (backend.dtype === judge.dtype) return [];
  const but = byRun(setup, command, found) ? `; the values of the section are ${backend.id}'s, in ${backend.dtype}` : '';
  return [style('dim', `The run computed on ${backend.id} in ${backend.dtype}; what follows is about the point named above, and computed on ${judge.id} in ${judge.dtype}${but}.`)];
};

/** Whether the values of a section are the run's backend's. */
const byRun = ({ backend, judge }: Setup, command: AnalysisCommand, found: unknown): boolean =>
  command === 'slice' && backend.dtype !== judge.dtype && (found as Slice).evaluation?.dtype === backend.dtype;

/** A slice that is no polynomial is drawn on the GPU of the run, where it has the kernels. */
function gridOn({ backend, judge }: Setup, objective: Objective<Capability>): Pick<SliceOptions, 'evaluator'> {
  return backend === judge ? {} : { evaluator: planeEvaluator(objective, backend) };
}

/** @throws LOWLAND_E_USAGE where nothing was proved that `verify` could check. */
function writeCertificate(file: string, command: AnalysisCommand, request: Request, setup: Setup, { objective, point }: Omit<Place, 'source'>, found: unknown): void {
  if (command !== 'certify') throw usageError(`--certificate writes what certify proved; leave it out with ${command}.`);
  const document = certificateFile(request, setup, objective, point, found as Certificate);
  if (typeof document === 'string') throw usageError(`There is no certificate to write: ${document}.`);
  writeAtomically(resolve(file), jsonText(document));
}

/** What is judged as in `solve`: a solution of a constrained problem with its multipliers. */
const judging: readonly AnalysisCommand[] = ['certify', 'classify', 'spectrum', 'nullity'];

/** What takes long enough to say how far it is. */
const staged: readonly AnalysisCommand[] = ['census', 'connect'];

function timed(stages: StageProgress): (stage: string, done: number, of: number) => void {
  const start = performance.now();
  return (stage, done, of) => { stages.update(stage, done, of, (performance.now() - start) / 1000); };
}

interface Place {
  readonly objective: Objective<Capability>;
  readonly point: Point;
  /** Where the point came from, in words. */
  readonly source: string;
}

/** Runs with a progress line; Ctrl-C ends the run, not the look. */
async function shown<T>({ values }: Request, setup: Setup, err: Screen, words: string, work: (watch: Watch) => Promise<T>): Promise<T> {
  const interrupt = listenForInterrupt(() => err.write(`\ninterrupted: ${words}; once more ends at once\n`));
  const progress = values['quiet'] === true ? undefined : new Progress(err, setup.limits);
  try {
    return await work({ signal: interrupt.signal, record: (row) => progress?.update(row), checkpoint: () => undefined });
  } finally {
    progress?.done();
    interrupt.release();
  }
}

async function reached(request: Request, setup: Setup, err: Screen): Promise<Place> {
  const { objective, point, iterations, polish } = await polished(setup, await shown(request, setup, err, 'looking at the point reached so far', (watch) => run(setup, watch, undefined)));
  return { objective, point, source: `after ${iterations} iterations of ${setup.optimizer.id}${polish === null ? '' : ` and ${polish.steps} of ${polish.method} in f64`}` };
}

/** Where a way or a slice leads: the result in another folder, or what the same run reaches from the start of another seed. */
async function otherEnd(command: AnalysisCommand, request: Request, setup: Setup, err: Screen): Promise<Point | undefined> {
  const to = request.values['to'] as string | undefined;
  const wanted = command === 'between' || (command === 'slice' && Object.values(request.analysisOptions).includes('to'));
  if (!wanted && to !== undefined) throw usageError(`--to is where a way leads: for between, and for slice --first to; leave it out.`);
  if (!wanted) return undefined;
  if (to === undefined) throw usageError(`${command} leads to another point: say which by --to, a folder of solve or the seed of another start.`);
  const { point } = /^\d+$/.test(to) ? await reached(request, { ...setup, seed: Number(to) }, err) : stored(request, setup, to);
  return point;
}

/** The recorded run once more, for what watches it. */
async function repeated(request: Request, setup: Setup, folder: string, err: Screen): Promise<void> {
  const { outcome } = await shown(request, setup, err, 'the run was not repeated to its end', (watch) => repeat(setup, folder, watch));
  if (outcome.stop.reason === 'aborted') throw new Exit(exit.interrupted, 'interrupted; the run was not repeated to its end');
}

/** Regions are those of a matrix: the objective's own, or what --generate planted and measured. */
const plantedFor = ({ routes, options }: Objective<Capability>, { truth, loaded }: Setup): RegionsOptions =>
  truth === undefined || loaded?.form !== 'measurements' || 'target' in routes ? {} : { planted: truth, normalisation: options['normalisation'] === 'mean' ? 'mean' : 'sum' };

/** The analysis with what the command line knows beyond its options. */
function analysisOf(command: AnalysisCommand, { analysis, values }: Request, setup: Setup, objective: Objective<Capability>, options: unknown, recorder: TrajectoryRecorder | undefined): unknown {
  if (recorder !== undefined) return alongTrajectory(options as SliceSettings, recorder);
  if (command === 'regions') return regions(plantedFor(objective, setup));
  if (command === 'basins' && values['optimizer'] !== undefined) return basins({ ...basinsFrom(options as BasinsSettings), optimizer: setup.optimizer as AnyOptimizer });
  return analysis!.create(options);
}

type SliceSettings = Omit<SliceOptions, 'second'> & { readonly second: Exclude<SliceDirection, Point> | 'none' };

/** What keeps the run that a slice shows, where it is asked for one. */
function recorderOf(command: AnalysisCommand, { values, analysisOptions }: Request, { form, auto }: Setup): TrajectoryRecorder | undefined {
  const named = Object.values(analysisOptions).includes('trajectory');
  if (values['trajectory'] === true && command !== 'slice') throw usageError(`--trajectory shows a run on a slice; leave it out with ${command}.`);
  if (command !== 'slice' || (!named && values['trajectory'] !== true)) return undefined;
  if (form !== 'factored' || auto) throw usageError(`A run ${auto ? 'over several ranks' : `in ${form} form`} is no way through the factors; slice along another direction.`);
  return trajectoryRecorder();
}

/** A run's plane is spanned by both its directions, in a window that the run does not touch, unless something else is said. */
const alongRun = (given: Request['analysisOptions']): Request['analysisOptions'] => (given['first'] === 'trajectory' ? { second: 'trajectory', radius: 1.15, ...given } : given);

const alongTrajectory = ({ second, ...rest }: SliceSettings, { points }: TrajectoryRecorder) => slice({ ...rest, second: second === 'none' ? undefined : second, trajectory: points() });

/** The point in the NPY files of a folder, and the objective with as many columns as it has. */
function stored(request: Request, setup: Setup, folder: string): Place {
  const objective = setup.form === 'factored' ? setup.objective : withRank(request, setup, 1);
  const { data, columns } = readBlocks(folder, objective.layout);
  const { rank } = request.values;
  if (typeof rank === 'number' && columns !== undefined && rank !== columns && request.saved?.settings['rank'] !== rank) {
    throw usageError(`The result in ${folder} has ${columns} columns, not ${rank}; leave out --rank.`);
  }
  const sized = columns !== undefined && columns !== objective.layout.blocks[0]!.shape[1] ? withRank(request, setup, columns) : objective;
  const expected = sized.layout.blocks.reduce((sum, block) => sum + blockLength(block) * (block.complex ? 2 : 1), 0);
  if (data.length !== expected) {
    throw new LowlandError('LOWLAND_E_SHAPE', `The blocks in ${folder} have ${data.length} numbers; the problem has ${expected}.`, { details: { expected, given: data.length } });
  }
  return { objective: sized, point: createPoint(sized.layout, data), source: `the result in ${folder}` };
}

/** Results are kept in factors, whatever form they were found in. */
const withRank = ({ objective: definition, objectiveOptions }: Request, { data }: Setup, rank: number): Objective<Capability> =>
  definition.create(parseOptions(definition.options, { ...objectiveOptions, rank }, definition.id), data) as Objective<Capability>;
