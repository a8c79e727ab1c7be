import { join } from 'node:path';

import { LowlandError } from '@lowland/core';
import { atMultipliers } from '@lowland/landscape';

import { usageError } from '../command-line/flag.ts';
import { readRequest, type Request } from '../command-line/request.ts';
import { type Cells, fileInput, prepareOutput, readCells, writePredictions } from '../data/index.ts';
import { jsonText } from '../data/write.ts';
import type { ResultDocument } from '../document.ts';
import { predictEntries } from '../entries-of.ts';
import { Exit, exit, type ExitCode } from '../exit.ts';
import { type Interrupt, listenForInterrupt } from '../interrupt.ts';
import { judge, type Judgement } from '../judge.ts';
import { certificateFile } from '../output/certificate.ts';
import { offsetsOf, type Progressed, RunFolder, type SavedRun } from '../output/run-folder.ts';
import { readTracked } from '../output/tracked.ts';
import { report } from '../report.ts';
import { type Outcome, polished, reached, run } from '../run.ts';
import { type Setup, setUp } from '../set-up.ts';
import { singularValuesAt } from '../singular-values.ts';
import { type Limits, Progress } from '../terminal/progress.ts';
import { type Screen, screen } from '../terminal/style.ts';
import { noVerdict } from '../verdict.ts';
import { version } from '../version.ts';
import { printPlan } from './plan.ts';

/** `lowland solve`: from a file to a verdict. */
export async function solve(argv: readonly string[]): Promise<ExitCode> {
  const request = await readRequest('solve', argv, process.env);
  const screens = { out: screen(process.stdout), err: screen(process.stderr) };
  const folder = folderOf(request);
  const interrupt = listenForInterrupt(() => screens.err.write('\ninterrupted: finishing this step; once more ends at once\n'));
  try {
    return await solveRequest(request, folder, interrupt, screens);
  } finally {
    interrupt.release();
  }
}

/** Where results go; checked before any work. A resumed run goes on in its own folder. */
function folderOf({ values }: Request): string | undefined {
  const resumed = values['resume'] as string | undefined;
  const out = values['out'] as string | undefined;
  if (values['predict'] !== undefined && (resumed ?? out) === undefined) throw usageError('--predict writes predictions.csv into a folder; name one with --out.');
  if (resumed !== undefined || out === undefined) return resumed;
  prepareOutput(out, { force: values['force'] === true });
  return out;
}

async function solveRequest(request: Request, path: string | undefined, interrupt: Interrupt, { out, err }: { out: Screen; err: Screen }): Promise<ExitCode> {
  const { values, saved } = request;
  if (saved?.ended) throw new LowlandError('LOWLAND_E_RESUME', `The run in ${path ?? ''} has ended: ${saved.ended.reason} (${saved.ended.rule}). There is nothing to go on with.`);
  await using setup = await setUp(request);
  if (!setup.plan.ok) {
    printPlan(setup, err);
    return exit.refused;
  }
  if (saved !== undefined && saved.data !== (setup.loaded?.digest ?? null)) {
    throw new LowlandError('LOWLAND_E_RESUME_DATA', `The data are not those of the run in ${path ?? ''}: their SHA-256 is ${setup.loaded?.digest ?? 'none'}, that of the run ${saved.data ?? 'none'}.`);
  }
  const cells = await cellsOf(request, setup);
  if (interrupt.signal.aborted) return exit.interrupted;

  const folder = path === undefined ? undefined : openFolder(path, saved?.progressed);
  const save = (progressed: Progressed, ended: SavedRun['ended'] = null): void =>
    folder?.saveCheckpoint({ format: 1, settings: request.given, data: setup.loaded?.digest ?? null, progressed, ended });
  const gradientNorms: number[] = [];
  const tracked = path === undefined || saved === undefined ? [] : readTracked(join(path, 'tracked.jsonl'), reached(saved.progressed));
  if (tracked.length + setup.trackers.length > 0) folder?.track(tracked);
  const progress = values['quiet'] === true ? undefined : new Progress(err, progressLimits(setup));
  const ended = await run(
    setup,
    {
      signal: interrupt.signal,
      record: (row, seen) => {
        folder?.trace.append(row);
        if (seen !== undefined) {
          tracked.push({ ...(setup.auto && { round: row.round }), iteration: row.iteration, tracked: seen });
          folder?.appendTracked(tracked.at(-1)!);
        }
        gradientNorms.push(row.gradientNorm);
        progress?.update(row);
      },
      checkpoint: (progressed) => save(progressed),
    },
    saved?.progressed,
  ).finally(() => {
    progress?.done();
    folder?.close();
  });
  const outcome = await polished(setup, ended);
  const { reason } = outcome.stop;
  const interrupted = reason === 'aborted';
  save(outcome.progressed);
  if (folder !== undefined) {
    folder.saveFactors(outcome.point, setup.loaded);
    folder.saveOffsets(outcome.objective);
    if (cells !== undefined) await savePredictions(folder, setup, outcome, cells);
  }
  // The verdict is one long computation that sees no signal: Ctrl-C now ends the process at once. All but the verdict
  // is kept, and --resume makes up for that.
  interrupt.release();
  const judgement = interrupted ? unjudged(setup) : await judge(setup, outcome.objective, outcome.point, outcome.certificate);
  if (!interrupted && reason !== 'budget') save(outcome.progressed, outcome.stop);
  if (folder !== undefined && judgement.certificate !== null) {
    // one that was made on the way is about the objective as it was
    const { objective, point } = outcome.certificate === undefined ? await atMultipliers(outcome, setup.judge) : outcome;
    const certificate = certificateFile(request, setup, objective, point, judgement.certificate);
    if (typeof certificate !== 'string') folder.saveCertificate(certificate);
  }
  const singularValues = await singularValuesAt(outcome.objective, outcome.point, setup.judge);
  const document = documentOf(request, setup, outcome, { ...judgement, singularValues, tracked: tracked.at(-1)?.tracked ?? null }, folder);
  folder?.saveResult(document);
  if (values['json'] === true) out.write(jsonText(document));
  else out.write(report(document, gradientNorms, tracked, out, path));
  if (interrupted) throw new Exit(exit.interrupted, path === undefined ? 'interrupted; nothing was kept, since there is no --out folder' : `interrupted; go on with: lowland solve --resume ${path}`);
  return reason === 'diverged' ? exit.numerical : exit.ok;
}

