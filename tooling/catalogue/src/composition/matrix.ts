import type { Backend, Registry } from '@lowland/core';

import { type Column, columnsOf } from './columns.ts';
import { type Outcome, pair } from './pair.ts';
import { type Row, rowsOf, tiny } from './rows.ts';

/** Every objective with every optimizer. */
export interface Matrix {
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  /** One list a row. */
  readonly outcomes: readonly (readonly Outcome[])[];
}

/** Runs all pairs that fit, and has the others refused. */
export async function compose(registry: Registry, backend: Backend): Promise<Matrix> {
  using device = await backend.open();
  const [rows, columns] = [rowsOf(registry, device, tiny), columnsOf(registry)];
  const outcomes: Outcome[][] = [];
  for (const { objective } of rows) {
    const row: Outcome[] = [];
    for (const column of columns) row.push(await pair(objective, column, backend));
    outcomes.push(row);
  }
  return { rows, columns, outcomes };
}
