/** What a person sees of exits, escapes and returns in a terminal. */
import type { EscapeTimes, ExitTimes, Recurrence } from '@lowland/landscape';

import { bar, short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;
const place = (data: Float64Array): string => (data.length > 6 ? `in ${data.length} variables` : `at (${[...data].map((x) => short(Math.round(x * 1e6) / 1e6)).join(', ')})`);

/** Times as bars of one scale. */
function timeBars(rows: readonly (readonly [string, number, string])[], screen: Screen): string[] {
  const known = rows.filter(([, time]) => Number.isFinite(time));
  const most = Math.max(...known.map(([, time]) => time));
  const room = Math.max(8, screen.columns - 62);
  return known.map(([name, time, more]) => `  ${name.padEnd(18)} ${short(time).padStart(10)} ${bar(time, most, room, screen.unicode)} ${more}`);
}

export function ofExitTimes({ dynamics, beta, minimum, saddle, beyond, height, eyringKramers, exact, simulated }: ExitTimes, screen: Screen): readonly string[] {
  const rows: (readonly [string, number, string])[] = [['Eyring-Kramers', eyringKramers.time, 'for beta to infinity']];
  if (exact !== null) rows.push([exact.method === 'quadrature' ? 'exact' : 'backward equation', exact.time, exact.grids.length === 0 ? 'by quadrature' : `grids of ${exact.grids.map(({ nodes }) => nodes).join(' and ')} nodes`]);
  if (simulated !== null) rows.push(['simulated', simulated.time, `± ${short(simulated.standardError)}, ${simulated.exits} of ${simulated.paths} paths`.replace('±', screen.unicode ? '±' : '+-')]);
  return [
    field('dynamics', `${dynamics}, beta ${short(beta)}`),
    field('minimum', `${short(minimum.value)} ${place(minimum.point.data)}`),
    field('saddle', `${short(saddle.value)} ${place(saddle.point.data)}, the lowest that was found`),
    field('beyond', `${short(beyond.value)} ${place(beyond.point.data)}`),
    field('barrier', `${short(height)}, ${short(beta * height)} temperatures; left at the rate ${short(eyringKramers.rate)}`),
    '',
    'mean time until the minimum beyond is reached',
    ...timeBars(rows, screen),
  ];
}

export function ofEscapeTimes({ saddle, step, radius, curvature, gradient, nullity, direction, runs }: EscapeTimes, screen: Screen): readonly string[] {
  const most = runs.reduce((sum, { iterations }) => Math.max(sum, iterations ?? 0), 0);
  return [
    field('saddle', place(saddle.data)),
    field('curvature', `least ${short(curvature)}; gradient ${short(gradient)}`),
    ...(nullity.orbit + nullity.excess === 0 ? [] : [field('flat', `directions along the orbit: ${nullity.orbit}; others: ${nullity.excess}`)]),
    field('descent', `steps of ${short(step)} until ${short(radius)} away, ${direction === 'eigenvector' ? 'from along the eigenvector of the least curvature' : 'from a random direction: no curvature is negative'}`),
    '',
    `  ${'started at'.padEnd(12)} ${'iterations'.padStart(10)} ${'linear theory'.padStart(14)}`,
    ...runs.map(({ displacement, iterations, predicted }) => `  ${displacement.toExponential(0).padEnd(12)} ${(iterations === null ? 'never' : String(iterations)).padStart(10)} ${(predicted === null ? '-' : predicted.toFixed(1)).padStart(14)} ${bar(iterations ?? 0, most, Math.max(8, screen.columns - 44), screen.unicode)}`),
  ];
}

export function ofRecurrence({ orbit, validity, least, largest, mean, temperature, from, radius, dynamics }: Recurrence, screen: Screen): readonly string[] {
  return [
    field('curvature', `least ${short(least)}, largest ${short(largest)}, mean ${short(mean)}`),
    ...(orbit === 0 ? [] : [field('orbit', `dimension ${orbit}; distances, rates and times are to ${validity}`)]),
    field('start', `${short(from)} away; back is within ${short(radius)}; temperature ${short(temperature)}`),
    '',
    'time after which mean paths stay near',
    ...timeBars(dynamics.map(({ name, enters, rate }) => [name, enters, `rate ${short(rate)}`] as const), screen),
    ...(dynamics.every(({ simulated }) => simulated === null)
      ? []
      : ['', 'simulated', ...dynamics.flatMap(({ name, simulated }) => (simulated === null ? [] : [`  ${name.padEnd(18)} ${short(simulated.enters).padStart(10)} ${simulated.entered} of ${simulated.paths} entered, ${Number.isNaN(simulated.leaves) ? 'none' : `${(100 * simulated.leaves).toFixed(0)} %`} left again`]))]),
  ];
}
