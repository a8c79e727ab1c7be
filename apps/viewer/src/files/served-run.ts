import { FileRun } from '../model/file-run.ts';
import type { Model } from '../model/model.ts';
import { lookAgain } from '../model/take-data.ts';
import type { RunView } from '../model/types.ts';
import { FileFault } from './fault.ts';
import { type Files, openFolder } from './folder.ts';
import { bounded, fetchServed, type Listed, Tail } from './tail.ts';

const empty = new Float64Array();

/** A folder of one run that `lowland view` serves: followed while it has no result, opened whole when it has one. */
export class ServedRun {
  readonly #model: Model;
  readonly #title: string;
  readonly #id: string;
  #trace = new Tail();
  #tracked = new Tail();
  #shown: FileRun | undefined;
  /** Of a run that has ended: what its files were when they were opened. */
  #opened = '';
  #live = false;

  constructor(model: Model, title: string) {
    this.#model = model;
    this.#title = title;
    this.#id = model.nextFileId();
  }

  /** Shows what is new among its files, by name; gives what is to be said. */
  async update(files: ReadonlyMap<string, Listed>): Promise<readonly string[]> {
    // a person who took it away does not get it back
    if (this.#shown !== undefined && !this.#model.files.value.includes(this.#shown)) return [];
    if (!files.has('result.json')) {
      await this.#follow(files);
      return [];
    }
    const stamp = [...files.values()].map(({ id, size, modified }) => `${id} ${size} ${modified}`).join();
    if (stamp === this.#opened) return [];
    this.#opened = stamp;
    const { run, notes } = await openFolder(this.#title, filesOf(files), this.#id);
    this.#live = false;
    this.#show(run);
    // what was followed had no point to cut through
    if (this.#model.shown.value[this.#model.view.value.run] === run) void lookAgain(this.#model);
    return notes;
  }

  /** It is not followed any more. */
  leave(): void {
    if (this.#live) this.#shown?.update({ status: 'file' });
  }

  async #follow(files: ReadonlyMap<string, Listed>): Promise<void> {
    if (!this.#live) {
      this.#live = true;
      this.#opened = '';
      [this.#trace, this.#tracked] = [new Tail(), new Tail()];
      this.#show(new FileRun({ view: this.#view({}), snapshots: [], point: null, composition: null }));
    }
    const news = [await this.#trace.follow(files.get('trace.csv')!)];
    const tracked = files.get('tracked.jsonl');
    if (tracked !== undefined) news.push(await this.#tracked.follow(tracked));
    const { text } = this.#trace;
    // the header alone is no trace yet
    if (!news.includes(true) || text.indexOf('\n') === text.length - 1) return;
    const { run } = await openFolder(this.#title, new Map([['trace.csv', fixed(text)], ['tracked.jsonl', fixed(this.#tracked.text)]]), this.#id);
    const { trace, snapshots } = run.view.value;
    this.#shown?.update(this.#view({ trace, snapshots }));
  }

  #view(part: Partial<RunView>): RunView {
    return {
      id: this.#id,
      label: `${this.#title}: followed`,
      optimizer: '',
      status: 'running',
      message: null,
      trace: { iteration: empty, seconds: empty, value: empty, gradientNorm: empty },
      snapshots: [],
      stop: null,
      verdict: null,
      plan: null,
      work: null,
      ...part,
    };
  }

  #show(run: FileRun): void {
    const { files } = this.#model;
    const before = this.#shown;
    files.value = before === undefined ? [...files.value, run] : files.value.map((each) => (each === before ? run : each));
    this.#shown = run;
  }
}

const fixed = (text: string) => ({ text: () => Promise.resolve(text), bytes: () => Promise.reject(new FileFault('It is read as text.')) });

function filesOf(files: ReadonlyMap<string, Listed>): Files {
  return new Map([...files].map(([name, listed]) => {
    const get = async (): Promise<Response> => {
      bounded(listed);
      return fetchServed(listed.path);
    };
    return [name, { text: async () => (await get()).text(), bytes: async () => new Uint8Array(await (await get()).arrayBuffer()) }];
  }));
}
