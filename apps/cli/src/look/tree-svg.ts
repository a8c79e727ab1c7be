/** The disconnectivity graph: which minima join at which height (Becker and Karplus 1997, doi:10.1063/1.473299). */
import type { Connections } from '@lowland/landscape';

import { type Frame, palette, pixel, widened } from './chart.ts';

/** Leaves from left to right in the order of the tree; each line rises from a minimum to where a saddle joins it to others. */
export function treeFrame({ tree, leaves, census }: Connections, objective: string): Frame | undefined {
  const { nodes, roots } = tree;
  if (nodes.length === 0) return undefined;
  const place = new Float64Array(nodes.length);
  let count = 0;
  const visit = (node: number): void => {
    const { parts } = nodes[node]!;
    for (const part of parts) visit(part);
    place[node] = parts.length === 0 ? count++ : parts.reduce((sum, part) => sum + place[part]!, 0) / parts.length;
  };
  for (const root of roots) visit(root);
  const heights = nodes.map(({ height }) => height);
  const [from, to] = widened(Math.min(...heights), Math.max(...heights));
  const apart = leaves.length <= 24;
  const colour = (leaf: number): string => {
    const { kind, spurious } = census.orbits[leaves[leaf]!.orbit]!;
    return spurious ? palette[1]! : kind === 'least' ? palette[2]! : palette[0]!;
  };
  const name = (leaf: number): string => `${leaves[leaf]!.orbit}${leaves[leaf]!.component === 1 ? "'" : ''}`;
  return {
    title: `Disconnectivity graph of ${objective}`,
    x: { label: apart ? 'minima, by the number of their orbit' : 'minima', from: -0.5, to: Math.max(count, 1) - 0.5, blank: true },
    y: { label: 'value', from, to },
    draw: (x, y) => [
      ...roots.map((root) => line(x(place[root]!), y(nodes[root]!.height), x(place[root]!), y(to))),
      ...nodes.flatMap(({ height, parts }, node) =>
        parts.flatMap((part) => [line(x(place[part]!), y(nodes[part]!.height), x(place[part]!), y(height)), line(x(place[part]!), y(height), x(place[node]!), y(height))]),
      ),
      ...nodes.flatMap(({ height, leaf }, node) => {
        if (leaf === null) return [];
        const [a, b] = [x(place[node]!), y(height)];
        return [`<circle cx="${pixel(a)}" cy="${pixel(b)}" r="4.5" fill="${colour(leaf)}"/>`, ...(apart ? [`<text x="${pixel(a + 8)}" y="${pixel(b + 4)}" font-size="11">${name(leaf)}</text>`] : [])];
      }),
    ],
    keys: [
      { name: 'least value', colour: palette[2]!, as: 'square' },
      { name: 'other minima', colour: palette[0]!, as: 'square' },
      { name: 'spurious', colour: palette[1]!, as: 'square' },
    ].filter(({ colour: shown }) => leaves.some((_, leaf) => colour(leaf) === shown)) as NonNullable<Frame['keys']>,
    notes: [`Joins are saddles: the least height found from one minimum to another.${leaves.some(({ component }) => component === 1) ? " A number with ' is the reflected half of an orbit." : ''}${roots.length > 1 ? ` ${roots.length} groups are joined by no way that was found.` : ''}`],
  };
}

const line = (x1: number, y1: number, x2: number, y2: number): string => `<line class="line" x1="${pixel(x1)}" y1="${pixel(y1)}" x2="${pixel(x2)}" y2="${pixel(y2)}" stroke-width="1.3"/>`;
