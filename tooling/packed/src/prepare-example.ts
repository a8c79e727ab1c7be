/** Packs every package, as built, into examples/third-party-optimizer/tarballs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { packAll, root } from './npm.ts';

const folder = join(root, 'examples/third-party-optimizer/tarballs');
mkdirSync(folder, { recursive: true });
for (const tarball of await packAll(folder)) console.log(tarball);
