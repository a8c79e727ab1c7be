/** A hidden layer of quadratic activations. */
export { quadraticNetwork, type QuadraticNetworkOptions } from './quadratic-network.ts';
export { generateTeacher, type GenerateTeacherOptions } from './generate.ts';
