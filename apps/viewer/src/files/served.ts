/**
 * The folder that `lowland view` serves beside the page: results are opened, runs that still go on are followed, and those that begin later arrive by
 * themselves. One stream tells what changes in the folder, and begins with all there is: after a lost connection the browser comes back by itself.
 */
import { effect } from '@preact/signals';

import type { Model } from '../model/model.ts';
import { isFields } from './json.ts';
import { ServedRun } from './served-run.ts';
import type { Listed } from './tail.ts';

/** How the server says that there is a folder: other hosts are not asked for one. */
const sign = '?folder';
/** Runs that are shown at once. */
const mostRuns = 8;

/** Opens what is served; nothing where the page comes from another host. The function it gives ends the following. */
export function openServed(model: Model): () => void {
  if (location.search !== sign) return () => undefined;
  const served = new Served(model);
  return () => { served.close(); };
}

class Served {
  readonly #model: Model;
  readonly #source = new EventSource('api/events');
  readonly #runs = new Map<string, ServedRun>();
  readonly #files = new Map<string, Listed>();
  #folder = '';
  #complete = true;
  #busy = false;
  #stale = false;
  /** Whether the folder was shown before, whether there has been something to look at, and whether too many runs were spoken of. */
  #begun = false;
  #looked = false;
  #crowded = false;

  constructor(model: Model) {
    this.#model = model;
    for (const event of ['all', 'changes']) this.#source.addEventListener(event, ({ data }: MessageEvent<string>) => { this.#hear(event, JSON.parse(data)); });
    this.#source.addEventListener('open', () => { model.link.value = null; });
    this.#source.addEventListener('error', () => {
      if (this.#source.readyState !== EventSource.CLOSED) {
        model.link.value = 'The connection to lowland view is lost; trying again. If it has ended, start it again, and open the address that it prints. What is shown here stays.';
        return;
      }
      for (const run of this.#runs.values()) run.leave();
      model.link.value = 'lowland view was started anew, and this page belongs to the start before: open the address that it printed last. What is shown here stays until then.';
    });
  }

  close(): void {
    this.#source.close();
  }

  #hear(event: string, said: unknown): void {
    if (!isFields(said) || !Array.isArray(said['files']) || !Array.isArray(said['gone'])) return;
    if (event === 'all') this.#files.clear();
    for (const path of said['gone'] as unknown[]) this.#files.delete(String(path));
    for (const file of said['files'] as unknown[]) if (isListed(file)) this.#files.set(file.path, file);
    this.#folder = String(said['folder']);
    this.#complete = said['complete'] === true;
    this.#stale = true;
    void this.#settle();
  }

  /** Brings what is shown to what is there: once more where something has changed meanwhile. */
  async #settle(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#stale) {
      this.#stale = false;
      await this.#show();
    }
    this.#busy = false;
  }

  async #show(): Promise<void> {
    const folders = runsIn(this.#files.values());
    const notes: string[] = [];
    for (const [name, files] of folders) {
      const title = name === '' ? this.#folder : name;
      let run = this.#runs.get(name);
      if (run === undefined) {
        if (this.#runs.size === mostRuns) continue;
        run = new ServedRun(this.#model, title);
        this.#runs.set(name, run);
        if (this.#begun) notes.push(`${title} has come.`);
      }
      try {
        notes.push(...(await run.update(files)));
      } catch (error) {
        this.#model.notice.value = { kind: 'fault', text: `${title}: ${error instanceof Error ? error.message : String(error)}` };
      }
    }
    if (folders.size > mostRuns && !this.#crowded) {
      this.#crowded = true;
      notes.push(`${this.#folder} holds ${folders.size} runs; ${mostRuns} are shown. Serve a folder that holds fewer to see others.`);
    }
    if (folders.size === 0 && !this.#begun) notes.push(`${this.#folder} holds no run yet: one that is started with --out there appears here.${this.#complete ? '' : ' It holds more files than are listed.'}`);
    if (folders.size > 0 && !this.#looked) {
      this.#looked = true;
      await loaded(this.#model);
      this.#model.look({ run: this.#model.runs.value.length, at: null });
    }
    this.#begun = true;
    if (notes.length > 0) this.#model.notice.value = { kind: 'done', text: notes.join(' ') };
  }
}

/** Folders that hold a run, with their files by name. */
function runsIn(files: Iterable<Listed>): ReadonlyMap<string, ReadonlyMap<string, Listed>> {
  const folders = new Map<string, Map<string, Listed>>();
  for (const file of files) {
    const cut = file.path.lastIndexOf('/');
    const folder = cut < 0 ? '' : file.path.slice(0, cut);
    if (!folders.has(folder)) folders.set(folder, new Map());
    folders.get(folder)!.set(file.path.slice(cut + 1), file);
  }
  return new Map([...folders].filter(([, inside]) => inside.has('trace.csv') || inside.has('result.json')));
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

const isListed = (file: unknown): file is Listed => isFields(file) && typeof file['path'] === 'string' && typeof file['size'] === 'number' && typeof file['modified'] === 'number' && typeof file['id'] === 'string';
