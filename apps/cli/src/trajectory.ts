import { type AnyTracker, type MaybePromise, type State, type Tracker } from '@lowland/core';

/** Points of a run that are kept, at least where there are so many, and twice as many at most. */
const enough = 200;

/** The points of a run from its start on, evenly thinned. */
export interface TrajectoryRecorder {
  readonly tracker: AnyTracker;
  readonly points: () => readonly Float64Array[];
}

/** Watches a run and keeps where it was: memory for some hundred points, however long it is. */
export function trajectoryRecorder(): TrajectoryRecorder {
  let kept: Float64Array[] = [];
  let [seen, stride] = [0, 1];
  const keep = (x: Float64Array): void => {
    kept.push(x);
    if (kept.length < 2 * enough) return;
    kept = kept.filter((_, k) => k % 2 === 0);
    stride *= 2;
  };
  const tracker: Tracker<never, null> = {
    id: 'trajectory',
    requires: [],
    start({ device }) {
      return ({ point }: State): MaybePromise<null> => {
        if (seen++ % stride !== 0) return null;
        const read = device.read(point);
        if (!(read instanceof Float64Array)) return read.then((x) => (keep(Float64Array.from(x)), null));
        keep(read.slice());
        return null;
      };
    },
  };
  return { tracker: tracker as AnyTracker, points: () => kept };
}
