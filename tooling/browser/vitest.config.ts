import { env } from 'node:process';

import { packageTests } from '@lowland/vitest-config';
import { chromium } from '@lowland/vitest-config/chromium';
import { playwright } from '@vitest/browser-playwright';

/** The tests of linalg, but for those that only Node.js can run. */
const linalg = packageTests({
  define: { 'process.env': { LOWLAND_FULL: env['LOWLAND_FULL'] ?? '' } },
  test: {
    name: 'linalg',
    root: '../../packages/linalg',
    exclude: ['**/*.node.test.ts'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: chromium() }),
      instances: [{ browser: 'chromium' }],
    },
  },
});

const launched = chromium();

/** The kernels of webgpu, on SwiftShader: the GPU that Chromium brings. */
const webgpu = packageTests({
  define: { 'process.env': {} },
  test: {
    name: 'webgpu',
    root: '../../packages/webgpu',
    exclude: ['**/*.node.test.ts'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { ...launched, args: [...(launched.args ?? []).filter((flag) => flag !== '--disable-gpu'), '--enable-unsafe-webgpu'] } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});

export default packageTests({ test: { projects: [linalg, webgpu, packageTests({ test: { name: 'pages' } })] } });
