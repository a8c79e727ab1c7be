import { library } from '@lowland/tsup-config';

export default library();
