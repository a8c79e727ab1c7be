/**
 * A result folder of the command line: `result.json` says what ran and what came of it, `trace.csv` how, `tracked.jsonl` what trackers said, NPY files
 * hold the last point. A run that goes on, or was cut short, has no result yet: then its checkpoint says what it is.
 */
import { type Composition, type DataFile, defaultLimits, type Options } from '../model/composition.ts';
import { readGenerateSpec } from '../model/command.ts';
import { FileRun } from '../model/file-run.ts';
import { labelOf } from '../model/label.ts';
import type { RunView, SnapshotView, TraceView } from '../model/types.ts';
import { readDocument } from './certificate.ts';
import { readingOptions } from '../model/reading.ts';
import { FileFault } from './fault.ts';
import { type Fields, fieldsIn, isFields, numberIn, numberOrNull, parseFields, textIn } from './json.ts';
import { readNpy } from './npy.ts';
import { readTrace } from './trace.ts';
import { readVerdict } from './verdict.ts';
import { trackedOf, workOf } from './work.ts';

/** Files by name, read when they are wanted. */
export type Files = ReadonlyMap<string, { text(): Promise<string>; bytes(): Promise<Uint8Array> }>;

export interface Opened {
  readonly run: FileRun;
  readonly notes: readonly string[];
}

/** @throws FileFault where there is nothing to show, or a file is damaged */
export async function openFolder(name: string, files: Files, id: string): Promise<Opened> {
  const textOf = async (file: string): Promise<string | undefined> => files.get(file)?.text();
  const [resultText, traceText, trackedText, checkpointText, certificateText] = await Promise.all(['result.json', 'trace.csv', 'tracked.jsonl', 'checkpoint.json', 'certificate.json'].map(textOf));
  const result = resultText === undefined ? null : parseFields('result.json', resultText);
  const checkpoint = result !== null || checkpointText === undefined ? null : parseFields('checkpoint.json', checkpointText);
  if (result === null && traceText === undefined) throw new FileFault(`${name} holds neither result.json nor trace.csv. Give the folder that lowland solve --out wrote.`);
  const { trace, notes } = traceText === undefined ? { trace: traceOfOne(result!), notes: [] } : readTrace('trace.csv', traceText);
  const settings = fieldsIn(result ?? checkpoint ?? {}, 'settings') ?? {};
  const composition = compositionOf(result, settings);
  const snapshots = snapshotsOf(trackedText, trace, result);
  const view = viewOf(id, name, result, checkpoint, trace, snapshots, composition);
  const point = result === null ? null : await pointOf(files);
  const said = dataNotes(result, settings, composition);
  const certificate = certificateText === undefined ? null : await readDocument('certificate.json', certificateText);
  return { run: new FileRun({ view, snapshots, point, composition: point === null ? null : composition, certificate }), notes: [...notes, ...said] };
}

/** A trace alone. */
export function openTrace(name: string, text: string, id: string): Opened {
  const { trace, notes } = readTrace(name, text);
  const snapshots = snapshotsOf(undefined, trace, null);
  return { run: new FileRun({ view: viewOf(id, name, null, null, trace, snapshots, null), snapshots, point: null, composition: null }), notes };
}

function viewOf(id: string, name: string, result: Fields | null, checkpoint: Fields | null, trace: TraceView, snapshots: readonly SnapshotView[], composition: Composition | null): RunView {
  const settings = fieldsIn(checkpoint ?? {}, 'settings') ?? {};
  const optimizer = textIn(result ?? {}, 'optimizer') ?? textIn(settings, 'optimizer') ?? '';
  const stop = fieldsIn(result ?? {}, 'stop');
  const verdict = fieldsIn(result ?? {}, 'verdict');
  const plan = fieldsIn(result ?? {}, 'plan');
  const detail = stop === null ? null : textIn(stop, 'detail');
  return {
    id,
    label: [name, composition === null ? optimizer : labelOf({ id: optimizer, options: given(composition.methods[0]?.options ?? {}) })].filter((part) => part !== '').join(': '),
    optimizer,
    status: 'file',
    message: null,
    trace,
    snapshots,
    stop: stop && { reason: textIn(stop, 'reason') ?? '', rule: textIn(stop, 'rule') ?? '', ...(detail !== null && { detail }) },
    verdict: verdict && readVerdict(verdict, numberIn(result!, 'value'), numberOrNull(result!, 'rank')),
    plan: null,
    work: result === null ? null : workOf({ ...fieldsIn(result, 'counts'), iterations: result['iterations'], seconds: result['seconds'], bytes: plan?.['bytes'] }),
  };
}

/** Options that a label may name: few. */
const given = (options: Options): Options => Object.fromEntries(Object.entries(options).filter(([, value]) => isFields(value)).slice(0, 1).map(([key, value]) => [key, (value as Fields)['id']]));

