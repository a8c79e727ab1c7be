/** What a person drops on the page: folders, traces, certificates, states, plugins. Each is looked at before it is read. */
import type { Model } from '../model/model.ts';
import { openCertificate } from './certificate.ts';
import type { Picked } from './drop.ts';
import { dataPlace, FileFault } from './fault.ts';
import { type Files, openFolder, type Opened, openTrace } from './folder.ts';
import { parseFields } from './json.ts';
import { isState, readState } from './state.ts';

/** Bytes of one file at most: what is larger is refused unread. */
const most = 200_000_000;
/** Files of one folder at most. */
const mostFiles = 1000;

/** Opens what was picked; what cannot be opened becomes a notice, and the page stays as it was. */
export async function open(model: Model, picked: readonly Picked[]): Promise<void> {
  try {
    const done = await opened(model, picked);
    if (done !== '') model.notice.value = { kind: 'done', text: done };
  } catch (error) {
    if (!(error instanceof FileFault)) console.warn(error);
    model.notice.value = { kind: 'fault', text: error instanceof Error ? error.message : String(error) };
  }
}

async function opened(model: Model, picked: readonly Picked[]): Promise<string> {
  if (picked.length === 0) throw new FileFault('There was no file in what was dropped. Drop a result folder, its trace.csv, a certificate, a saved state or a plugin.');
  if (picked.length > mostFiles) throw new FileFault(`${picked.length} files are too many for one result: give the folder of one run.`);
  const [only] = picked;
  if (picked.length === 1 && only?.folder === null) return openOne(model, only);
  const folders = new Map<string, File[]>();
  for (const { file, folder } of picked) folders.set(folder ?? 'files', [...(folders.get(folder ?? 'files') ?? []), file]);
  const notes: string[] = [];
  for (const [name, files] of folders) {
    const byName: Files = new Map(files.map((file) => [file.name, { text: () => textOf(file), bytes: async () => new Uint8Array(await bounded(file).arrayBuffer()) }]));
    notes.push(...show(model, await openFolder(name, byName, model.nextFileId())));
  }
  return notes.join(' ');
}

async function openOne(model: Model, { file }: Picked): Promise<string> {
  const { name } = file;
  if (/\.(m?js)$/.test(name)) {
    model.offered.value = { source: name, text: await textOf(file) };
    return '';
  }
  if (name.endsWith('.csv')) return show(model, openTrace(name, await textOf(file), model.nextFileId())).join(' ');
  if (!name.endsWith('.json')) throw new FileFault(`${name} is of no kind that is read here. Give a result folder, a trace (.csv), a certificate or a saved state (.json), or a plugin (.js); ${dataPlace}`);
  const text = await textOf(file);
  const fields = parseFields(name, text);
  if (isState(fields)) {
    const { state, refused, runs } = readState(name, fields);
    model.restore(state, runs, refused);
    // the run that was looked at, as saved
    const seen = runs[state.view.run];
    if (seen?.composition != null) model.look({ run: model.runs.value.length + state.view.run });
    return `The state of ${name} is back, with ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} as saved.`;
  }
  if (fields['format'] === 'lowland-certificate') return show(model, await openCertificate(name, text, model.nextFileId())).join(' ');
  const files: Files = new Map([['result.json', { text: () => Promise.resolve(text), bytes: () => Promise.resolve(new Uint8Array()) }]]);
  if (typeof fields['optimizer'] !== 'string') throw new FileFault(`${name} is no result, certificate or saved state: it names no format and no optimizer.`);
  return show(model, await openFolder(name, files, model.nextFileId())).join(' ');
}

function show(model: Model, { run, notes }: Opened): readonly string[] {
  model.files.value = [...model.files.value, run];
  model.look({ run: model.shown.value.length - 1, at: null });
  return [`${run.view.value.label} is shown.`, ...notes];
}

function bounded(file: File): File {
  if (file.size > most) throw new FileFault(`${file.name} has ${(file.size / 1e6).toFixed(0)} MB; ${most / 1e6} MB at most are read here. Give a shorter trace, or look at it with the command line.`);
  return file;
}

const textOf = async (file: File): Promise<string> => bounded(file).text();
