import { packageTests } from '@lowland/vitest-config';

export default packageTests({ test: { name: 'house', testTimeout: 120_000 } });
