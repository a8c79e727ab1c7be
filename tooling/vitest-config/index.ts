import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';

import { TallyReporter } from './tally-reporter.ts';

/** Condition in `exports` that leads to a package's TypeScript sources instead of its dist/. */
const sourceCondition = '@lowland/source';

/** How vitest runs the tests of one package, with the other packages read from their sources. */
export const packageTests = (overrides: ViteUserConfig = {}): ViteUserConfig =>
  mergeConfig(
    defineConfig({
      resolve: { conditions: [sourceCondition, ...defaultClientConditions] },
      ssr: {
        resolve: {
          conditions: [sourceCondition, ...defaultServerConditions],
          externalConditions: [sourceCondition],
        },
      },
      test: {
        include: ['{src,test}/**/*.test.ts'],
        reporters: ['default', new TallyReporter()],
        // Worker threads and child processes start plain Node.js: give it the condition too.
        execArgv: [`--conditions=${sourceCondition}`],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    }),
    overrides,
  );

/** The same, for a package whose types are tested too, in `*.test-d.ts`. */
export const packageAndTypeTests = (overrides: ViteUserConfig = {}): ViteUserConfig =>
  mergeConfig(
    packageTests({ test: { typecheck: { enabled: true, include: ['{src,test}/**/*.test-d.ts'] } } }),
    overrides,
  );
