import { packageTests } from '@lowland/vitest-config';

// What is packed must run as it is installed: from dist/, without the condition that leads to sources.
export default packageTests({ test: { name: 'packed', testTimeout: 180_000, hookTimeout: 180_000, execArgv: [] } });
