import { packageTests } from '@lowland/vitest-config';

// Visits wait more than they compute: two files at a time, in one browser.
export default packageTests({ test: { name: 'viewer', globalSetup: 'test/browser.ts', maxWorkers: 2 } });
