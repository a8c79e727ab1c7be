/**
 * The state of the page as signals, and what a person can do to it. Composition and view are the address; runs are what became of the composition
 * when they were started.
 */
import { batch, computed, effect, type Signal, signal } from '@preact/signals';

import { Desk } from '../engine/desk.ts';
import type { Catalogue, PluginText, Questions, Standpoint } from '../engine/protocol.ts';
import { firstState, readAddress, type State, toAddress } from './address.ts';
import { type Advance, advances } from './advance.ts';
import { type Asked, nothing, outcome } from './asked.ts';
import { Checks } from './checks.ts';
import { type Chosen, type Composition, type DataFile, firstComposition } from './composition.ts';
import { BasinMap } from './basins.ts';
import { Crossings } from './crossings.ts';
import { fitted } from './fitted.ts';
import type { FileRun } from './file-run.ts';
import { marksOf } from './marks.ts';
import { Planning } from './planning.ts';
import { Running } from './running.ts';
import { Shelf } from './shelf.ts';
import { type Shown, standpointOf } from './shown.ts';
import type { RegionsView, RunView, SliceView, SpectrumView, StationaryView } from './types.ts';
import type { View } from './view.ts';

/** Seconds that plugins may take to load, that plans may take, and that an analysis may. */
const patience = { load: 15, plan: 30, analysis: 180 };

export class Model {
  readonly composition = signal<Composition>(firstState.composition);
  readonly view = signal<View>(firstState.view);
  readonly plugins = signal<readonly PluginText[]>([]);
  /** Addresses of plugins in the page's address that the person has not agreed to. */
  readonly pending = signal<readonly string[]>([]);
  readonly catalogue = signal<Catalogue | null>(null);
  readonly #planning = new Planning((text) => { this.notice.value = { kind: 'fault', text }; });
  readonly prospect = this.#planning.prospect;
  /** Runs of this page. */
  readonly runs = signal<readonly Running[]>([]);
  /** Runs from files. */
  readonly files = signal<readonly FileRun[]>([]);
  /** A plugin that waits for the person to agree. */
  readonly offered = signal<PluginText | null>(null);
  /** Iterations a second while it runs. */
  readonly pace = signal(Infinity);
  readonly slice = signal<Asked<SliceView>>(nothing);
  readonly regions = signal<Asked<RegionsView>>(nothing);
  readonly spectrum = signal<Asked<SpectrumView>>(nothing);
  readonly stationary = signal<Asked<StationaryView>>(nothing);
  readonly analysis = signal<Asked<unknown>>(nothing);
  /** How far the search for stationary points is; null: not at work, or not told. */
  readonly advance = signal<Advance | null>(null);
  readonly checks = new Checks();
  readonly crossings = new Crossings();
  readonly basins = new BasinMap();
  readonly shelf = new Shelf();
  /** What the person is to know: a fault of the page, or that something was done. */
  readonly notice = signal<{ readonly kind: 'fault' | 'done'; readonly text: string } | null>(null);
  /** What is wrong with the connection to the server of a folder. */
  readonly link = signal<string | null>(null);

  /** Of the run in view; null where it has no point. */
  readonly variables = computed<number | null>(() => {
    const run = this.shown.value[this.view.value.run] ?? this.shown.value[0];
    return run === undefined || run.view.value.snapshots.length === 0 ? null : (run.keptAt(null)?.point.length ?? null);
  });
  /** Whether nothing would run. */
  readonly blocked = computed(() => {
    const { answer, fault } = this.prospect.value;
    return this.catalogue.value === null || fault !== null || (answer?.plans.every((plan) => !('ok' in plan && plan.ok)) ?? true);
  });
  readonly shown = computed<readonly Shown[]>(() => [...this.runs.value, ...this.files.value]);
  readonly runViews = computed<readonly RunView[]>(() => this.shown.value.map(({ view }) => view.value));
  readonly status = computed<'idle' | 'running' | 'paused' | 'ended'>(() => {
    const views = this.runs.value.map(({ view }) => view.value);
    if (views.some(({ status }) => status === 'running')) return 'running';
    if (views.some(({ status }) => status === 'paused')) return 'paused';
    return views.some(({ status }) => status === 'ended' || status === 'failed') ? 'ended' : 'idle';
  });
  /** Whether the composition has changed since the runs were started. */
  readonly stale = computed(() => this.status.value !== 'idle' && this.runs.value[0]?.composition !== this.composition.value);

