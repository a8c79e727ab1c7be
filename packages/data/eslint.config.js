import { createConfig } from '@lowland/eslint-config';

export default createConfig(import.meta.dirname, { portable: true });
