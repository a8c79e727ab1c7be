/** The guided terrains, from the easiest to the strangest. */
import type { Scene } from '../model/scene.ts';
import { basins } from './basins.ts';
import { column } from './column.ts';
import { condition } from './condition.ts';
import { edge } from './edge.ts';
import { langevin } from './langevin.ts';
import { octopus } from './octopus.ts';
import { phase } from './phase.ts';
import { rankDeficientSaddle } from './rank-deficient-saddle.ts';
import { ring } from './ring.ts';
import { weighted } from './weighted.ts';

export const scenes: readonly Scene[] = [ring, rankDeficientSaddle, basins, weighted, octopus, condition, edge, phase, langevin, column];
