import { packageTests } from '@lowland/vitest-config';

export default packageTests({ test: { name: 'data' } });
