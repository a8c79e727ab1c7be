import { describe, expect, it } from 'vitest';

import { filled, gaussian, withSingularValues } from '../../test/fixtures.ts';
import { arena, fast } from '../../test/workspaces.ts';
import type { Matrix } from '../matrix.ts';
import { PlainWorkspace } from './plain-workspace.ts';
import { svdInLevels } from './svd-levels.ts';
import type { Workspace } from './workspace.ts';

const decades = (n: number, count: number) => Array.from({ length: n }, (_, i) => 10 ** (-count * i / n));

const cases: Readonly<Record<string, Matrix>> = {
  random: gaussian(70, 45, 1),
  'of one column': gaussian(9, 1, 1),
  'in three levels': withSingularValues(33, 33, decades(33, 16), 2),
  'of rank 2': filled(50, 31, (i, j) => i + j),
  zero: filled(5, 4, () => 0),
};

describe('svdInLevels', () => {
  it.each(Object.entries(cases))('has the same bits on the heap and in the arena: %s', (_, { rows, cols, data }) => {
    const run = (workspace: Workspace) => workspace.scope(() => {
      const at = workspace.take(data.length);
      workspace.data.set(data, at);
      const { u, uRow, s, vRows } = svdInLevels(workspace, rows, cols, at, cols);
      return { u: workspace.data.slice(u, u + rows * uRow), s, v: workspace.data.slice(vRows, vRows + cols * cols) };
    });
    expect(run(fast)).toEqual(run(new PlainWorkspace()));
    // Nothing stays behind but the scratch of products.
    const after = arena.live;
    run(fast);
    expect(arena.live).toBe(after);
  });
});
