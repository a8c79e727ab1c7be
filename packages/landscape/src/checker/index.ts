/** The checker of certificates, alone: nothing of what makes them, for Node and browsers. */
export { checkCertificate, claimTolerance, type CertificateCheck, type CheckedClaim } from './check.ts';
export { dataDigest, type CertifiedData } from './data.ts';
export { readCertificate, type CertificateClaims, type CertificateDocument, type CertificateEvidence, type FactorBlock, type StoredOffsets } from './document.ts';
export type {
  BetaProblem,
  CertifiedLoss,
  CertifiedProblem,
  CompletionProblem,
  ConstrainedProblem,
  FactorizationProblem,
  NetworkProblem,
  PhaseProblem,
  RingProblem,
  SensingProblem,
  WeightedProblem,
} from './problem.ts';
