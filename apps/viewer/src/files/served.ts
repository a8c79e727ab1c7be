/** The folder that `lowland view` serves beside the page: results are opened, and runs that still go on are followed. */
import { effect } from '@preact/signals';

import type { Model } from '../model/model.ts';
import { FileFault } from './fault.ts';
import { type Files, openFolder } from './folder.ts';
import { follow } from './follow.ts';
import { isFields } from './json.ts';

/** How the server says that there is a folder: other hosts are not asked for one. */
const sign = '?folder';
/** Runs that are opened at once. */
const mostRuns = 8;
/** Bytes of one file at most. */
const mostBytes = 200_000_000;

interface Listed {
  readonly path: string;
  readonly size: number;
}

/** Opens what is served; nothing where the page comes from another host. The function it gives ends the following. */
export function openServed(model: Model): () => void {
  const ends: (() => void)[] = [];
  if (location.search === sign) {
    void openAll(model, ends).catch((error: unknown) => {
      model.notice.value = { kind: 'fault', text: error instanceof Error ? error.message : String(error) };
    });
  }
  return () => { for (const end of ends) end(); };
}

async function openAll(model: Model, ends: (() => void)[]): Promise<void> {
  const { folder, files } = await listing();
  const runs = new Map<string, Listed[]>();
  for (const file of files) {
    const at = file.path.lastIndexOf('/');
    const name = at < 0 ? '' : file.path.slice(0, at);
    runs.set(name, [...(runs.get(name) ?? []), file]);
  }
  const found = [...runs].filter(([, inside]) => inside.some(({ path }) => /(^|\/)(trace\.csv|result\.json)$/.test(path)));
  if (found.length === 0) throw new FileFault(`${folder} holds no run yet: a run writes trace.csv and result.json. Start it with --out, then reload this page.`);
  const notes: string[] = [];
  for (const [name, inside] of found.slice(0, mostRuns)) {
    const title = name === '' ? folder : name;
    const has = (file: string): boolean => inside.some(({ path }) => path.endsWith(file) && path.length - file.length - (name === '' ? 0 : name.length + 1) === 0);
    if (has('result.json')) {
      const opened = await openFolder(title, filesOf(inside), model.nextFileId());
      model.files.value = [...model.files.value, opened.run];
      notes.push(...opened.notes);
    } else {
      ends.push(follow(model, title, `${name === '' ? '' : `${name}/`}trace.csv`, async () => (await openFolder(title, filesOf((await listing()).files.filter(({ path }) => folderOf(path) === name)), 'later')).run));
    }
  }
  if (found.length > mostRuns) notes.push(`${folder} holds ${found.length} runs; the first ${mostRuns} are shown.`);
  await loaded(model);
  model.look({ run: model.runs.value.length, at: null });
  if (notes.length > 0) model.notice.value = { kind: 'done', text: notes.join(' ') };
}

/** Positions of runs from files come after those of the page, which are there once it has loaded what can be composed. */
function loaded({ catalogue }: Model): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (catalogue.value === null) return;
      resolve();
      queueMicrotask(() => { stop(); });
    });
  });
}

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');

async function listing(): Promise<{ readonly folder: string; readonly files: readonly Listed[] }> {
  const response = await fetch('api/files');
  const said: unknown = await response.json();
  if (!response.ok || !isFields(said) || !Array.isArray(said['files'])) throw new FileFault(`The folder cannot be listed (${response.status}). Open the address that lowland view printed anew.`);
  return { folder: String(said['folder']), files: (said['files'] as unknown[]).filter((file): file is Listed => isFields(file) && typeof file['path'] === 'string' && typeof file['size'] === 'number') };
}

function filesOf(listed: readonly Listed[]): Files {
  return new Map(
    listed.map(({ path, size }) => {
      const get = async (): Promise<Response> => {
        if (size > mostBytes) throw new FileFault(`${path} has ${(size / 1e6).toFixed(0)} MB; ${mostBytes / 1e6} MB at most are read here.`);
        const response = await fetch(`api/file?path=${encodeURIComponent(path)}`);
        if (!response.ok) throw new FileFault(`${path} cannot be read (${response.status}).`);
        return response;
      };
      return [path.slice(path.lastIndexOf('/') + 1), { text: async () => (await get()).text(), bytes: async () => new Uint8Array(await (await get()).arrayBuffer()) }];
    }),
  );
}
