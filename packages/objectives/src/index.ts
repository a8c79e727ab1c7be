export { matrixFactorization, type MatrixFactorizationCapability, type MatrixFactorizationOptions } from './matrix-factorization/asymmetric.ts';
export { symmetricFactorization, type SymmetricFactorizationCapability, type SymmetricFactorizationOptions } from './matrix-factorization/symmetric.ts';
export { matrixCompletion, type MatrixCompletion, type MatrixCompletionCapability, type MatrixCompletionOptions } from './matrix-completion/completion.ts';
export { biasBaseline, type Center, type Offsets } from './matrix-completion/offsets.ts';
export { matrixSensing, symmetricSensing, type MatrixSensingCapability, type Normalisation, type SensingOptions, type SymmetricSensingCapability } from './matrix-sensing/sensing.ts';
export { betaFamily, ring, twistedState } from './matrix-sensing/instances.ts';
