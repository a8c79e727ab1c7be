import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { library } from '@lowland/tsup-config';

/** What `lowland view` serves goes with the program. */
const page = fileURLToPath(new URL('dist/', import.meta.resolve('@lowland/viewer/package.json')));

export default library({
  entry: ['src/cli.ts'],
  platform: 'node',
  dts: false,
  onSuccess: () => {
    cpSync(page, 'dist/page', { recursive: true });
    return Promise.resolve();
  },
});
