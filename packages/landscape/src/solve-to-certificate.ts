import {
  anyOf,
  bind,
  createPoint,
  gradientNorm,
  LowlandError,
  maxIterations,
  maxSeconds,
  solve,
  streamKey,
  type Capability,
  type Checkpoint,
  type Closed,
  type Objective,
  type Optimizer,
  type Point,
  type Solution,
} from '@lowland/core';

import { conclude, type Certificate } from './certificate.ts';
import { checkpointOf, requireSameRun, startNumbers } from './certificate-checkpoint.ts';
import type { CertificateCheckpoint, CertifiedSolution, Growth, Progress, Round, SolveToCertificateOptions } from './certified-solution.ts';
import { addCounts, noCounts } from './counts.ts';
import { numericalRank, productSvd, factorsAt, type ThinProduct } from './factored.ts';
import { Stage, type Assessment, type Growing } from './stage.ts';

/** The first inner solve ends at this accuracy; each later one is tighter. */
const firstAccuracy = 1e-2;
/** Below it gradients are rounding. */
const leastAccuracy = 1e-13;
/** No inner solve is longer: the proximal step makes progress where the method does not. */
const innerIterations = 2000;
/** Rounds in a row without progress that end the run. */
const patience = 3;
/** Every so many rounds a proximal step is taken in any case. */
const proximalEvery = 10;
/** Decreases below this part of the value are rounding of its sum. */
const valueFloor = 1e-14;
/** A method that ends this much above its start, relatively, has not descended. */
const riseLimit = 1e-11;

/**
 * Minimises φ(X) + penalty |X|_* (tr X over X psd), φ = ½|a(X) − b|² or another convex loss, through factors of growing and shrinking rank, until the
 * duality gap is proved to be within `tolerance`: rank `auto`. Repeat (rigour.md A8):
 *
 * 1. the optimizer at the present rank, to an accuracy that tightens from round to round;
 * 2. compress: QR and SVD to balanced factors, without the triples that X is no worse without;
 * 3. certify, and stop at the tolerance;
 * 4. append the singular triples of B = (I − QᵤQᵤᵀ)(−G)(I − QᵥQᵥᵀ) above the penalty, at most as many as there are columns, at
 *    their best common scale; where there are none, tighten;
 * 5. every tenth round, and where nothing else helps, a proximal-gradient step on X; with `growth: 'proximal'` always that (`convexLifting`).
 *
 * The value never rises beyond rounding, and step 5 makes the whole converge globally whatever the optimizer does.
 * Deflation by rank increase: Boumal, Voroninski, Bandeira 2020 (arXiv:1804.02008); the proximal safeguard: Lee, Liang, Tang,
 * Toh 2022 (arXiv:2204.14067).
 *
 * `stop` is `converged` by `certificate`, `budget`, `stalled` (rounding forbids more), `diverged` (with the last good point)
 * or `aborted` (then nothing is certified).
 *
 * @throws LOWLAND_E_PENALTY when the penalty is not positive: such a problem has no certificate to run for
 * @throws LOWLAND_E_LOSS when the gradient of the loss has no Lipschitz constant: a proximal step would have no length, and nothing said what
 *   compressing and appending change
 * @throws LOWLAND_E_CAPABILITY when the objective offers no `lift`, `factors` or `grow`
 * @throws LOWLAND_E_CHECKPOINT when `resume` belongs to another run
 */
export async function solveToCertificate<P extends Capability, R extends Closed<P | Growing>, U extends Capability = never>(
  objective: Objective<P | Growing>,
  optimizer: Optimizer<R, U>,
  options: SolveToCertificateOptions,
): Promise<CertifiedSolution> {
  const run = new Run(objective as Objective<Growing>, optimizer as Optimizer<Closed<Growing>, Capability>, options);
  await run.open();
  for (;;) {
    const result = await run.round();
    if (result !== undefined) return result;
  }
}

/** Where the next round starts. */
interface Next {
  readonly kind: 'append' | 'tighten' | 'proximal';
  readonly product: ThinProduct;
  readonly value: number;
  readonly accuracy: number;
}

