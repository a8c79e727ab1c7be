/** Times of escapes, exits and returns: steps against the distance of the start, and times as bars of one logarithmic scale. */
import type { EscapeTimes, ExitTimes, Recurrence } from '@lowland/landscape';

import { short } from '../terminal/plot.ts';
import { escapeText, framed, palette, pixel, polyline, widened } from './chart.ts';

/** Steps until away, linear in log eps at a strict saddle; undefined where no run got away. */
export function escapeTimesSvg({ runs, curvature, radius, step, nullity, direction }: EscapeTimes, objective: string): string | undefined {
  const known = runs.filter((run) => run.iterations !== null).sort((a, b) => a.displacement - b.displacement);
  if (known.length === 0) return undefined;
  const at = known.map(({ displacement }) => Math.log10(displacement));
  const [low, high] = widened(Math.min(...at), Math.max(...at));
  const most = Math.max(...known.map(({ iterations, predicted }) => Math.max(iterations!, predicted ?? 0)));
  const theory = known.every(({ predicted }) => predicted !== null);
  return framed({
    title: `Escape times of ${objective}`,
    x: { label: 'distance of the start from the saddle', from: low, to: high, power: true },
    y: { label: `steps until ${short(radius)} away`, from: 0, to: 1.08 * most },
    draw: (x, y) => [
      ...(theory ? [`<path d="${polyline(known.map(({ predicted }, k) => [x(at[k]!), y(predicted!)]))}" fill="none" stroke="${palette[1]!}" stroke-width="1.6" stroke-dasharray="5 4"/>`] : []),
      ...known.map(({ iterations }, k) => `<circle cx="${pixel(x(at[k]!))}" cy="${pixel(y(iterations!))}" r="4.5" fill="${palette[0]!}"/>`),
    ],
    keys: [{ name: 'gradient descent', colour: palette[0]!, as: 'square' }, ...(theory ? [{ name: 'log(r / eps) / log(1 + eta |lambda|)', colour: palette[1]!, as: 'dashes' as const }] : [])],
    notes: [
      `Least curvature ${short(curvature)}, steps of ${short(step)}, from ${direction === 'eigenvector' ? 'along its eigenvector' : 'a random direction: no curvature is negative'}.`,
      ...(nullity.orbit + nullity.excess === 0 ? [] : [`Flat directions: ${nullity.orbit} along the orbit, ${nullity.excess} others.`]),
      ...(known.length === runs.length ? [] : [`${runs.length - known.length} of ${runs.length} runs did not get away in time.`]),
    ],
  });
}

interface Time {
  readonly name: string;
  readonly time: number;
  /** Standard error. */
  readonly error?: number;
}

export function exitTimesSvg({ eyringKramers, exact, simulated, beta, height, dynamics }: ExitTimes, objective: string): string | undefined {
  const times: Time[] = [{ name: 'law of Eyring and Kramers', time: eyringKramers.time }];
  if (exact !== null) times.push({ name: exact.method === 'quadrature' ? 'by quadrature' : 'by the backward equation', time: exact.time });
  if (simulated !== null) times.push({ name: `${simulated.exits} of ${simulated.paths} paths`, time: simulated.time, error: simulated.standardError });
  return barsOf(`Exit times of ${objective}`, 'mean time until the minimum beyond', times, [`${dynamics}, beta ${short(beta)}, a barrier of ${short(height)}.`, ...(simulated === null ? [] : ['Whiskers: two standard errors.'])]);
}

export function recurrenceSvg({ dynamics, from, radius, validity }: Recurrence, objective: string): string | undefined {
  const times = dynamics.flatMap(({ name, enters, simulated }): Time[] => [{ name, time: enters }, ...(simulated === null ? [] : [{ name: `${name}, ${simulated.entered} of ${simulated.paths} paths`, time: simulated.enters }])]);
  return barsOf(`Recurrence of ${objective}`, `time from ${short(from)} away to within ${short(radius)}`, times, [`Theory: from when on mean paths stay, ${validity}; paths: mean time of first entry.`]);
}

/** Bars on a logarithmic scale, one below the other; what is not finite is left out. */
function barsOf(title: string, label: string, all: readonly Time[], notes: readonly string[]): string | undefined {
  const times = all.filter(({ time }) => Number.isFinite(time) && time > 0);
  if (times.length === 0) return undefined;
  const powers = times.map(({ time }) => Math.log10(time));
  const [low, high] = [Math.floor(Math.min(...powers) - 0.3), Math.max(...powers) + 0.3];
  const left = times.length < all.length ? [`${all.length - times.length} without a time left out.`] : [];
  return framed({
    title,
    x: { label, from: low, to: high, power: true },
    y: { label: '', from: 0, to: times.length, blank: true },
    height: 56 * times.length,
    draw: (x, y) =>
      times.flatMap(({ name, time, error }, k) => {
        const middle = y(times.length - k - 0.5);
        const end = x(Math.log10(time));
        const whisker = error === undefined ? [] : [Math.max(time - 2 * error, 10 ** low), time + 2 * error].map((value) => pixel(Math.min(x(Math.log10(value)), x(high))));
        return [
          `<rect x="${pixel(x(low))}" y="${pixel(middle)}" width="${pixel(end - x(low))}" height="14" fill="${palette[k % palette.length]!}"/>`,
          ...(whisker.length === 0 ? [] : [`<line class="line" x1="${whisker[0]!}" x2="${whisker[1]!}" y1="${pixel(middle + 7)}" y2="${pixel(middle + 7)}" stroke-width="2"/>`]),
          `<text x="${pixel(x(low) + 8)}" y="${pixel(middle - 6)}" font-size="12">${escapeText(name)}: ${short(time)}</text>`,
        ];
      }),
    notes: [...notes, ...left],
  });
}
