import { library } from '@lowland/tsup-config';

export default library({ entry: ['src/index.ts', 'src/ensembles/index.ts', 'src/threads/index.ts'] });
