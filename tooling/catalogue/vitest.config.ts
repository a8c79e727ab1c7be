import { packageTests } from '@lowland/vitest-config';

// One process for all files: what is registered is loaded and composed once.
export default packageTests({ test: { name: 'catalogue', isolate: false, fileParallelism: false } });
