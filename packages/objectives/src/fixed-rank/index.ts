/** Factored problems on the manifold of matrices of fixed rank. */
export { fixedRank, type FixedRankCapability } from './fixed-rank.ts';
export { fixedRankPoint } from './point.ts';
export { fromFactors } from './start.ts';
