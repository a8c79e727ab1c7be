/** The state of the page as a file: its address, and what runs have observed. */
import { type Read, readAddress, toAddress } from '../model/address.ts';
import { defaultView } from '../model/view.ts';
import { FileRun } from '../model/file-run.ts';
import type { Kept, Way } from '../engine/protocol.ts';
import type { Model } from '../model/model.ts';
import type { RunView, SnapshotView, TraceView } from '../model/types.ts';
import { FileFault } from './fault.ts';
import { type Fields, fieldsIn, isFields, numberIn, textIn } from './json.ts';
import { readVerdict } from './verdict.ts';
import { trackedOf, workOf } from './work.ts';

const format = 'lowland-viewer';

/** JSON knows no NaN: what was not looked at is null. */
export function stateDocument(model: Model): string {
  const points = savedPoints(model);
  const runs = model.shown.value.map((run, k) => {
    const { id: _, status: __, plan: ___, trace, snapshots, ...rest } = run.view.value;
    return {
      ...rest,
      trace: Object.fromEntries(Object.entries(trace).map(([name, column]) => [name, Array.from(column as Float64Array)])),
      snapshots: snapshots.map(({ iteration, tracked }) => ({ iteration, tracked })),
      ...(run.composition !== null && { address: toAddress({ composition: run.composition, view: defaultView, plugins: [] }), method: run.method }),
      points: points[k],
    };
  });
  return `${JSON.stringify({ format, version: 1, address: model.address(), runs }, undefined, 1)}\n`;
}

export const isState = (fields: Fields): boolean => fields['format'] === format;

/** @throws FileFault for a version that this page does not know, or an address that says nothing */
export function readState(name: string, fields: Fields): Read & { readonly runs: readonly FileRun[] } {
  if (fields['version'] !== 1) throw new FileFault(`${name} was saved by another version of this page (${JSON.stringify(fields['version'])}); this one reads version 1.`);
  const read = readAddress(textIn(fields, 'address') ?? '');
  if (read === undefined) throw new FileFault(`${name} holds no address to restore; it may have been cut off or edited.`);
  const saved = Array.isArray(fields['runs']) ? (fields['runs'] as unknown[]).filter(isFields) : [];
  return { ...read, runs: saved.map((run, k) => readRun(run, `${name}-${k + 1}`)) };
}

function readRun(run: Fields, id: string): FileRun {
  const columns = fieldsIn(run, 'trace') ?? {};
  const column = (name: keyof TraceView): Float64Array => Float64Array.from(Array.isArray(columns[name]) ? (columns[name] as unknown[]) : [], (value) => (typeof value === 'number' ? value : NaN));
  const saved: TraceView = { iteration: column('iteration'), seconds: column('seconds'), value: column('value'), gradientNorm: column('gradientNorm') };
  const lengths = new Set(Object.values(saved).map((values: Float64Array) => values.length));
  if (lengths.size > 1) throw new FileFault(`A trace in ${id} has columns of different lengths: it was edited, or cut off. Save the state again.`);
  // a place without an iteration is nowhere
  const placed = (values: Float64Array): Float64Array => values.filter((_, k) => Number.isFinite(saved.iteration[k]));
  const trace: TraceView = { iteration: placed(saved.iteration), seconds: placed(saved.seconds), value: placed(saved.value), gradientNorm: placed(saved.gradientNorm) };
  const at = new Map(Array.from(trace.iteration, (iteration, k) => [iteration, k]));
  const snapshots = (Array.isArray(run['snapshots']) ? (run['snapshots'] as unknown[]) : []).filter(isFields).flatMap((snapshot): SnapshotView[] => {
    const k = at.get(numberIn(snapshot, 'iteration'));
    if (k === undefined) return [];
    return [{ iteration: trace.iteration[k]!, seconds: trace.seconds[k]!, value: trace.value[k]!, gradientNorm: trace.gradientNorm[k]!, tracked: trackedOf(fieldsIn(snapshot, 'tracked')) }];
  });
  const kept = pointsIn(run, snapshots);
  const composition = kept.length === 0 ? null : (readAddress(textIn(run, 'address') ?? '')?.state.composition ?? null);
  const method = numberIn(run, 'method');
  const stop = fieldsIn(run, 'stop');
  const verdict = fieldsIn(run, 'verdict');
  const view: RunView = {
    id,
    label: `${textIn(run, 'label') ?? 'run'} (file)`,
    optimizer: textIn(run, 'optimizer') ?? '',
    status: 'file',
    message: textIn(run, 'message'),
    trace,
    snapshots,
    stop: stop && { reason: textIn(stop, 'reason') ?? '', rule: textIn(stop, 'rule') ?? '' },
    verdict: verdict && readVerdict(verdict, numberIn(verdict, 'value'), typeof verdict['rank'] === 'number' ? verdict['rank'] : null),
    plan: null,
    work: workOf(fieldsIn(run, 'work') ?? {}),
  };
  const known = composition?.methods[method] !== undefined;
  return new FileRun({ view, snapshots, point: null, kept, ...(known ? { composition, method } : { composition: null }) });
}

/** Numbers of all points together at most: about five megabytes. */
const mostNumbers = 250_000;

interface SavedPoint {
  readonly iteration: number;
  readonly point: readonly number[];
}

/** Points of each run: the last, the first and that at the scrubber, then those between as evenly as there is room. */
function savedPoints({ shown, view }: Model): readonly (readonly SavedPoint[])[] {
  const ways = shown.value.map((run) => run.way());
  const chosen = ways.map(() => new Set<number>());
  let room = mostNumbers;
  const take = (run: number, place: number): void => {
    const length = ways[run]?.points[place]?.length ?? Infinity;
    if (length > room || chosen[run]!.has(place)) return;
    chosen[run]!.add(place);
    room -= length;
  };
  const each = (place: (way: Way, run: number) => number): void => { ways.forEach((way, run) => { take(run, place(way, run)); }); };
  each(({ points }) => points.length - 1);
  each(() => 0);
  each(({ iteration }, run) => iteration.indexOf(shown.value[run]?.keptAt(view.value.at)?.iteration ?? NaN));
  const longest = Math.max(0, ...ways.map(({ points }) => points.length));
  for (let stride = 2 ** Math.ceil(Math.log2(longest + 1)); stride >= 1; stride /= 2) for (let place = 0; place < longest; place += stride) each(() => place);
  return ways.map(({ iteration, points }, run) => [...chosen[run]!].sort((a, b) => a - b).map((place) => ({ iteration: iteration[place]!, point: Array.from(points[place]!) })));
}

/** Points that were saved, where they are whole and of one length. */
function pointsIn(run: Fields, snapshots: readonly SnapshotView[]): readonly Kept[] {
  const at = new Map(snapshots.map((snapshot) => [snapshot.iteration, snapshot]));
  const kept = (Array.isArray(run['points']) ? (run['points'] as unknown[]) : []).filter(isFields).flatMap((saved): Kept[] => {
    const snapshot = at.get(numberIn(saved, 'iteration'));
    const { point } = saved;
    if (snapshot === undefined || !Array.isArray(point) || !point.every((x) => typeof x === 'number')) return [];
    return [{ ...snapshot, point: Float64Array.from(point) }];
  });
  return kept.every(({ point }) => point.length === kept[0]!.point.length) ? kept : [];
}
