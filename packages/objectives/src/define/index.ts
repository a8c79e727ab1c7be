/** An objective of one's own. */
export { defineObjective, type BlockHessian, type BlockResidual, type BlockSymmetry, type ObjectiveFunctions } from './define-objective.ts';
export type { Blocks, Shapes } from './blocks.ts';
