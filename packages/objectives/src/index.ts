/**
 * Low-rank matrix problems. One folder is one family; `factored` is what they share.
 */
export { matrixFactorization, type MatrixFactorizationCapability, type MatrixFactorizationOptions } from './matrix-factorization/asymmetric.ts';
export { symmetricFactorization, type SymmetricFactorizationCapability, type SymmetricFactorizationOptions } from './matrix-factorization/symmetric.ts';
export { generateMatrix, type GenerateMatrixOptions } from './matrix-factorization/generate.ts';

export { matrixCompletion, type MatrixCompletion, type MatrixCompletionCapability, type MatrixCompletionOptions } from './matrix-completion/completion.ts';
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

export type { FactoredCapability } from './factored/routes.ts';
export { plantedMatrix, type PlantedOptions } from './factored/planted.ts';

export { linearNetwork, type LinearNetworkCapability, type LinearNetworkOptions } from './linear-network/linear-network.ts';
export { generateSamples, type GenerateSamplesOptions } from './linear-network/generate.ts';

export { quadraticNetwork, type QuadraticNetworkOptions } from './quadratic-network/quadratic-network.ts';
export { generateTeacher, type GenerateTeacherOptions } from './quadratic-network/generate.ts';

export * from './phase-retrieval/index.ts';

export {
  generalizedEigenvalue,
  principalComponents,
  type GeneralizedEigenvalueOptions,
  type PrincipalComponentsOptions,
} from './eigenvalue/generalized-eigenvalue.ts';
export type { EigenvalueCapability } from './eigenvalue/rayleigh.ts';
export { generatePencil, generateVariables, type GeneratePencilOptions, type GenerateVariablesOptions } from './eigenvalue/generate.ts';

export { ackley, type AckleyOptions } from './terrains/ackley.ts';
export { doubleWell, type DoubleWellOptions } from './terrains/double-well.ts';
export { monkeySaddle } from './terrains/monkey-saddle.ts';
export { octopus, type OctopusOptions } from './terrains/octopus.ts';
export { rosenbrock, type RosenbrockOptions } from './terrains/rosenbrock.ts';
export { schwefel, type SchwefelOptions } from './terrains/schwefel.ts';
export type { TerrainCapability } from './terrains/terrain.ts';

export { defineObjective, type BlockHessian, type BlockResidual, type BlockSymmetry, type ObjectiveFunctions } from './define/define-objective.ts';
export type { Blocks, Shapes } from './define/blocks.ts';

export { plugin, plugin as default } from './plugin.ts';
