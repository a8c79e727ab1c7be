/** Networks without activations, of any depth. */
export { linearNetwork, type LinearNetworkCapability, type LinearNetworkOptions } from './linear-network.ts';
export { generateSamples, type GenerateSamplesOptions } from './generate.ts';
