/** Leading eigenvectors as minima. */
export { generalizedEigenvalue, principalComponents, type GeneralizedEigenvalueOptions, type PrincipalComponentsOptions } from './generalized-eigenvalue.ts';
export { brockett, type BrockettCapability, type BrockettOptions } from './brockett.ts';
export type { EigenvalueCapability } from './rayleigh.ts';
export { generatePencil, generateVariables, type GeneratePencilOptions, type GenerateVariablesOptions } from './generate.ts';
