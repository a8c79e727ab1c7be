import { packageAndTypeTests } from '@lowland/vitest-config';

export default packageAndTypeTests({ test: { name: 'objectives' } });
