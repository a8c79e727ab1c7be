/** Files of data that the person has chosen: their numbers are kept while the page is open, and are nowhere else. */
import type { LoadedData } from '@lowland/data';
import { batch, type ReadonlySignal, signal } from '@preact/signals';

import { datasets } from '../engine/datasets.ts';
import { Desk } from '../engine/desk.ts';
import type { DataFile, Options } from './composition.ts';

/** Bytes of a file at most: what is larger is refused unread. */
const most = 200_000_000;
/** Seconds that reading may take. */
const patience = { load: 15, reading: 120 };

/** A file that was chosen: it is being read, or could not be. */
export interface Draft {
  readonly file: File;
  readonly reading: Options;
  /** SHA-256 of what it was chosen for; null: as data of the problem, whatever they are. */
  readonly wanted: string | null;
  readonly busy: boolean;
  readonly fault: string | null;
}

/** What a person sees of a file that was read. */
export interface Held {
  readonly form: LoadedData['form'];
  readonly rows: number;
  readonly cols: number;
  readonly observations: number;
  readonly notes: readonly string[];
}

export class Shelf {
  readonly #held = signal<ReadonlyMap<string, Held>>(new Map());
  readonly #draft = signal<Draft | null>(null);
  /** Of what is held, to be read in another way. */
  readonly #files = new Map<string, File>();
  #desk: Desk | undefined;
  #turn = 0;

  /** What is here, by SHA-256. */
  get held(): ReadonlySignal<ReadonlyMap<string, Held>> {
    return this.#held;
  }

  get draft(): ReadonlySignal<Draft | null> {
    return this.#draft;
  }

  /** The file that was chosen, where it is here. */
  fileOf({ sha256 }: DataFile): File | undefined {
    return this.#files.get(sha256);
  }

  has(data: DataFile | null): boolean {
    return data === null || this.#held.value.has(data.sha256);
  }

  /** Reads a file; null where that failed, or another was chosen meanwhile: the draft says why. */
  async read(file: File, reading: Options, wanted: string | null = null): Promise<LoadedData | null> {
    const turn = ++this.#turn;
    this.#desk?.close();
    if (file.size > most) {
      this.#draft.value = { file, reading, wanted, busy: false, fault: `${file.name} has ${(file.size / 1e6).toFixed(0)} MB; ${most / 1e6} MB at most are read here. Run it with the command line, and open its result here.` };
      return null;
    }
    this.#draft.value = { file, reading, wanted, busy: true, fault: null };
    const desk = (this.#desk = new Desk([], patience.load, patience.reading));
    const reply = await desk.read(file, reading);
    desk.close();
    if (turn !== this.#turn) return null;
    if (!('answer' in reply)) {
      this.#draft.value = { file, reading, wanted, busy: false, fault: 'fault' in reply ? reply.fault.message : 'Reading was withdrawn.' };
      return null;
    }
    const { answer } = reply;
    batch(() => {
      this.#draft.value = null;
      datasets.set(answer.digest, answer);
      this.#files.set(answer.digest, file);
      const { form, data, notes } = answer;
      this.#held.value = new Map(this.#held.value).set(answer.digest, { form, rows: data.rows, cols: data.cols, observations: data.values.length, notes });
    });
    return answer;
  }

  /** Takes a file that was asked for: it is the one whose SHA-256 is known, or it is refused. */
  async supply(file: File, wanted: DataFile): Promise<boolean> {
    const found = await this.read(file, wanted.reading, wanted.sha256);
    if (found === null) return false;
    if (found.digest === wanted.sha256) return true;
    this.#forget(found.digest);
    this.#draft.value = { file, reading: wanted.reading, wanted: wanted.sha256, busy: false, fault: `${file.name} is another file, or has changed: the SHA-256 of what it means is ${short(found.digest)}, that of ${wanted.name} was ${short(wanted.sha256)}. Choose the file as it was, or take this one as other data under Problem.` };
    return false;
  }

  /** Puts a file that could not be taken away. */
  drop(): void {
    this.#turn++;
    this.#desk?.close();
    this.#draft.value = null;
  }

  #forget(digest: string): void {
    datasets.delete(digest);
    this.#files.delete(digest);
    const rest = new Map(this.#held.value);
    rest.delete(digest);
    this.#held.value = rest;
  }
}

export const short = (digest: string): string => `${digest.slice(0, 12)}…`;
