import js from '@eslint/js';
import vitest from '@vitest/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const nodeGlobals = ['process', 'Buffer', 'global', 'require', 'setImmediate', '__dirname', '__filename'];

/**
 * The lint rules of the workspace.
 *
 * @param rootDir Folder of the package that is linted (`import.meta.dirname`).
 * @param portable Whether the sources run in browsers too, so that globals of Node.js are refused.
 */
export function createConfig(rootDir: string, { portable = false } = {}) {
  return defineConfig(
    globalIgnores(['**/dist/**', '**/coverage/**', '**/.turbo/**']),
    js.configs.recommended,
    {
      files: ['**/*.{ts,tsx}'],
      extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
      languageOptions: {
        parserOptions: { projectService: true, tsconfigRootDir: rootDir },
      },
      linterOptions: { reportUnusedDisableDirectives: 'error' },
      rules: {
        '@typescript-eslint/consistent-type-imports': 'error',
        '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
        '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],

        // Every random number comes from a keyed stream, every duration from performance.now().
        'no-restricted-properties': [
          'error',
          { object: 'Math', property: 'random', message: 'Draw from a stream of @lowland/core: streamKey(seed, purpose).' },
          { object: 'Date', property: 'now', message: 'Measure durations with performance.now().' },
        ],

        // `a[i]!` is how a numeric loop reads an element under noUncheckedIndexedAccess.
        '@typescript-eslint/no-non-null-assertion': 'off',
        // Loops over typed arrays are written with indices.
        '@typescript-eslint/prefer-for-of': 'off',
        // Overloads and single-use type parameters document a call better than a union does.
        '@typescript-eslint/unified-signatures': 'off',
        '@typescript-eslint/no-unnecessary-type-parameters': 'off',
        '@typescript-eslint/no-confusing-void-expression': 'off',
        '@typescript-eslint/no-empty-function': 'off',
        '@typescript-eslint/no-invalid-void-type': 'off',
        // Steppers and kernels may be async without awaiting: their interface says when.
        '@typescript-eslint/require-await': 'off',
        // Capability objects are records of functions; none of them reads `this`.
        '@typescript-eslint/unbound-method': 'off',
      },
    },
    {
      files: ['src/**/*.{ts,tsx}'],
      ignores: ['**/*.test.ts', '**/*.test-d.ts', '**/*.bench.ts'],
      rules: {
        'no-restricted-globals': portable ? ['error', ...nodeGlobals.map((name) => ({ name, message: 'It exists in Node.js only.' }))] : 'off',
      },
    },
    {
      files: ['**/*.test.ts', '**/*.test-d.ts'],
      extends: [vitest.configs.recommended],
      rules: {
        'vitest/expect-expect': ['error', { assertFunctionNames: ['expect*', 'expectTypeOf', 'fc.assert', 'check.run', 'assertType'] }],
        'vitest/valid-title': ['error', { allowArguments: true }],
        'vitest/no-conditional-expect': 'off',
      },
      settings: { vitest: { typecheck: true } },
    },
  );
}
