import { library } from '@lowland/tsup-config';

export default library({ entry: ['src/cli.ts'], platform: 'node', dts: false });