class Run {
  readonly #objective: Objective<Growing>;
  readonly #optimizer: Optimizer<Closed<Growing>, Capability>;
  readonly #options: SolveToCertificateOptions;
  readonly #seed: number;
  readonly #tolerance: number;
  readonly #growth: Growth;

  /** The objective at the present rank and the point from which the present round starts. */
  #current: Objective<Growing>;
  #start: Point;
  #columns = 1;
  #penalty = 0;
  #round = 0;
  #inner: Checkpoint | undefined;
  #progress: Progress = { accuracy: firstAccuracy, value: Infinity, stalls: 0, effort: 1, failureProbability: 0, iterations: 0, seconds: 0, counts: noCounts, rounds: [] };

  constructor(objective: Objective<Growing>, optimizer: Optimizer<Closed<Growing>, Capability>, options: SolveToCertificateOptions) {
    this.#objective = objective;
    this.#optimizer = optimizer;
    this.#options = options;
    this.#seed = options.resume?.seed ?? options.seed ?? 0;
    this.#tolerance = options.tolerance ?? 1e-6;
    this.#growth = options.resume?.growth ?? options.growth ?? 'escape';
    this.#current = objective;
    this.#start = options.point ?? objective.initial(streamKey(this.#seed, 'init', 0));
  }

  async open(): Promise<void> {
    const { resume } = this.#options;
    await this.#withStage(this.#objective, (stage) => {
      const { penalty, smoothness } = stage.lift;
      if (!Number.isFinite(smoothness)) {
        throw new LowlandError('LOWLAND_E_LOSS', 'Rank "auto" needs a loss whose gradient has a Lipschitz constant; that of this objective has none. Give a fixed rank: its points can be certified as well.');
      }
      if (!(penalty > 0)) {
        throw new LowlandError(
          'LOWLAND_E_PENALTY',
          `Rank "auto" needs a positive penalty, because only a penalised problem has a certificate; this one has ${penalty}. Give a penalty (lambda) or a fixed rank.`,
          { details: { penalty } },
        );
      }
      this.#penalty = penalty;
      this.#columns = resume?.rank ?? stage.problem.rank;
      if (resume === undefined) {
        this.#progress = { ...this.#progress, value: stage.valueOf(this.#start) };
        return;
      }
      requireSameRun(resume, this.#objective, this.#optimizer);
      this.#round = resume.round;
      this.#progress = resume.progress;
      this.#inner = resume.inner ?? undefined;
      this.#current = stage.objectiveOfRank(resume.rank);
      this.#start = createPoint(this.#current.layout, startNumbers(resume));
    });
  }

  /** One round; the result when it was the last. */
  async round(): Promise<CertifiedSolution | undefined> {
    const started = performance.now() - (this.#inner?.seconds ?? 0) * 1000;
    const seconds = () => this.#progress.seconds + (performance.now() - started) / 1000;
    const solution = await this.#solveInner();
    const iterations = this.#progress.iterations + solution.iterations;
    return this.#withStage(this.#current, async (stage) => {
      const used = { iterations, counts: addCounts(this.#progress.counts, solution.counts) };
      const checkpoint = () => this.#checkpoint(solution.checkpoint());
      if (solution.stop.reason === 'aborted') return this.#aborted(stage, solution, { ...used, seconds: seconds() }, checkpoint);

      const assessment = this.#assess(stage, solution);
      const over = this.#over(solution, iterations, seconds());
      const proof = over !== undefined || assessment.estimatedGap <= this.#tolerance ? stage.certify(assessment, this.#tolerance, this.#round) : undefined;
      const failureProbability = Math.min(1, this.#progress.failureProbability + (proof?.failureProbability ?? 0));
      const certificate = proof && { ...proof, failureProbability };
      const stop: Solution['stop'] | undefined = certificate?.kind === 'global-minimum' ? { reason: 'converged', rule: 'certificate' } : over;
      const next = stop === undefined ? await this.#next(stage, assessment, solution) : undefined;

      const round: Round = {
        round: this.#round,
        columns: stage.problem.rank,
        rank: assessment.product.s.length,
        iterations: solution.iterations,
        stop: solution.stop,
        accuracy: this.#progress.accuracy,
        value: assessment.value,
        estimatedGap: Number.isFinite(assessment.estimatedGap) ? assessment.estimatedGap : null,
        next: next?.kind ?? 'stop',
        appended: next === undefined ? 0 : Math.max(0, next.product.s.length - assessment.product.s.length),
        seconds: seconds(),
      };
      const rounds = [...this.#progress.rounds, round];
      this.#options.onRound?.(round);
      if (stop !== undefined && certificate !== undefined) {
        const point = stage.pointOf(assessment.product);
        return {
          ...used,
          objective: stage.objectiveOfRank(Math.max(1, assessment.product.s.length)),
          point,
          value: assessment.value,
          gradientNorm: assessment.gradientNorm,
          seconds: seconds(),
          stop,
          plan: solution.plan,
          seed: this.#seed,
          certificate,
          rounds,
          ...spectrum(assessment.product),
          checkpoint,
        };
      }
      const effort = this.#progress.effort * (certificate === undefined ? 1 : 2);
      if (next !== undefined) this.#goOn(stage, next, assessment, { ...used, effort, failureProbability, seconds: seconds(), rounds });
      return undefined;
    });
  }

  /** The optimizer at the present rank, from the round's start. */
  #solveInner(): Promise<Solution> {
    const { backend, signal, record, trackers, checkpoint, checkpointEvery } = this.#options;
    const before = this.#progress;
    const target = before.accuracy * this.#gradientUnit(before.value);
    const left = (this.#options.maxIterations ?? Infinity) - before.iterations;
    const rank = this.#columns;
    return solve<Growing, Closed<Growing>, Capability>(this.#current, this.#optimizer, {
      backend,
      point: this.#start,
      seed: this.#seed,
      stop: anyOf(
        gradientNorm(target),
        maxIterations(Math.min(innerIterations, left)),
        ...(this.#options.maxSeconds === undefined ? [] : [maxSeconds(this.#options.maxSeconds - before.seconds)]),
      ),
      ...(signal && { signal }),
      ...(trackers && { trackers }),
      ...(this.#inner && { resume: this.#inner }),
      ...(checkpointEvery !== undefined && { checkpointEvery }),
      ...(checkpoint && { checkpoint: (inner) => checkpoint(this.#checkpoint(inner)) }),
      ...(record && {
        record: (seen) => {
          record({ ...seen, iteration: before.iterations + seen.iteration, seconds: before.seconds + seen.seconds, round: this.#round, rank });
        },
      }),
    });
  }

  /** The point reached, or the round's start where the method has not descended from it. */
  #assess(stage: Stage, solution: Solution): Assessment {
    const limit = this.#progress.value + riseLimit * Math.abs(this.#progress.value);
    if (solution.stop.reason !== 'diverged' && solution.value <= limit) {
      const assessment = stage.assess(solution.point, this.#round, this.#progress.effort);
      if (assessment.value <= limit) return assessment;
    }
    return stage.assess(this.#start, this.#round, this.#progress.effort);
  }

  /** Why the run ends after this round, whatever the certificate says. */
  #over(solution: Solution, iterations: number, seconds: number): Solution['stop'] | undefined {
    const { maxIterations: mostIterations = Infinity, maxSeconds: mostSeconds = Infinity, maxRounds = 100 } = this.#options;
    if (solution.stop.reason === 'diverged') return solution.stop;
    if (iterations >= mostIterations) return { reason: 'budget', rule: 'max-iterations' };
    if (seconds >= mostSeconds) return { reason: 'budget', rule: 'max-seconds' };
    if (this.#round + 1 >= maxRounds) return { reason: 'budget', rule: 'max-rounds' };
    if (this.#progress.stalls >= patience) return { reason: 'stalled', rule: 'precision-floor', detail: `${patience} rounds brought no decrease above rounding` };
    return undefined;
  }

  async #next(stage: Stage, assessment: Assessment, solution: Solution): Promise<Next> {
    const { product, value, gradientNorm: gradient, escapes, estimatedGap } = assessment;
    const { accuracy } = this.#progress;
    const floor = valueFloor * Math.abs(value);
    const due = this.#growth === 'proximal' || this.#round % proximalEvery === proximalEvery - 1;
    const stuck = escapes.triples.s.length === 0;
    if (!due && !stuck) {
      const grown = stage.append(assessment);
      if (grown.decrease > floor) return { kind: 'append', product: grown.product, value: value - grown.decrease, accuracy: Math.min(accuracy, estimatedGap / 20) };
    }
    // The gap falls with the first power of the gradient, which may be below what was asked for.
    const reached = Math.min(accuracy, gradient / this.#gradientUnit(value) || accuracy);
    const tighter = Math.max(leastAccuracy, reached * Math.min(0.3, Math.max(1e-3, (0.3 * this.#tolerance) / estimatedGap)));
    if (!due && stuck && solution.stop.reason === 'converged' && tighter < accuracy) return { kind: 'tighten', product, value, accuracy: tighter };

    const stepped = stage.proximal(assessment, this.#round);
    const steppedValue = await this.#valueOf(stage, stepped);
    const descended = steppedValue <= value + floor;
    return { kind: 'proximal', product: descended ? stepped : product, value: descended ? steppedValue : value, accuracy: tighter };
  }

  #goOn(stage: Stage, next: Next, { value }: Assessment, used: Pick<Progress, 'effort' | 'failureProbability' | 'iterations' | 'counts' | 'seconds' | 'rounds'>): void {
    const { value: before, stalls } = this.#progress;
    const fell = Math.min(value, next.value) < before - valueFloor * Math.abs(before);
    this.#progress = { ...used, accuracy: next.accuracy, value: next.value, stalls: fell || next.kind === 'tighten' ? 0 : stalls + 1 };
    this.#columns = Math.max(1, next.product.s.length);
    this.#current = stage.objectiveOfRank(this.#columns);
    const point = stage.pointOf(next.product);
    // No −0: the start of a round goes through JSON in checkpoints.
    this.#start = createPoint(this.#current.layout, point.data.map((x) => x + 0));
    this.#inner = undefined;
    this.#round += 1;
  }

  #aborted(
    stage: Stage,
    solution: Solution,
    used: Pick<Progress, 'iterations' | 'counts' | 'seconds'>,
    checkpoint: () => CertificateCheckpoint,
  ): CertifiedSolution {
    const product = productSvd(factorsAt(solution.point, stage.factors));
    const { rank, singularValues } = spectrum(product);
    const nothing = conclude({ value: solution.value, zeroValue: 0, rank, tolerance: this.#tolerance }, []);
    const certificate: Certificate = { ...nothing, reason: 'the run was aborted before the point was certified' };
    const { point, value, gradientNorm: gradient, plan, stop } = solution;
    const { rounds } = this.#progress;
    return { ...used, objective: stage.objectiveOfRank(this.#columns), point, value, gradientNorm: gradient, stop, plan, seed: this.#seed, certificate, rounds, rank, singularValues, checkpoint };
  }

  #checkpoint(inner: Checkpoint | null): CertificateCheckpoint {
    return checkpointOf(this.#objective, this.#optimizer, { seed: this.#seed, growth: this.#growth, round: this.#round, rank: this.#columns, start: this.#start, inner, progress: this.#progress });
  }

  /** √(2·penalty·f), at least penalty·|(U, V)|: the size of one of the two terms that cancel in the gradient. */
  #gradientUnit(value: number): number {
    return Math.sqrt(2 * this.#penalty * Math.max(value, 0));
  }

  #valueOf(stage: Stage, product: ThinProduct): Promise<number> {
    const objective = stage.objectiveOfRank(Math.max(1, product.s.length));
    return this.#withStage(objective, (grown) => grown.valueOf(grown.pointOf(product)));
  }

  /** Binds an objective for as long as `use` runs. */
  async #withStage<T>(objective: Objective<Growing>, use: (stage: Stage) => T | Promise<T>): Promise<T> {
    const names = ['lift', 'factors', 'grow'] as const;
    const binding = await bind(objective, this.#options.backend, names);
    try {
      return await use(new Stage(binding.problem, this.#seed));
    } finally {
      binding[Symbol.dispose]();
    }
  }
}

function spectrum({ s }: ThinProduct): { rank: number; singularValues: readonly number[] } {
  return { rank: numericalRank(s), singularValues: Array.from(s) };
}
