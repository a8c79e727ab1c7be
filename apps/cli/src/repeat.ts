import { LowlandError } from '@lowland/core';

import type { ResultDocument } from './document.ts';
import { readBlocks, readResult } from './output/recorded.ts';
import { computingText } from './report.ts';
import { type Outcome, polishedAnyway, run, type Watch } from './run.ts';
import type { Setup } from './set-up.ts';
import { version } from './version.ts';

/** A recorded run done once more, to its last iteration; it reached the recorded point and value, bit for bit. */
export interface Repeated {
  readonly outcome: Outcome;
  readonly recorded: ResultDocument;
}

/**
 * Repeats the run in `folder` with what watches it this time. It ends after as many iterations as the recorded one, whatever had ended that.
 *
 * @throws LOWLAND_E_REPEAT where the run was one of another version, other plugins or other kernels, or reaches other bits
 * @throws LOWLAND_E_RESUME where the folder holds no result
 */
export async function repeat(setup: Setup, folder: string, watch: Watch): Promise<Repeated> {
  const recorded = readResult(folder);
  refuseOthers(recorded, setup, folder);
  const limits = { iterations: recorded.iterations, seconds: Infinity, gapTolerance: setup.limits.gapTolerance };
  const again = await run({ ...setup, limits }, watch, undefined);
  const outcome = (recorded.polish ?? null) === null || again.stop.reason === 'aborted' ? again : await polishedAnyway(setup, again);
  if (outcome.stop.reason !== 'aborted') refuseOtherBits(recorded, outcome, setup, folder);
  return { outcome, recorded };
}

const repeatError = (message: string, details: Readonly<Record<string, unknown>>): LowlandError => new LowlandError('LOWLAND_E_REPEAT', message, { details });

function refuseOthers({ lowland, plugins, computing }: ResultDocument, setup: Setup, folder: string): void {
  if (lowland !== version()) {
    throw repeatError(`The run in ${folder} is of lowland ${lowland}, this is ${version()}: the same bits are promised within a version. Repeat it with that one, or solve anew with --track.`, { recorded: lowland, here: version() });
  }
  for (const [name, recorded] of Object.entries(plugins ?? {})) {
    const here = setup.plugins[name];
    if (here === recorded) continue;
    throw repeatError(`The run in ${folder} was made with ${name} ${recorded}; here is ${here ?? 'none'}. Install that version to repeat the run.`, { plugin: name, recorded, here: here ?? null });
  }
  // Bits depend on kernels, never on the number of threads.
  const [then, now] = [computing, setup.computing].map(({ threads: _threads, adapter: _adapter, selfTest: _selfTest, ...rest }) => computingText(rest));
  if (then !== now) throw repeatError(`The run in ${folder} was computed in ${then!}; here it would be ${now!}, which rounds otherwise. Repeat it with the same --backend and its options.`, { recorded: computing, here: setup.computing });
}

function refuseOtherBits(recorded: ResultDocument, { objective, point, value, iterations }: Outcome, { backend }: Setup, folder: string): void {
  const { data } = readBlocks(folder, objective.layout);
  const other = data.length === point.data.length ? data.findIndex((x, i) => !Object.is(x, point.data[i])) : 0;
  const sameValue = recorded.value === (Number.isFinite(value) ? value : null);
  if (other < 0 && sameValue && iterations === recorded.iterations) return;
  const what = [
    ...(iterations === recorded.iterations ? [] : [`it ended after ${iterations} iterations, not ${recorded.iterations}`]),
    ...(sameValue ? [] : [`its value is ${value}, not ${recorded.value}`]),
    ...(other < 0 ? [] : [`number ${other} of its point is ${point.data[other]!}, not ${data[other]!}`]),
  ].join('; ');
  const why = backend.determinism === 'bits' ? 'The files were changed, or the code was' : `The backend ${backend.id} promises its results to a tolerance, not their bits`;
  throw repeatError(`The repeated run is not the one in ${folder}: ${what}. ${why}; nothing was written.`, { iterations, value, recorded: { iterations: recorded.iterations, value: recorded.value } });
}
