/** Certificates that are checked in the page: each of them anew from its data, by a program that holds the checker alone. */
import type { CertificateDocument } from '@lowland/landscape/checker';
import { type ReadonlySignal, signal } from '@preact/signals';

import { check } from '../engine/checker/check.ts';
import type { Evidence } from '../engine/checker/evidence.ts';
import { Desk, type Reply } from '../engine/desk.ts';
import type { Catalogue, PluginText, Standpoint } from '../engine/protocol.ts';
import type { Asked } from './asked.ts';
import { readGenerateSpec } from './command.ts';
import { type DataFile, firstComposition } from './composition.ts';
import type { CheckView } from './types.ts';

/** What is to be checked: a certificate from a file, or what is proved of a point of this page. */
export type Subject = { readonly document: CertificateDocument } | { readonly at: Standpoint; readonly tolerance: number };

/** Seconds. */
const patience = { load: 15, thought: 180 };

export class Checks {
  readonly #all = signal<ReadonlyMap<string, Asked<CheckView>>>(new Map());
  readonly #ends = new Map<string, () => void>();
  /** Which question about a run is the last one. */
  readonly #turns = new Map<string, number>();
  #turn = 0;

  /** By the id of the run. */
  get all(): ReadonlySignal<ReadonlyMap<string, Asked<CheckView>>> {
    return this.#all;
  }

  /** Checks one, from its data, in words and numbers. `file`: what a certificate may be about. */
  async ask(id: string, subject: Subject, file: DataFile | null, plugins: readonly PluginText[], catalogue: Catalogue): Promise<void> {
    this.withdraw(id);
    const desk = new Desk(plugins, patience.load, patience.thought);
    const turn = ++this.#turn;
    this.#ends.set(id, () => { desk.close(); });
    this.#turns.set(id, turn);
    this.#set(id, { busy: true, answer: null, fault: null });
    const since = performance.now();
    const evidence = 'document' in subject ? await recorded(desk, subject.document, file, catalogue) : await made(desk, subject);
    desk.close();
    if (this.#turns.get(id) !== turn) return;
    if ('why' in evidence) {
      this.#set(id, { busy: false, answer: null, fault: evidence.why });
      return;
    }
    const checking = check(evidence, patience.thought);
    this.#ends.set(id, checking.end);
    const checked = await checking.checked;
    if (checked === undefined) return;
    this.#ends.delete(id);
    if ('fault' in checked) this.#set(id, { busy: false, answer: null, fault: `Rejected: ${checked.fault.message}` });
    else this.#set(id, { busy: false, answer: { ...checked.check, document: evidence.document, data: evidence.source, seconds: (performance.now() - since) / 1000 }, fault: null });
  }

  /** Ends what is being checked for a run, and forgets what came of it. */
  withdraw(id: string): void {
    this.#ends.get(id)?.();
    this.#ends.delete(id);
    this.#turns.delete(id);
    const rest = new Map(this.#all.value);
    if (rest.delete(id)) this.#all.value = rest;
  }

  #set(id: string, asked: Asked<CheckView>): void {
    this.#all.value = new Map(this.#all.value).set(id, asked);
  }
}

type Found = (Evidence & { readonly document: CertificateDocument; readonly source: string }) | { readonly why: string };

const without = 'instance is its own data: there are no others.';

function failed(reply: Exclude<Reply<unknown>, { readonly answer: unknown }>): { readonly why: string } {
  return { why: 'fault' in reply ? reply.fault.message : 'It was withdrawn.' };
}

/** The certificate of a point, as it would be written to a file. */
async function made(desk: Desk, { at, tolerance }: { readonly at: Standpoint; readonly tolerance: number }): Promise<Found> {
  const reply = await desk.ask('certificate', at, { tolerance });
  if (!('answer' in reply)) return failed(reply);
  const { answer } = reply;
  if ('why' in answer) return { why: `There is nothing to check: ${answer.why}.` };
  return { ...answer, source: answer.data === undefined ? `The ${without}` : 'The data are those of the run.' };
}

/** The data that a certificate from a file is about: generated again, or of the file that the page has. */
async function recorded(desk: Desk, document: CertificateDocument, file: DataFile | null, catalogue: Catalogue): Promise<Found> {
  const { problem, evidence } = document;
  const entry = catalogue.objectives.find(({ id }) => id === problem.objective);
  if (entry?.data === 'none') return { document, data: undefined, source: `The ${without}` };
  const { generate, holdout: share, unlisted } = evidence.data.settings;
  const holdout = Number(share ?? 0);
  const again = { ...firstComposition, objective: { id: problem.objective, options: {} }, seed: evidence.seed };
  const less = holdout > 0 ? `, less ${holdout} of the entries, held back as before` : '';
  if (typeof generate === 'string') {
    const reply = await desk.data({ ...again, data: null, generate: readGenerateSpec(generate) }, holdout);
    return 'answer' in reply ? { document, data: reply.answer.data, source: `The data were generated again: ${generate}, seed ${evidence.seed}${less}.` } : failed(reply);
  }
  const instead = 'lowland verify certificate.json --data FILE checks it';
  if (file === null) return { why: `Its data are a file of their own, which the certificate does not hold: choose the file under Problem, and check again; or ${instead}.` };
  const reading = { ...file.reading, ...(unlisted !== undefined && { unlisted }) };
  const reply = await desk.data({ ...again, generate: {}, data: { ...file, reading, holdout: 0 } }, holdout);
  if (!('answer' in reply)) return failed(reply);
  if (reply.answer.digest !== evidence.data.digest) return { why: `${file.name} does not hold the numbers that the certificate is about: choose its file, read as then; or ${instead}.` };
  return { document, data: reply.answer.data, source: `The data are those of ${file.name}${less}.` };
}