  #plans = new Desk([], patience.load, patience.plan);
  /** Sections are cut often and quickly: they do not wait for what thinks long. */
  #sections = new Desk([], patience.load, patience.analysis);
  #analyses = new Desk([], patience.load, patience.analysis);
  #opened = 0;
  /** Whether the problem was chosen just now. */
  #fresh = false;
  #sliced = 0;
  /** What the address said that could not be understood. */
  #refused: readonly string[] = [];
  /** Which start questions are about: what comes back about one before is of no interest. */
  #started = 0;

  /** Reads the address, loads what comes with the page, and keeps both up to date from then on. */
  async open(hash: string): Promise<void> {
    const { state, refused } = readAddress(hash) ?? { state: firstState, refused: [] };
    batch(() => {
      this.composition.value = state.composition;
      this.view.value = state.view;
      this.pending.value = state.plugins;
    });
    this.#refuse(refused);
    await this.#load([]);
    effect(() => {
      const composition = this.composition.value;
      if (this.catalogue.value !== null) void this.#plan(composition, this.shelf.has(composition.data) ? null : composition.data);
    });
    effect(() => {
      const { composition } = this;
      if (this.status.value === 'idle') this.runs.value = composition.value.methods.map((_, k) => new Running(composition.value, k, this.plugins.value));
    });
  }

  /** The address of the state. */
  address(): string {
    const plugins = [...this.plugins.value.map(({ source }) => source).filter((source) => /^https?:/.test(source)), ...this.pending.value];
    return toAddress({ composition: this.composition.value, view: this.view.value, plugins });
  }

  compose(part: Partial<Composition>): void {
    this.composition.value = { ...this.composition.value, ...part };
  }

  /** Another problem: what it needs at least, and what can be watched there as far as that is usual. */
  choose(objective: Chosen): void {
    const wantsRank = this.catalogue.value?.objectives.find(({ id }) => id === objective.id)?.options.some(({ name, fallback }) => name === 'rank' && fallback === undefined) === true;
    this.#fresh = true;
    this.compose({ objective: wantsRank ? { id: objective.id, options: { rank: 2 } } : objective, data: null, generate: {}, init: null, track: [] });
  }

  look(part: Partial<View>): void {
    this.view.value = { ...this.view.value, ...part };
  }

  /** A saved state, what its runs had observed, and what in it could not be understood. */
  restore({ composition, view, plugins }: State, runs: readonly FileRun[] = [], refused: readonly string[] = []): void {
    batch(() => {
      this.#refuse(refused);
      this.composition.value = composition;
      this.#fit();
      this.reset();
      this.files.value = runs;
      this.view.value = view;
      this.pending.value = plugins.filter((source) => this.plugins.value.every((loaded) => loaded.source !== source));
    });
  }

  nextFileId(): string {
    return `file-${++this.#opened}`;
  }

  /** Takes the runs from files away. */
  clearFiles(): void {
    batch(() => {
      this.files.value = [];
      this.look({ run: Math.min(this.view.value.run, this.runs.value.length - 1) });
    });
  }

  /** Starts all runs, or lets them go on. */
  start(): void {
    if (this.stale.value || this.status.value === 'ended') this.reset();
    for (const run of this.runs.value) run.go(this.pace.value);
  }

  pause(): void {
    for (const run of this.runs.value) if (run.view.value.status === 'running') run.go(0);
  }

