/** Test terrains: functions in closed form whose stationary points are known. */
export { ackley, type AckleyOptions } from './ackley.ts';
export { doubleWell, type DoubleWellOptions } from './double-well.ts';
export { monkeySaddle } from './monkey-saddle.ts';
export { octopus, type OctopusOptions } from './octopus.ts';
export { rosenbrock, type RosenbrockOptions } from './rosenbrock.ts';
export { schwefel, type SchwefelOptions } from './schwefel.ts';
export type { TerrainCapability } from './terrain.ts';
