/** Ensembles of small matrix problems: their layout, and their kernels on the host. */
export { ensembleMethods, parameterCount, slotsOf, stateLength, variablesOf, type EnsembleMethod, type FactoredEnsemble } from './contract.ts';
export { hostEnsembles, type EnsembleKernels } from './host.ts';
