export { adam, type AdamOptions } from './adam/adam.ts';
export { alternatingGradientDescent, type AlternatingGradientDescentOptions } from './alternating/alternating-gradient-descent.ts';
export { alternatingConjugateGradients, type AlternatingConjugateGradientsOptions } from './alternating/alternating-conjugate-gradients.ts';
export { alternatingLeastSquares } from './alternating/alternating-least-squares.ts';
export {
  alternatingScaledGradientDescent,
  type AlternatingScaledGradientDescentOptions,
} from './alternating/alternating-scaled-gradient-descent.ts';
export { nonlinearConjugateGradient, type NonlinearConjugateGradientOptions } from './conjugate/nonlinear-conjugate-gradient.ts';
export { gradientFlow, type GradientFlowOptions } from './flow/gradient-flow.ts';
export { armijo, type ArmijoOptions } from './gradient-descent/armijo.ts';
export { barzilaiBorwein, type BarzilaiBorweinOptions } from './gradient-descent/barzilai-borwein.ts';
export { fixed } from './gradient-descent/fixed.ts';
export { euclidean, flatLines, ownGeometry, type BoundGeometry, type Geometry } from './gradient-descent/geometry.ts';
export { gradientDescent, type GradientDescentOptions } from './gradient-descent/gradient-descent.ts';
export { linearised } from './gradient-descent/linearised.ts';
export { polyak, type PolyakOptions } from './gradient-descent/polyak.ts';
export type { StepRule } from './gradient-descent/step-rule.ts';
export { augmentedLagrangian, type AugmentedLagrangianOptions } from './constrained/augmented-lagrangian.ts';
export { primalDual, type PrimalDualOptions } from './constrained/primal-dual.ts';
export { firstOrderConditions } from './constrained/tracker.ts';
export { heavyBall, type HeavyBallOptions } from './momentum/heavy-ball.ts';
export { nesterov, type NesterovOptions } from './momentum/nesterov.ts';
export { gaussNewton, type GaussNewtonOptions } from './least-squares/gauss-newton.ts';
export { gnmr, type GnmrOptions } from './least-squares/gnmr.ts';
export { lmafit, type LmafitOptions } from './alternating/lmafit.ts';
export { levenbergMarquardt, type LevenbergMarquardtOptions } from './least-squares/levenberg-marquardt.ts';
export { antisymmetricPart, noDrift, rotation, type AntisymmetricDrift } from './langevin/drift.ts';
export { langevin, type LangevinOptions } from './langevin/langevin.ts';
export { underdampedLangevin, type UnderdampedLangevinOptions } from './langevin/underdamped-langevin.ts';
export { cubicRegularisation, type CubicRegularisationOptions } from './newton/cubic-regularisation.ts';
export { newtonCg, type NewtonCgOptions } from './newton/newton-cg.ts';
export { rectangularNesterov, type RectangularNesterovOptions } from './momentum/rectangular-nesterov.ts';
export { perturbedGradientDescent } from './perturbed/perturbed-gradient-descent.ts';
export type { PerturbationOptions } from './perturbed/thresholds.ts';
export { orthogonal } from './initial/orthogonal.ts';
export { nearFeasible } from './initial/near-feasible.ts';
export { rankDeficient } from './initial/rank-deficient.ts';
export { sketched } from './initial/sketched.ts';
export { smallGaussian } from './initial/small-gaussian.ts';
export { spectral } from './initial/spectral.ts';
export { wardKolda } from './initial/ward-kolda.ts';
export { plugin, plugin as default } from './plugin.ts';
export { polish, type Polish, type PolishOptions } from './polish/polish.ts';
export { proximalGradient, type ProximalGradientOptions } from './proximal/proximal-gradient.ts';
export { singularValueProjection, type SingularValueProjectionOptions } from './proximal/singular-value-projection.ts';
export { singularValueThresholding, type SingularValueThresholdingOptions } from './proximal/singular-value-thresholding.ts';
export { softImputeAls } from './proximal/soft-impute-als.ts';
export { softImpute, type SoftImputeOptions } from './proximal/soft-impute.ts';
export { lbfgs, type LbfgsOptions } from './quasi-newton/lbfgs.ts';
export {
  preconditionedGradientDescent,
  type PreconditionedGradientDescentOptions,
} from './scaled/preconditioned-gradient-descent.ts';
export { riemannianConjugateGradient, type RiemannianConjugateGradientOptions } from './riemannian/riemannian-conjugate-gradient.ts';
export { quotient } from './scaled/quotient-geometry.ts';
export { scaled, type ScaledGeometryOptions } from './scaled/scaled-geometry.ts';
export { scaledGradientDescent, type ScaledGradientDescentOptions } from './scaled/scaled-gradient-descent.ts';
export { noisyGradientDescent, type NoisyGradientDescentOptions } from './stochastic/noisy-gradient-descent.ts';
export { constant, epochWise, geometric, inverseTime, type Schedule } from './stochastic/schedules.ts';
export { stochasticGradientDescent, type StochasticGradientDescentOptions } from './stochastic/stochastic-gradient-descent.ts';
export { trustRegion, type TrustRegionOptions } from './trust-region/trust-region.ts';
