/**
 * Low-rank matrix problems. One folder is one family; `factored` is what they share.
 */
export { matrixFactorization, type MatrixFactorizationCapability, type MatrixFactorizationOptions } from './matrix-factorization/asymmetric.ts';
export { symmetricFactorization, type SymmetricFactorizationCapability, type SymmetricFactorizationOptions } from './matrix-factorization/symmetric.ts';
export { weightedTwoByTwo } from './matrix-factorization/weighted-two-by-two.ts';
export { generateMatrix, type GenerateMatrixOptions } from './matrix-factorization/generate.ts';

export {
  matrixCompletion,
  symmetricCompletion,
  type MatrixCompletion,
  type MatrixCompletionCapability,
  type MatrixCompletionOptions,
  type SymmetricCompletion,
  type SymmetricCompletionCapability,
} from './matrix-completion/completion.ts';
export { biasBaseline, type Center, type Offsets } from './matrix-completion/offsets.ts';
export { generateEntries, type GenerateEntriesOptions } from './matrix-completion/generate.ts';
export { generateRatings, type RatingsOptions } from './matrix-completion/ratings.ts';

export {
  matrixSensing,
  symmetricSensing,
  type MatrixSensingCapability,
  type Normalisation,
  type SensingOptions,
  type SymmetricSensingCapability,
} from './matrix-sensing/sensing.ts';
export { betaFamily, ring, twistedState } from './matrix-sensing/instances.ts';
export { generateMeasurements, type GenerateMeasurementsOptions } from './matrix-sensing/generate.ts';

export type { LossOption } from './factored/loss-option.ts';
export type { FactoredCapability } from './factored/routes.ts';
export { convexForm, type ConvexFormCapability } from './convex-form/convex-form.ts';
export { plantedMatrix, type PlantedOptions } from './factored/planted.ts';

export * from './linear-network/index.ts';
export * from './quadratic-network/index.ts';
export * from './eigenvalue/index.ts';
export * from './terrains/index.ts';
export * from './define/index.ts';
export * from './phase-retrieval/index.ts';
export * from './constrained/index.ts';
export * from './fixed-rank/index.ts';
export * from './manifold/index.ts';

export { plugin, plugin as default } from './plugin.ts';
