export type { Certificate, CertificateRule, NormBound } from './certificate.ts';
export { certificateDocument, type CertificateSource } from './certificate-document.ts';
export { certify, certifyPoint, type CertifyOptions } from './certify.ts';
export type { CertificateCheckpoint, CertifiedSolution, Growth, Progress, Round, SolveToCertificateOptions } from './certified-solution.ts';
export { convexLifting } from './convex-lifting.ts';
export { solveToCertificate } from './solve-to-certificate.ts';
export {
  balancedFactors,
  columnsOf,
  factorsAt,
  layoutOfRank,
  numericalRank,
  pointOf,
  productSvd,
  withColumns,
  type Factored,
  type ThinProduct,
} from './factored.ts';
export type { Classification, Curvature, Escape, Nullity, PointKind } from './classify/classification.ts';
export { classify, type ClassifyOptions } from './classify/classify.ts';
export { meanExitTimes, richardson, type ExitProblem, type ExitTimeField } from './dynamics/backward-equation.ts';
export { conserved, driftLaw, type Conserved, type DriftLaw } from './dynamics/conservation.ts';
export { factorRank, regionVisited, solutionDistance, type FactorRank } from './dynamics/orbits.ts';
export { twoPhase, type TwoPhase } from './dynamics/two-phase.ts';
export { twoPhaseScales, type TwoPhaseScales } from './dynamics/two-phase-scales.ts';
export { escapeTimes, linearEscapeTime, type EscapeTimes, type EscapeTimesOptions } from './dynamics/escape.ts';
export { recurrence, type Recurrence, type RecurrenceOptions } from './dynamics/recurrence.ts';
export { exitTimes, type ExitPoint, type ExitTimes, type ExitTimesOptions } from './dynamics/exit-times.ts';
export { eyringKramers, type Barrier, type Dynamics } from './dynamics/eyring-kramers.ts';
export { eigenvaluesOf, type ComplexNumbers } from './dynamics/general-eigenvalues.ts';
export { meanPassageTime, type PassageProblem } from './dynamics/mean-passage.ts';
export { leavingRate, nonreversibleRate, rotationMatrix, underdampedRate } from './dynamics/rates.ts';
export { allStationaryPoints, type AllStationaryPoints, type AllStationaryPointsOptions, type StationaryPoint } from './homotopy/all-stationary-points.ts';
export { census, type Census, type CensusOptions, type CensusStage } from './census/census.ts';
export type { Continuum, StationaryOrbit } from './census/stationary-orbit.ts';
export type { Audit } from './census/audit.ts';
export { basins, type Basin, type BasinDirection, type Basins, type BasinsOptions } from './basins/basins.ts';
export { basinsFrom, type BasinsSettings } from './basins/definition.ts';
export { between, type Between, type BetweenOptions, type Path } from './connections/between.ts';
export { connect, type Connections, type ConnectOptions, type Fall } from './connections/connect.ts';
export type { Band } from './connections/elastic-band.ts';
export { joinHeight, type Leaf, type MergeNode, type MergeTree } from './connections/merge-tree.ts';
export type { Element } from './groups/elements.ts';
export { nullity, type Excess, type NullityReport } from './groups/nullity-report.ts';
export { actionOf, type Action, type Aligned, orbitDimension, orbitDistance, type OrbitShape } from './groups/action.ts';
export { generalLinearSymmetry, orthogonalSymmetry } from '@lowland/linalg';
export { regionMap, type RegionMap, type RegionMapOptions } from './regions/region-map.ts';
export { isotropy, type FixedSpaceReport, type Isotropy, type IsotropyOptions, type IsotropyOrbit, type IsotropyPoint } from './isotropy/isotropy.ts';
export { readSubgroups, type Generator, type Subgroup } from './isotropy/generators.ts';
export type { Places as SubgroupPlaces } from './isotropy/lines.ts';
export type { Block as HessianBlock } from './isotropy/split.ts';
export { rip, type Known, type RestrictedIsometry, type RipOptions } from './isometry/rip.ts';
export { regions, type Guarantee, type Region, type Regions, type RegionsOptions } from './regions/regions.ts';
export { filterNormalised, projectTo, randomDirection, towards, trajectoryPlane, type TrajectoryPlane } from './slice/directions.ts';
export type { SectionPoint, SectionPoints } from './slice/critical-points.ts';
export { lagrangeBasis, type LagrangeBasis } from './slice/lagrange.ts';
export { fromFactor as planePolynomialOf, type PlanePolynomial } from './slice/plane-polynomial.ts';
export { phaseMap, type PhaseAxis, type PhaseCell, type PhaseMap, type PhaseMapOptions } from './phase/phase-map.ts';
export { wilson } from './phase/wilson.ts';
export { planeEvaluator, type Evaluation, type PlaneEvaluator } from './slice/plane-values.ts';
export { slice, type Slice, type SliceDirection, type SliceOptions } from './slice/slice.ts';
export type { SliceTrajectory, Trajectory } from './slice/trajectory.ts';
export { spectrum, type RitzValue, type SpectralBound, type Spectrum, type SpectrumOptions } from './spectrum/spectrum.ts';
export { spectralDensity, stochasticLanczos, traceOf, type Estimate, type ProbeOptions, type ProbeRule, type SpectralDensity } from './spectrum/quadrature.ts';
export { hutchPlusPlus, type TraceEstimate } from './spectrum/hutch.ts';
export { escapes, type Escapes, type EscapesOptions } from './escapes.ts';
export { dualBound, type DualBound, type DualBoundOptions } from './semidefinite-bound.ts';
export { atMultipliers } from './at-multipliers.ts';
export { inFactors, type Place } from './in-factors.ts';
export { alignment, balancedness, distance, effectiveRank, effectiveRankOf, sharpness, singularValues } from './trackers/trackers.ts';
export { verdictSentence } from './verdict-sentence.ts';
export { verdictAt, type Verdict, type VerdictOptions } from './verdict.ts';
export { plugin, plugin as default } from './plugin.ts';
