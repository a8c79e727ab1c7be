/* eslint-disable @typescript-eslint/no-explicit-any -- what was checked at the caller's types, or comes by name and is checked at run time */
import type { Analysis, Tracker } from './analysis.ts';
import type { Objective } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import type { Initializer } from './plugin.ts';

/** Values whose capabilities are known at run time only, as a registry gives them; `plan()` checks them. */
export type AnyObjective = Objective<any>;
export type AnyOptimizer = Optimizer<any, any>;
export type AnyAnalysis = Analysis<any, unknown, any>;
export type AnyTracker = Tracker<any, unknown>;
export type AnyInitializer = Initializer<any>;
