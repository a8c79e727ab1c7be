import { packageTests } from '@lowland/vitest-config';
import { swiftshader } from '@lowland/vitest-config/swiftshader';

// Threads have an environment of their own, which Vulkan does not see: tests run in processes.
export default packageTests({ test: { name: 'webgpu', pool: 'forks', env: swiftshader() } });