  step(): void {
    if (this.stale.value || this.status.value === 'ended') this.reset();
    for (const run of this.runs.value) run.step();
  }

  /** Back to the start, with the composition as it is now. */
  reset(): void {
    for (const run of this.runs.value) {
      run.end();
      this.checks.withdraw(run.view.value.id);
    }
    this.#started++;
    this.#sliced++;
    this.#sections.withdraw();
    this.#analyses.withdraw();
    const composition = this.composition.value;
    batch(() => {
      this.runs.value = composition.methods.map((_, k) => new Running(composition, k, this.plugins.value));
      this.look({ at: null, run: Math.min(this.view.value.run, composition.methods.length + this.files.value.length - 1) });
      for (const asked of [this.slice, this.regions, this.spectrum, this.stationary, this.analysis]) asked.value = nothing;
    });
  }

  /** Starts anew with the composition as it is now. What was found around the old point is shown, as busy, until there is something newer. */
  restart(): void {
    const shown = [this.slice.value, this.spectrum.value, this.stationary.value] as const;
    batch(() => {
      this.reset();
      this.slice.value = { ...shown[0], busy: true };
      this.spectrum.value = { ...shown[1], busy: true };
      this.stationary.value = { ...shown[2], busy: true };
    });
    this.start();
  }

  setPace(pace: number): void {
    this.pace.value = pace;
    for (const run of this.runs.value) if (run.view.value.status === 'running') run.go(pace);
  }

  /** Adds a plugin that the person has agreed to. */
  async addPlugin(plugin: PluginText): Promise<boolean> {
    const others = this.plugins.value.filter(({ source }) => source !== plugin.source);
    const loaded = await this.#load([...others, plugin]);
    if (!loaded) await this.#load(others);
    else this.pending.value = this.pending.value.filter((source) => source !== plugin.source);
    return loaded;
  }

  /** Checks what is certain of the last point of a run, by the certificate that came with it or one that is made now. */
  async check(position: number): Promise<void> {
    const run = this.shown.value[position];
    const [catalogue, kept] = [this.catalogue.value, run?.keptAt(null)];
    if (run === undefined || catalogue === null) return;
    const { id, verdict } = run.view.value;
    const subject = run.certificate !== null ? { document: run.certificate } : run.composition !== null && kept !== undefined ? { at: standpointOf(run, run.composition, kept), tolerance: verdict?.tolerance ?? 1e-6 } : null;
    if (subject !== null) await this.checks.ask(id, subject, run.composition?.data ?? this.composition.value.data, this.plugins.value, catalogue);
  }

