import { library } from '@lowland/tsup-config';

export default library({ entry: ['src/index.ts', 'src/{constrained,define,eigenvalue,fixed-rank,linear-network,manifold,phase-retrieval,quadratic-network,terrains}/index.ts'] });
