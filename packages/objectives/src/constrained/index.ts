/** Equality-constrained factored problems and their merit functions. */
export { constrainedFactorization, type ConstrainedFactorizationOptions, type MeritCapability } from './constrained-factorization.ts';
export { maxCut, maxCutOptimum, type MaxCutOptions } from './max-cut.ts';
export { orthogonalCut, type OrthogonalCutOptions } from './orthogonal-cut.ts';
export type { ConstrainedCapability } from './objective.ts';
export type { MeritName, MeritOptions } from './checks.ts';
export {
  generateConstraints,
  generateGraph,
  generateOrthogonalCut,
  type GenerateConstraintsOptions,
  type GenerateGraphOptions,
  type GenerateOrthogonalCutOptions,
} from './generate.ts';
