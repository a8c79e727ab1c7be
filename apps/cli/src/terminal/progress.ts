import { short } from './plot.ts';
import type { Screen } from './style.ts';

/** What a run is at. */
export interface Step {
  readonly iteration: number;
  readonly seconds: number;
  readonly value: number;
  readonly gradientNorm: number;
  /** Of a run over several ranks. */
  readonly rank?: number;
}

/** Where the run ends at the latest, and the gradient norm, relative to its start, that it waits for if it does. */
export interface Limits {
  readonly iterations: number;
  readonly seconds: number;
  readonly gradientTolerance?: number;
}

/**
 * Seconds left: to the nearer limit, or sooner, to the gradient tolerance at the rate at which the logarithm of the
 * gradient norm has fallen since `start`. Infinity where nothing can be said.
 */
export function secondsLeft(start: Step, now: Step, limits: Limits): number {
  const elapsed = now.seconds - start.seconds;
  const rate = (now.iteration - start.iteration) / elapsed;
  const left = [limits.seconds - now.seconds, (limits.iterations - now.iteration) / rate];
  if (limits.gradientTolerance !== undefined) {
    const fallen = Math.log(start.gradientNorm / now.gradientNorm);
    if (fallen > 0) left.push((-Math.log(limits.gradientTolerance) - fallen) * (elapsed / fallen));
  }
  const least = Math.min(...left.filter((seconds) => !Number.isNaN(seconds)));
  return Math.max(0, least);
}

/** 0:07, 12:30, 1:02:03 */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** One line that follows a run on a terminal, ten times a second; elsewhere a line now and then. */
export class Progress {
  readonly #line: Line;
  readonly #limits: Limits;
  #start: Step | undefined;

  constructor(screen: Screen, limits: Limits) {
    this.#line = new Line(screen);
    this.#limits = limits;
  }

  update(now: Step): void {
    this.#start ??= now;
    if (!this.#line.due(now.seconds)) return;
    const start = this.#start;
    const rate = (now.iteration - start.iteration) / (now.seconds - start.seconds);
    const left = secondsLeft(start, now, this.#limits);
    const parts = [
      now.rank === undefined ? '' : `rank ${now.rank}`,
      `iteration ${now.iteration}`,
      Number.isFinite(rate) ? `${short(Math.round(rate))}/s` : '',
      `value ${short(now.value)}`,
      `gradient ${now.gradientNorm.toExponential(1)}`,
      clock(now.seconds),
      Number.isFinite(left) ? `about ${clock(left)} left` : '',
    ];
    this.#line.draw(parts.filter((part) => part !== '').join('  '));
  }

  /** Takes the line away. */
  done(): void {
    this.#line.done();
  }
}

/** The same for work in stages, each of a known number of parts: `starts 120 of 700`. */
export class StageProgress {
  readonly #line: Line;
  #start: { readonly stage: string; readonly done: number; readonly seconds: number } | undefined;

  constructor(screen: Screen) {
    this.#line = new Line(screen);
  }

  update(stage: string, done: number, of: number, seconds: number): void {
    if (this.#start?.stage !== stage) this.#start = { stage, done, seconds };
    if (!this.#line.due(seconds)) return;
    const left = ((seconds - this.#start.seconds) / (done - this.#start.done)) * (of - done);
    this.#line.draw([`${stage} ${done} of ${of}`, clock(seconds), ...(Number.isFinite(left) ? [`about ${clock(left)} left of these`] : [])].join('  '));
  }

  /** Takes the line away. */
  done(): void {
    this.#line.done();
  }
}

class Line {
  readonly #screen: Screen;
  #last = -Infinity;
  #shown = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Whether it is time for another one. */
  due(seconds: number): boolean {
    if (this.#last === -Infinity && !this.#screen.live) this.#last = seconds;
    if (seconds - this.#last < (this.#screen.live ? 0.1 : 10)) return false;
    this.#last = seconds;
    return true;
  }

  draw(line: string): void {
    if (!this.#screen.live) return this.#screen.write(`${line}\n`);
    this.#screen.write(`\r\u001b[2K${line.slice(0, this.#screen.columns - 1)}`);
    this.#shown = true;
  }

  done(): void {
    if (this.#shown) this.#screen.write('\r\u001b[2K');
    this.#shown = false;
  }
}
