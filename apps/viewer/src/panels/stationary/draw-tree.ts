import type { StationaryView } from '../../model/types.ts';
import { framed } from '../draw/axes.ts';
import { scaleOf } from '../draw/scale.ts';
import type { Line } from '../draw/pen.ts';
import type { Drawing } from '../export/picture.ts';

type Tree = StationaryView['tree'];

/** Places across: leaves in the order in which joins list them, joins in the middle of their parts. */
export function layOut(tree: Tree): number[] {
  const across = tree.map(() => 0);
  const parts = new Set(tree.flatMap((node) => [...node.parts]));
  let next = 0;
  const walk = (k: number): number => {
    const own = tree[k]!.parts;
    return (across[k] = own.length === 0 ? next++ : own.map(walk).reduce((sum, x) => sum + x, 0) / own.length);
  };
  tree.forEach((_, k) => {
    if (!parts.has(k)) walk(k);
  });
  return across;
}

/** A disconnectivity graph: each minimum a line from its value up to where a way joins it to others. */
export function drawTree({ tree, leaves }: StationaryView): Drawing {
  const across = layOut(tree);
  const heights = tree.map(({ height }) => height);
  const y = scaleOf('linear', heights, 0.12) ?? { kind: 'linear', from: 0, to: 1 };
  const count = tree.filter(({ parts }) => parts.length === 0).length;
  const joined = new Map(tree.flatMap(({ parts }, k) => parts.map((part) => [part, k] as const)));
  return (pen, theme, size) => {
    framed(pen, theme, { x: { scale: { kind: 'linear', from: -0.7, to: Math.max(0, count - 1) + 0.7 }, label: 'minima', none: true }, y: { scale: y, label: 'value' } }, size, (chart) => {
      tree.forEach(({ height, leaf, parts }, k) => {
        const above = joined.get(k);
        const top = above === undefined ? chart.top : chart.y(tree[above]!.height);
        const up: Line = [[chart.x(across[k]!), chart.y(height)], [chart.x(across[k]!), top]];
        pen.lines([up], { stroke: theme.runs[0]!, width: 2, ...(above === undefined && { dash: [4, 4] }) });
        if (parts.length > 0) {
          const sides = parts.map((part) => chart.x(across[part]!));
          pen.lines([[[Math.min(...sides), chart.y(height)], [Math.max(...sides), chart.y(height)]]], { stroke: theme.runs[0]!, width: 2 });
        }
        if (leaf === null) return;
        const { point, component } = leaves[leaf]!;
        pen.circle([chart.x(across[k]!), chart.y(height)], 5, { fill: theme.good, stroke: theme.surface, width: 1.5 });
        pen.text([chart.x(across[k]!), chart.y(height) + 18], `${point + 1}${component === 1 ? '′' : ''}`, { colour: theme.ink, size: 11, align: 'middle' });
      });
    });
  };
}
