/** The eigenvalues of a Hessian one by one, by their size: which are flat, and how far from the others. */
import type { Classification } from '@lowland/landscape';

import { short } from '../terminal/plot.ts';
import { framed, type Key, pixel } from './chart.ts';

/** Sizes below this part of the largest are drawn at it: rounding. */
const floor = 1e-17;

/** Sizes on a logarithmic axis, ascending by value; undefined where the classification did without a spectrum. */
export function eigenvaluesSvg({ kind, curvature, symmetry }: Classification, objective: string): string | undefined {
  if (curvature?.spectrum == null || curvature.spectrum.length === 0) return undefined;
  const { spectrum, threshold, nullity } = curvature;
  const values = [...spectrum].sort((a, b) => a - b);
  const largest = Math.max(...values.map(Math.abs));
  if (largest === 0) return undefined;
  const power = (value: number): number => Math.log10(Math.max(Math.abs(value), floor * largest));
  const flat = (value: number): boolean => Math.abs(value) <= threshold;
  const colours = { negative: '#d1691b', flat: '#808080', positive: '#3b76c4' } as const;
  const kindOf = (value: number): keyof typeof colours => (flat(value) ? 'flat' : value < 0 ? 'negative' : 'positive');
  const counts = values.reduce<Record<string, number>>((all, value) => ({ ...all, [kindOf(value)]: (all[kindOf(value)] ?? 0) + 1 }), {});
  const low = Math.floor(Math.min(...values.map(power), Math.log10(threshold))) - 0.2;
  const keys = Object.entries(colours).flatMap(([name, colour]): Key[] => (counts[name] === undefined ? [] : [{ name: `${counts[name]} ${name}`, colour, as: 'square' }]));
  return framed({
    title: `Curvatures of ${objective}: ${kind}`,
    x: { label: 'eigenvalues off the orbit, ascending', from: 0, to: values.length + 1, whole: true },
    y: { label: 'size', from: low, to: Math.log10(largest) + 0.3, power: true },
    draw: (x, y, { width }) => [
      `<line class="line" x1="${pixel(x(0))}" x2="${pixel(x(0) + width)}" y1="${pixel(y(Math.log10(threshold)))}" y2="${pixel(y(Math.log10(threshold)))}" stroke-dasharray="5 4" opacity="0.6"/>`,
      ...values.map((value, k) => `<line x1="${pixel(x(k + 1))}" x2="${pixel(x(k + 1))}" y1="${pixel(y(low))}" y2="${pixel(y(power(value)))}" stroke="${colours[kindOf(value)]}" stroke-width="${pixel(Math.max(1, Math.min(8, (0.6 * width) / values.length)))}"/>`),
    ],
    keys,
    notes: [
      `Dashed: ${short(threshold)}, below which a curvature has no sign.`,
      ...(symmetry.group === null || (symmetry.dimension ?? 0) === 0 ? [] : [`${symmetry.dimension!} direction${symmetry.dimension === 1 ? '' : 's'} of ${symmetry.group} left out.`]),
      ...(nullity === null || nullity.excess === 0 ? [] : [`${nullity.excess} flat beyond the orbit.`]),
    ],
  });
}