/** The composition behind a result whose data were generated. */
function compositionOf(result: Fields | null, settings: Fields): Composition | null {
  const options = fieldsIn(result ?? {}, 'options');
  const objective = textIn(result ?? {}, 'objective');
  const optimizer = textIn(result ?? {}, 'optimizer');
  if (result === null || options === null || objective === null || optimizer === null || !remade(result, settings)) return null;
  const init = textIn(result, 'init');
  return {
    objective: { id: objective, options: fieldsIn(options, 'objective') ?? {} },
    data: dataFileOf(result, settings),
    generate: readGenerateSpec(textIn(settings, 'generate') ?? ''),
    init: init === null ? null : { id: init, options: fieldsIn(options, 'init') ?? {} },
    backend: { id: 'cpu', options: {} },
    methods: [{ id: optimizer, options: fieldsIn(options, 'optimizer') ?? {} }],
    seed: numberOrNull(result, 'seed') ?? 0,
    limits: defaultLimits,
    track: [],
  };
}

/** Whether the very data of the run can be had again: none, generated ones of which nothing was held back, or those of a file, which is asked for. */
function remade(result: Fields, settings: Fields): boolean {
  const data = fieldsIn(result, 'data');
  if (data === null || dataFileOf(result, settings) !== null) return true;
  return textIn(settings, 'generate') !== null && (textIn(data, 'form') !== 'entries' || Number(settings['holdout']) === 0);
}

/** What is held back where nothing is said, of entries that a method predicts. */
const usualHoldout = 0.1;

/** The file that the run was about: by its name, and the SHA-256 of what it means. */
function dataFileOf(result: Fields, settings: Fields): DataFile | null {
  const path = textIn(settings, 'data');
  const sha256 = textIn(fieldsIn(result, 'data') ?? {}, 'sha256');
  if (path === null || sha256 === null) return null;
  const holdout = settings['holdout'] === undefined ? (fieldsIn(result, 'holdout') === null ? 0 : usualHoldout) : Number(settings['holdout']);
  return {
    name: path.split(/[\\/]/).at(-1) ?? path,
    sha256,
    reading: Object.fromEntries(readingOptions.flatMap(({ name }) => (settings[name] === undefined ? [] : [[name, settings[name]]]))),
    holdout: Number.isFinite(holdout) ? holdout : 0,
  };
}

function dataNotes(result: Fields | null, settings: Fields, composition: Composition | null): string[] {
  if (result === null) return ['The folder holds no result.json: the run goes on, or was cut short. What there is of its trace is shown.'];
  const data = fieldsIn(result, 'data');
  if (composition !== null) return [];
  const why = textIn(settings, 'generate') === null ? `The data of this run (${textIn(data ?? {}, 'source') ?? 'a file'}) are not among its files, nor told by their SHA-256` : 'Entries were held back in this run';
  return [`${why}, so slices and spectra cannot be computed here; lowland slice --from does.`];
}

/** The point of U.npy and V.npy, X.npy, x.npy, in the order of their names; null where there are none, or they are not doubles. */
async function pointOf(files: Files): Promise<Float64Array | null> {
  const names = [...files.keys()].filter((name) => /^[A-Za-z]\d*\.npy$/.test(name)).sort();
  if (names.length === 0) return null;
  const blocks = await Promise.all(names.map(async (name) => readNpy(name, await files.get(name)!.bytes()).data));
  const point = new Float64Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const block of blocks) {
    point.set(block, offset);
    offset += block.length;
  }
  return point;
}

/** What trackers said, at their iterations, and the end of the trace. */
function snapshotsOf(text: string | undefined, trace: TraceView, result: Fields | null): SnapshotView[] {
  const rows = new Map(Array.from(trace.iteration, (iteration, k) => [iteration, k]));
  const snapshot = (k: number, tracked: SnapshotView['tracked']): SnapshotView => ({ iteration: trace.iteration[k]!, seconds: trace.seconds[k]!, value: trace.value[k]!, gradientNorm: trace.gradientNorm[k]!, tracked });
  const found = (text ?? '').split('\n').flatMap((line): SnapshotView[] => {
    try {
      const row: unknown = JSON.parse(line);
      const k = isFields(row) ? rows.get(numberIn(row, 'iteration')) : undefined;
      return isFields(row) && k !== undefined ? [snapshot(k, trackedOf(fieldsIn(row, 'tracked')))] : [];
    } catch {
      // the last line of a run that goes on may be half
      return [];
    }
  });
  const last = trace.iteration.length - 1;
  if (found.at(-1)?.iteration !== trace.iteration[last]) found.push(snapshot(last, trackedOf(fieldsIn(result ?? {}, 'tracked'))));
  return found;
}

/** The end of a run alone; nothing where the result does not say how far it went. */
function traceOfOne(result: Fields): TraceView {
  const one = (name: string): Float64Array => (Number.isFinite(numberIn(result, 'iterations')) ? Float64Array.of(numberIn(result, name)) : new Float64Array());
  return { iteration: one('iterations'), seconds: one('seconds'), value: one('value'), gradientNorm: one('gradientNorm') };
}
