/** How far something long is: stage by stage, with what is left of each at the rate at which it has gone so far. */
import type { Stage } from '../engine/protocol.ts';

export interface Advance extends Stage {
  /** Since the stage began. */
  readonly seconds: number;
  /** Of this stage; null where nothing can be said yet. */
  readonly left: number | null;
}

/** Of a stage that has gone on for less nothing is foretold, in seconds. */
const early = 0.5;

/** Turns what is told of stages into advances. @param now seconds */
export function advances(now: () => number): (stage: Stage) => Advance {
  let [name, since, from] = ['', 0, 0];
  return (stage) => {
    if (stage.name !== name) [name, since, from] = [stage.name, now(), stage.done];
    const [seconds, done] = [now() - since, stage.done - from];
    return { ...stage, seconds, left: seconds < early || done === 0 ? null : ((stage.of - stage.done) * seconds) / done };
  };
}
