import { library } from '@lowland/tsup-config';

export default library({ entry: ['src/index.ts', 'src/checker/index.ts'] });
