import { defaultClientConditions, defineConfig } from 'vite';

/** Static files that any host can serve, from any folder. The packages are taken from their sources, as everywhere in the workspace. */
export default defineConfig({
  base: './',
  resolve: { conditions: ['@lowland/source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // the program of the workers is one file, which the page holds: it asks for nothing later
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
  build: { target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: true, chunkSizeWarningLimit: 1000 },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1', port: 4273 },
});
