import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { blockLength, type Checkpoint, LowlandError, type Point, type Solution } from '@lowland/core';
import type { CertificateCheckpoint } from '@lowland/landscape';
import type { CertificateDocument } from '@lowland/landscape/checker';

import type { Values } from '../command-line/parse.ts';
import { colName, csvLine, jsonText, type LoadedData, npyBytes, prepareOutput, rowName, writeAtomically } from '../data/index.ts';
import { GrowingFile } from './growing-file.ts';
import { TraceFile } from './trace.ts';
import { trackedLine, type TrackedRow } from './tracked.ts';

/** How far a run has come: of one solve, or of a solve over several ranks. */
export type Progressed = { readonly kind: 'solve'; readonly checkpoint: Checkpoint } | { readonly kind: 'certificate'; readonly checkpoint: CertificateCheckpoint };

/** What `checkpoint.json` holds: everything that is needed to go on. */
export interface SavedRun {
  readonly format: 1;
  /** The objective, and every setting that was given, by flag name. */
  readonly settings: Values;
  /** SHA-256 of the data. */
  readonly data: string | null;
  readonly progressed: Progressed;
  /** How the run ended, where more time would change nothing; null where it can go on. */
  readonly ended: Solution['stop'] | null;
}

/** The files of one run. Each is whole or absent, whenever one looks; only the trace, and what trackers say, grow. */
export class RunFolder {
  readonly path: string;
  readonly trace: TraceFile;
  readonly #files = new Set(['trace.csv']);
  #tracked: GrowingFile | undefined;

  private constructor(path: string, trace: TraceFile) {
    this.path = path;
    this.trace = trace;
  }

  /** A folder for a new run. What an earlier one says about itself goes first: it must not be taken for this one's. */
  static create(path: string): RunFolder {
    for (const name of ['checkpoint.json', 'result.json', 'certificate.json', 'predictions.csv', 'tracked.jsonl']) rmSync(join(path, name), { force: true });
    return new RunFolder(path, new TraceFile(join(path, 'trace.csv')));
  }

  /** The folder of a run that goes on: the trace is cut where its checkpoint was taken. */
  static reopen(path: string, keep: (round: number, iteration: number) => boolean): RunFolder {
    prepareOutput(path, { force: true });
    return new RunFolder(path, new TraceFile(join(path, 'trace.csv'), keep));
  }

  get files(): readonly string[] {
    return [...this.#files].sort();
  }

  saveCheckpoint(run: SavedRun): void {
    this.#write('checkpoint.json', JSON.stringify(run));
  }

  /** Every block as NPY, and the ids that its rows stand for where the data has ids. */
  saveFactors(point: Point, loaded: LoadedData | undefined): void {
    let offset = 0;
    for (const block of point.layout.blocks) {
      const length = blockLength(block);
      const shape = block.complex ? [...block.shape, 2] : block.shape;
      this.#write(`${block.name}.npy`, npyBytes(shape, point.data.subarray(offset, offset + length)));
      offset += length;
    }
    if (loaded?.rowLabels !== undefined) this.#write('rows.csv', labelLines(loaded.data.rows, (i) => rowName(loaded, i)));
    if (loaded?.colLabels !== undefined) this.#write('columns.csv', labelLines(loaded.data.cols, (j) => colName(loaded, j)));
  }

  /** The means that the objective took off, where it took any. */
  saveOffsets(objective: object): void {
    const offsets = offsetsOf(objective);
    if (offsets === undefined) return;
    this.#write('row-offsets.npy', npyBytes([offsets.rows.length], offsets.rows));
    this.#write('column-offsets.npy', npyBytes([offsets.cols.length], offsets.cols));
  }

  /** What trackers say, after what they have said before the run went on. */
  track(before: readonly TrackedRow[]): void {
    this.#files.add('tracked.jsonl');
    this.#tracked = new GrowingFile(join(this.path, 'tracked.jsonl'), before.map(trackedLine));
  }

  appendTracked(row: TrackedRow): void {
    this.#tracked?.append(trackedLine(row));
  }

  /** Ends what grows. */
  close(): void {
    this.trace.close();
    this.#tracked?.close();
  }

  saveCertificate(document: CertificateDocument): void {
    this.#write('certificate.json', jsonText(document));
  }

  saveResult(document: unknown): void {
    this.#write('result.json', jsonText(document));
  }

  /** Names a file that another writer puts here. */
  file(name: string): string {
    this.#files.add(name);
    return join(this.path, name);
  }

  #write(name: string, content: string | Uint8Array): void {
    writeAtomically(this.file(name), content);
  }
}

/** What completion problems say about the means that they take off. */
export function offsetsOf(objective: object): { readonly global: number; readonly rows: Float64Array; readonly cols: Float64Array } | undefined {
  const offsets: unknown = 'offsets' in objective ? objective.offsets : undefined;
  return typeof offsets === 'object' && offsets !== null && 'global' in offsets ? (offsets as NonNullable<ReturnType<typeof offsetsOf>>) : undefined;
}

function labelLines(count: number, name: (k: number) => string): string {
  return csvLine(['index', 'id']) + Array.from({ length: count }, (_, k) => csvLine([k, name(k)])).join('');
}

/** Reads the checkpoint of `folder`. @throws LOWLAND_E_RESUME when there is none or it is damaged. */
export function readSavedRun(folder: string, flag = '--resume'): SavedRun {
  const file = join(folder, 'checkpoint.json');
  if (!existsSync(file)) {
    throw new LowlandError('LOWLAND_E_RESUME', `${folder} holds no checkpoint.json; ${flag} takes the --out folder of a run that wrote a checkpoint.`);
  }
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<keyof SavedRun, unknown>>;
    if (saved.format === 1 && typeof saved.settings === 'object' && typeof saved.progressed === 'object') return saved as SavedRun;
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_RESUME', `${file} is damaged: ${(cause as Error).message}.`, { cause });
  }
  throw new LowlandError('LOWLAND_E_RESUME', `${file} is no checkpoint of this version of lowland (format 1).`);
}
