import { LowlandError, type Constraints, type Device, type Mat, type Memory, type Vec } from '@lowland/core';

import { once } from '../factored/once.ts';
import { bindFletcher, type Fletcher } from './fletcher.ts';
import { bindLagrangian, type Lagrangian } from './lagrangian.ts';
import { factorLayout, type ConstrainedProblem } from './problem.ts';

/** What one number of columns takes on a device, each part made when first asked for. */
export interface ColumnsBound {
  matrix(x: Vec): Mat;
  lagrangian(): Lagrangian;
  fletcher(): Fletcher;
}

export type BoundColumns = (rank: number) => ColumnsBound;

export function bindColumns(problem: ConstrainedProblem, device: Device, memory: Memory): BoundColumns {
  const bound = new Map<number, ColumnsBound>();
  const make = (rank: number): ColumnsBound => {
    const layout = factorLayout(problem.rows, rank);
    const lagrangian = once(() => bindLagrangian(problem, rank, device, memory));
    return {
      matrix: (x) => device.blocks(x, layout)['U']!,
      lagrangian,
      fletcher: once(() => {
        const normal = problem.constraints.normal.bind(device, memory, rank, lagrangian().map);
        return bindFletcher(problem, rank, lagrangian(), normal, device, memory);
      }),
    };
  };
  return (rank) => {
    let columns = bound.get(rank);
    if (columns === undefined) bound.set(rank, (columns = make(rank)));
    return columns;
  };
}

/** The capability: phi and c at factors of any number of columns. */
export function constraintsOf(problem: ConstrainedProblem, columns: BoundColumns, augmented: Constraints['augmented']): Constraints {
  const { rows, constraints } = problem;
  const of = (x: Vec): ColumnsBound => {
    const rank = x.length / rows;
    if (!Number.isInteger(rank) || rank < 1) {
      throw new LowlandError('LOWLAND_E_SHAPE', `A factor of this problem has ${rows} numbers a column; ${x.length} in all were given.`, { details: { rows, given: x.length } });
    }
    return columns(rank);
  };
  return {
    length: constraints.map.length,
    augmented,
    evaluate(x, out) {
      const { lagrangian, matrix } = of(x);
      lagrangian().residual(matrix(x), out);
    },
    jvp(x, v, out) {
      const { lagrangian, matrix } = of(x);
      lagrangian().differential(matrix(x), matrix(v), out);
    },
    vjp(x, w, out) {
      const { lagrangian, matrix } = of(x);
      lagrangian().adjoint(matrix(x), w, matrix(out));
    },
    lagrangian(x, multipliers, weight, value, gradient) {
      const { lagrangian, matrix } = of(x);
      lagrangian().valueAndGradient(matrix(x), multipliers, weight, value, matrix(gradient));
    },
    multipliers(x, out) {
      const { fletcher, matrix } = of(x);
      fletcher().multipliers(matrix(x), out);
    },
  };
}
