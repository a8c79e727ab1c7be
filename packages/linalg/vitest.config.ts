import { packageTests } from '@lowland/vitest-config';

// Tests of memory call the garbage collector.
export default packageTests({ test: { name: 'linalg', execArgv: ['--expose-gc'] } });