  /** Cuts the section that the view asks for, through the run's point at the scrubber. */
  async cut(): Promise<void> {
    const here = this.#standpoint();
    if (here === null) return;
    const turn = ++this.#sliced;
    const { first, second, radius, grid, sliceSeed, run, colour, centre, critical } = this.view.value;
    const at = centre === 'zero' ? { ...here, point: new Float64Array(here.point.length) } : here;
    const runs = this.shown.value;
    const other = runs.find((_, k) => k !== run)?.keptAt(null)?.point ?? null;
    const ask: Questions['slice']['ask'] = { first, second, radius, grid, seed: sliceSeed, ways: runs.map((each) => each.way()), other: other?.length === at.point.length ? other : null, marks: marksOf(this.stationary.value.answer, at.point.length), regions: colour === 'regions', critical };
    this.slice.value = { ...this.slice.value, busy: true, fault: null };
    const reply = await this.#sections.ask('slice', at, ask);
    if (turn !== this.#sliced) return;
    batch(() => {
      this.slice.value = outcome(reply, ({ slice }) => slice);
      if (!('answer' in reply) || reply.answer.regions === null) return;
      const { regions } = reply.answer;
      this.regions.value = 'message' in regions ? { busy: false, answer: null, fault: regions.message } : { busy: false, answer: regions, fault: null };
    });
  }

  askSpectrum(): Promise<void> {
    return this.#about('spectrum', this.spectrum, { ...this.spectrum.value, busy: true, fault: null }, ({ composition: { seed } }) => ({ seed }));
  }

  async askStationary(ask: Questions['stationary']['ask']): Promise<void> {
    const at = this.#standpoint();
    if (at === null) return;
    this.stationary.value = { ...this.stationary.value, busy: true, fault: null };
    const started = this.#started;
    const advance = advances(() => performance.now() / 1000);
    const reply = await this.#analyses.ask('stationary', at, ask, (stage) => { this.advance.value = advance(stage); });
    this.advance.value = null;
    if (started === this.#started) this.stationary.value = outcome(reply, (answer) => answer);
  }

  askAnalysis(ask: Questions['analysis']['ask']): Promise<void> {
    return this.#about('analysis', this.analysis, { busy: true, answer: null, fault: null }, () => ask);
  }

  /** Ends what is being computed around the point. */
  withdraw(): void {
    this.#analyses.withdraw();
  }

  async #about<Q extends 'spectrum' | 'analysis'>(question: Q, asked: Signal<Asked<Questions[Q]['answer']>>, meanwhile: Asked<Questions[Q]['answer']>, ask: (at: Standpoint) => Questions[Q]['ask']): Promise<void> {
    const at = this.#standpoint();
    if (at === null) return;
    asked.value = meanwhile;
    const started = this.#started;
    const reply = await this.#analyses.ask(question, at, ask(at));
    if (started === this.#started) asked.value = outcome(reply, (answer) => answer);
  }

  /** The kept point of the run in view at the scrubber. */
  #standpoint(): Standpoint | null {
    const { run: position, at } = this.view.value;
    const run = this.shown.value[position] ?? this.shown.value[0];
    const kept = run?.keptAt(at);
    if (run?.composition == null || kept === undefined || !this.shelf.has(run.composition.data)) return null;
    return standpointOf(run, run.composition, kept);
  }

  /** Where questions are about a point: `iteration 21 of lbfgs`. */
  placeInWords(): string {
    const at = this.#standpoint();
    return at === null ? '' : `iteration ${at.iteration} of ${this.runViews.value.find(({ id }) => id === at.run)?.label ?? at.run}`;
  }

  async #load(plugins: readonly PluginText[]): Promise<boolean> {
    this.#plans.close();
    this.#sections.close();
    this.#analyses.close();
    this.#sections = new Desk(plugins, patience.load, patience.analysis);
    this.#plans = new Desk(plugins, patience.load, patience.plan);
    this.#analyses = new Desk(plugins, patience.load, patience.analysis);
    const reply = await this.#plans.open();
    if ('answer' in reply) {
      batch(() => {
        this.plugins.value = plugins;
        this.#planning.forget();
        this.catalogue.value = reply.answer;
        this.#fit();
      });
      return true;
    }
    if ('fault' in reply) this.notice.value = { kind: 'fault', text: reply.fault.message };
    return false;
  }

  /** Options of another type than is wanted are left out, and that is said. */
  #fit(): void {
    if (this.catalogue.value === null) return;
    const { composition, refused } = fitted(this.composition.value, this.catalogue.value);
    if (refused.length === 0) return;
    this.composition.value = composition;
    this.#refuse([...this.#refused, ...refused]);
  }

  #refuse(refused: readonly string[]): void {
    this.#refused = refused;
    if (refused.length > 0) this.notice.value = { kind: 'fault', text: `${refused.join(', ')}: no value of the type that is wanted there, so ${refused.length === 1 ? 'it was' : 'they were'} left out. Where there is a default, it is taken.` };
  }

  async #plan(composition: Composition, missing: DataFile | null): Promise<void> {
    const prospect = await this.#planning.plan(this.#plans, composition, missing);
    if (!this.#fresh || prospect === null) return;
    this.#fresh = false;
    const track = firstComposition.track.filter((id) => prospect.trackers[id] === null);
    if (track.length > 0) this.compose({ track });
  }
}