/** Over several ranks the certificate ends the run, not the gradient. */
function progressLimits({ auto, limits: { iterations, seconds, gradientTolerance } }: Setup): Limits {
  return { iterations, seconds, ...(auto || gradientTolerance === undefined ? {} : { gradientTolerance }) };
}

function openFolder(path: string, progressed: Progressed | undefined): RunFolder {
  if (progressed === undefined) return RunFolder.create(path);
  const { round, iteration } = reached(progressed);
  return RunFolder.reopen(path, (r, i) => r < round || (r === round && i <= iteration));
}

async function cellsOf({ values }: Request, { loaded, objective }: Setup): Promise<Cells | undefined> {
  const file = values['predict'] as string | undefined;
  if (file === undefined) return undefined;
  if (loaded === undefined || !('predict' in objective.routes || 'factored' in objective.routes)) throw usageError(`The objective ${objective.id} predicts no entries; leave out --predict.`);
  return readCells(fileInput(file), loaded);
}

async function savePredictions(folder: RunFolder, { loaded, judge: backend }: Setup, { objective, point }: Outcome, cells: Cells): Promise<void> {
  const entries = await predictEntries(objective, point, cells.row, cells.col, backend);
  writePredictions(folder.file('predictions.csv'), loaded!, cells, entries);
}

const unjudged = ({ limits }: Setup): Judgement => ({ verdict: noVerdict('the run was interrupted', limits.gapTolerance), certificate: null, rank: null, holdout: null, truth: null });

function documentOf(request: Request, setup: Setup, outcome: Outcome, judgement: Judgement & Pick<ResultDocument, 'singularValues' | 'tracked'>, folder: RunFolder | undefined): ResultDocument {
  const { objective, value, gradientNorm, iterations, seconds, stop, counts, plan } = outcome;
  const files = folder === undefined ? [] : [...folder.files, 'result.json'].sort();
  return {
    lowland: version(),
    plugins: setup.plugins,
    objective: objective.id,
    optimizer: setup.optimizer.id,
    backend: setup.backend.id,
    init: setup.init?.id ?? null,
    form: setup.form,
    computing: setup.computing,
    seed: setup.seed,
    options: { objective: objective.options, optimizer: setup.optimizer.options, backend: setup.backendOptions, ...(setup.init === undefined ? {} : { init: setup.init.options }) },
    settings: request.given,
    data: setup.dataNote,
    value,
    gradientNorm,
    iterations,
    seconds,
    stop,
    polish: outcome.polish,
    verdict: judgement.verdict,
    rank: judgement.rank,
    singularValues: judgement.singularValues,
    tracked: judgement.tracked,
    holdout: judgement.holdout,
    truth: judgement.truth,
    offsets: offsetsOf(objective) === undefined ? null : { global: offsetsOf(objective)!.global },
    counts,
    plan,
    files,
  };
}
