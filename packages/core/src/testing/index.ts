export { asyncBackend, referenceBackend, type AsyncBackendOptions, type TestBackend, type TestBackendOptions } from './backends.ts';
export type { PlainMatrix } from './naive-kernels.ts';
export type { PlainKernel, Usage } from './test-device.ts';
export { backendChecks } from './backend-checks.ts';
export { claim, claimClose, claimSameBits, type Check } from './check.ts';
export { objectiveChecks, type ObjectiveSuite } from './objective-checks.ts';
export { optimizerChecks, type OptimizerSuite } from './optimizer-checks.ts';
