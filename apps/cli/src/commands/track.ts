import { cpSync, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { LowlandError } from '@lowland/core';

import { loadCatalog } from '../catalog.ts';
import { usageError } from '../command-line/flag.ts';
import { readRequest, type Request } from '../command-line/request.ts';
import { jsonText, prepareOutput, writeAtomically } from '../data/index.ts';
import type { ResultDocument } from '../document.ts';
import { Exit, exit, type ExitCode } from '../exit.ts';
import { type Interrupt, listenForInterrupt } from '../interrupt.ts';
import { ofTracked } from '../look/track-picture.ts';
import { svgOfTracked } from '../look/track-svg.ts';
import { readResult } from '../output/recorded.ts';
import { type TrackedRow, trackedLines } from '../output/tracked.ts';
import { repeat } from '../repeat.ts';
import { type Outcome, run } from '../run.ts';
import { type Setup, setUp } from '../set-up.ts';
import { Progress } from '../terminal/progress.ts';
import { screen } from '../terminal/style.ts';
import { version } from '../version.ts';
import { printPlan } from './plan.ts';

/** `lowland track ID,… --from DIR`: the recorded run once more, to the same bits, with trackers; or a new run with them. */
export async function track(argv: readonly string[]): Promise<ExitCode> {
  const request = await readRequest('track', await withTrackers(argv), process.env);
  const { values, saved } = request;
  const [out, err] = [screen(process.stdout), screen(process.stderr)];
  const from = values['from'] as string | undefined;
  const target = targetOf(request, from);
  await using setup = await setUp(request);
  if (!setup.plan.ok) {
    printPlan(setup, err);
    return exit.refused;
  }
  if (saved !== undefined && saved.data !== (setup.loaded?.digest ?? null)) {
    throw new LowlandError('LOWLAND_E_RESUME_DATA', `The data are not those of the run: their SHA-256 is ${setup.loaded?.digest ?? 'none'}, that of the run ${saved.data ?? 'none'}.`);
  }
  const interrupt = listenForInterrupt(() => err.write('\ninterrupted: finishing this step; once more ends at once\n'));
  const progress = values['quiet'] === true ? undefined : new Progress(err, { ...setup.limits, ...(from !== undefined && { iterations: readResult(from).iterations }) });
  const { outcome, rows, recorded } = await watched(setup, from, interrupt, progress).finally(() => {
    progress?.done();
    interrupt.release();
  });
  if (outcome.stop.reason === 'aborted' && from !== undefined) throw new Exit(exit.interrupted, 'interrupted; the run was not repeated to its end, and nothing was written');
  const files = target === undefined ? [] : save(target, from!, recorded!, setup, rows);
  const svg = values['svg'] as string | undefined;
  if (svg !== undefined) writeAtomically(resolve(svg), svgOfTracked(rows, setup));
  const ids = setup.trackers.map(({ id }) => id);
  const { iterations, value } = outcome;
  const repeated = from === undefined ? null : { folder: from, iterations, value, bits: 'equal' as const };
  const document = { lowland: version(), trackers: ids, objective: setup.objective.id, optimizer: setup.optimizer.id, seed: setup.seed, iterations, value, stop: outcome.stop, repeated, files, rows };
  if (values['json'] === true) out.write(jsonText(document));
  else {
    const source = repeated === null ? `${iterations} iterations of ${setup.optimizer.id}` : `the run in ${from!}, repeated: ${iterations} iterations of ${setup.optimizer.id} to the same value and point, bit for bit`;
    const notes = [...(target === undefined ? [] : ['', `${files.join(', ')} ${files.length === 1 ? 'is' : 'are'} in ${target}.`]), ...(svg === undefined ? [] : ['', `The picture is in ${svg}.`])];
    out.write(`${[`${out.style('bold', 'track')} ${ids.join(', ')} of ${setup.objective.id}`, source, '', ...ofTracked(rows, out), ...notes].join('\n')}\n`);
  }
  return outcome.stop.reason === 'aborted' ? exit.interrupted : exit.ok;
}

/** The first argument as the setting `track`. */
async function withTrackers(argv: readonly string[]): Promise<readonly string[]> {
  const [first, ...rest] = argv;
  if (first !== undefined && !first.startsWith('-')) return ['--track', first, ...rest];
  if (argv.some((argument) => /^--(track|help)\b|^-h$/.test(argument))) return argv;
  const known = (await loadCatalog([], process.cwd())).all('trackers').map(({ id }) => id);
  throw usageError(`Name what to watch by first, between commas: lowland track ${known[0]!},${known[1]!} --from <folder>. There are ${known.join(', ')}.`);
}

/** Where to write, checked before any work. */
function targetOf({ values }: Request, from: string | undefined): string | undefined {
  const out = values['out'] as string | undefined;
  if (out === undefined) return undefined;
  if (from === undefined) throw usageError('--out of track goes with --from; a new run writes its folder by solve --track.');
  if (resolve(out) !== resolve(from)) prepareOutput(out, { force: values['force'] === true });
  return out;
}

async function watched(setup: Setup, from: string | undefined, { signal }: Interrupt, progress: Progress | undefined): Promise<{ outcome: Outcome; rows: TrackedRow[]; recorded?: ResultDocument }> {
  const rows: TrackedRow[] = [];
  const watch: Parameters<typeof run>[1] = {
    signal,
    record: (row, tracked) => {
      if (tracked !== undefined) rows.push({ ...(setup.auto && { round: row.round }), iteration: row.iteration, tracked });
      progress?.update(row);
    },
    checkpoint: () => undefined,
  };
  return from === undefined ? { outcome: await run(setup, watch, undefined), rows } : { ...(await repeat(setup, from, watch)), rows };
}

/** What `solve --track` would have written, as the run is the same: the other files are copies. */
function save(target: string, from: string, recorded: ResultDocument, { trackers }: Setup, rows: readonly TrackedRow[]): readonly string[] {
  const tracked = rows.at(-1)?.tracked ?? null;
  writeAtomically(join(target, 'tracked.jsonl'), trackedLines(rows));
  if (resolve(target) === resolve(from)) return ['tracked.jsonl'];
  const copied = [...new Set([...recorded.files, 'checkpoint.json'])].filter((name) => name !== 'result.json' && name !== 'tracked.jsonl' && name === basename(name) && existsSync(join(from, name)));
  for (const name of copied) cpSync(join(from, name), join(target, name));
  const files = [...copied, 'result.json', 'tracked.jsonl'].sort();
  const settings = { ...recorded.settings, track: trackers.map(({ id }) => id).join(',') };
  writeAtomically(join(target, 'result.json'), jsonText({ ...recorded, settings, tracked, files }));
  return files;
}
