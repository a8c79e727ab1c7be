/** Signals from intensities: phase retrieval on its own. */
export { phaseRetrieval, type PhaseLoss, type PhaseRetrievalCapability, type PhaseRetrievalOptions, type PhaseStart } from './phase-retrieval.ts';
export { populationPhaseRetrieval, type PopulationCapability, type PopulationOptions } from './population.ts';
export { generateIntensities, type GenerateIntensitiesOptions } from './generate.ts';
