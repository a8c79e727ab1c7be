import { packageTests } from '@lowland/vitest-config';
import { full } from '@lowland/vitest-config/full';

// Files share a process, where what they import is made once; in the full run each has one of its own.
// Tests of memory call the garbage collector.
export default packageTests({ test: { name: 'linalg', isolate: full, execArgv: ['--expose-gc'] } });
