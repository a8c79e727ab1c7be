/**
 * A run over a section through its end.
 */
import { type Context, LowlandError, type Point, type Vec } from '@lowland/core';

import { projectTo, trajectoryPlane } from './directions.ts';

/** The points of a run in their order, flat; the centre of the section is the end, and need not be among them. */
export type Trajectory = readonly Float64Array[];

/** Where a run went, seen from a section through its end. */
export interface SliceTrajectory {
  /** Coordinates of each point's shadow on the section; null on a line. */
  readonly s: Float64Array;
  readonly t: Float64Array | null;
  /** f at the points themselves, not at their shadows. */
  readonly values: Float64Array;
  /** How far each point is off the section. */
  readonly distances: Float64Array;
  /** Shares of the squared distances to the end along each direction: 1 in all for a run within the section. */
  readonly explained: readonly number[];
}

/**
 * The k-th principal direction of a run about its end, so long that the farthest point has coordinate 1 or -1 along it.
 *
 * @throws LOWLAND_E_OPTIONS where no run is given; LOWLAND_E_POINT for a run that does not span a plane
 */
export function principalDirection(trajectory: Trajectory | undefined, centre: Point, k: 0 | 1): Float64Array {
  if (trajectory === undefined) throw new LowlandError('LOWLAND_E_OPTIONS', 'A slice along a trajectory needs the points of a run; give them as `trajectory`, or choose another direction.');
  const points = checked(trajectory, centre);
  const direction = trajectoryPlane([...points, centre.data]).directions[k];
  const farthest = points.reduce((most, x) => Math.max(most, Math.abs(projectTo(x, centre.data, [direction]).at[0]!)), 0);
  return direction.map((value) => value * farthest);
}

/** Projects the run, and evaluates f at its points. */
export async function onSection({ problem, device, scratch }: Context<'value'>, trajectory: Trajectory, centre: Point, directions: readonly Float64Array[]): Promise<SliceTrajectory> {
  const points = checked(trajectory, centre);
  const count = points.length;
  const coordinates = directions.map(() => new Float64Array(count));
  const [values, distances] = [new Float64Array(count), new Float64Array(count)];
  const along = directions.map(() => 0);
  let total = 0;
  const x: Vec = scratch();
  const value = scratch(1);
  for (const [i, point] of points.entries()) {
    const { at, distance } = projectTo(point, centre.data, directions);
    at.forEach((coordinate, k) => {
      coordinates[k]![i] = coordinate;
      const square = coordinate * coordinate * squared(directions[k]!);
      along[k]! += square;
      total += square;
    });
    distances[i] = distance;
    total += distance * distance;
    device.write(x, point);
    problem.value(x, value);
    values[i] = await device.scalar(value);
  }
  return { s: coordinates[0]!, t: coordinates[1] ?? null, values, distances, explained: along.map((part) => (total === 0 ? 0 : part / total)) };
}

const squared = (x: Float64Array): number => x.reduce((sum, value) => sum + value * value, 0);

function checked(points: Trajectory, { data }: Point): Trajectory {
  const wrong = points.find((x) => x.length !== data.length);
  if (wrong !== undefined) throw new LowlandError('LOWLAND_E_SHAPE', `Points of a trajectory have ${data.length} numbers, as the centre has; one has ${wrong.length}.`);
  if (!points.every((x) => x.every(Number.isFinite))) throw new LowlandError('LOWLAND_E_POINT', 'Every number of a trajectory is finite; this one has others.');
  return points;
}
